"""Those of OONI's kinds in which the site redirects: something is wrong only where the redirect leads, or leads nowhere."""

from lab.censor import Action, Rule
from lab.scenario import Expected, Scenario, blocked, only
from lab.scenario_parts import (
    DOWN,
    NAME,
    NEXT,
    NEXT_ADDRESS,
    OK,
    VOID,
    box,
    leads_to,
    site,
)
from lab.sites import Page
from models.words import Mechanism, Stage

M = Mechanism


def _then(what: str, kind: str, rule: Rule, expected: Expected, *, scheme: str) -> Scenario:
    """A site that works redirects to one that is interfered with."""
    return Scenario(
        id=f"redirect_then_{what}_over_{scheme}",
        says=f"A site that works redirects to another over {scheme}; there, {_SAYS[what]}.",
        looks_like=f"redirectWithConsistentDNSAndThen{kind}",
        target=NAME,
        sites=(site(pages={"/": leads_to(f"{scheme}://{NEXT}/")}), site(NEXT, NEXT_ADDRESS)),
        rules=(rule,),
        expected=expected,
    )


_SAYS = {
    "refused": "every connection is reset as soon as it stands",
    "reset": "the connection is reset when the name is seen",
    "closed": "the connection is closed when the name is seen",
    "silence": "nothing comes back once the name is seen",
    "denied_name": "the resolver says that the name does not exist",
}

_CUTS = (
    ("reset", "ConnectionReset", Action.HTTP_RESET, Action.SNI_RESET, M.HTTP_RESET, M.SNI_RESET),
    ("closed", "EOF", Action.HTTP_CLOSE, Action.SNI_CLOSE, M.HTTP_CLOSE, M.SNI_CLOSE),
    ("silence", "Timeout", Action.HTTP_DROP, Action.SNI_DROP, M.HTTP_TIMEOUT, M.SNI_TIMEOUT),
)

_INTERFERENCE = (
    *(
        # On the simulated internet a box answers with a reset, as the one in OONI's closes a connection to an endpoint.
        _then("refused", f"ConnectionRefusedFor{scheme.upper()}", box(Action.IP_RESET, NEXT), expected, scheme=scheme)
        for scheme, expected in (
            ("http", blocked(Stage.HTTP, M.HTTP_RESET)),
            ("https", blocked(Stage.TLS, M.SNI_RESET)),
        )
    ),
    *(
        _then(what, f"{kind}ForHTTP", box(in_clear, NEXT), blocked(Stage.HTTP, seen), scheme="http")
        for what, kind, in_clear, _, seen, _ in _CUTS
    ),
    *(
        _then(what, f"{kind}ForHTTPS", box(in_tls, NEXT), blocked(Stage.TLS, seen), scheme="https")
        for what, kind, _, in_tls, _, seen in _CUTS
    ),
    _then(
        "denied_name", "NXDOMAIN", box(Action.DNS_NXDOMAIN, NEXT), blocked(Stage.DNS, M.DNS_NXDOMAIN), scheme="https"
    ),
)


def _endless(scheme: str) -> Scenario:
    steps: dict[str, Page] = {f"/{n}": leads_to(f"{scheme}://{NAME}/{n + 1}") for n in range(15)}
    return Scenario(
        id=f"endless_redirects_over_{scheme}",
        says="The site redirects more than ten times in a row, for everybody.",
        looks_like=f"redirectWithMoreThanTenRedirectsAnd{scheme.upper()}",
        target=NAME,
        scheme=scheme,
        path="/0",
        sites=(site(pages=steps),),
        expected=only(DOWN, VOID, OK),
    )


def _broken(scheme: str) -> Scenario:
    return Scenario(
        id=f"redirect_to_nowhere_over_{scheme}",
        says="The site redirects to a URL without a host, for everybody.",
        looks_like=f"redirectWithBrokenLocationFor{scheme.upper()}",
        target=NAME,
        scheme=scheme,
        sites=(site(pages={"/": leads_to(f"{scheme}://")}),),
        expected=only(DOWN, VOID, OK),
    )


OONI_WALKS = (*_INTERFERENCE, *(make(scheme) for make in (_broken, _endless) for scheme in ("http", "https")))
