"""Interference by stage: each mechanism, over http and https, at the first hop and after a redirect, beside a control and without."""

from dataclasses import replace

from lab.censor import Action
from lab.scenario import ControlState, Expected, Scenario, blocked, only, settled
from lab.scenario_parts import (
    ADDRESS,
    ADDRESS_2,
    BLOCK_PAGE,
    FORGED,
    HTML,
    LARGE_PAGE,
    NAME,
    VOID,
    after_redirect,
    box,
    in_the_clear,
    site,
)
from lab.sites import Page
from models.words import BLOCKED, Mechanism, Stage

M = Mechanism


def _alone(scenario: Scenario, expected: Expected) -> Scenario:
    """Returns the same condition where there is no control."""
    return replace(
        scenario,
        id=f"{scenario.id}_and_no_control",
        says=f"{scenario.says[:-1]}, and there is no control.",
        control=ControlState.NONE,
        expected=expected,
    )


def _blind(scenario: Scenario) -> Scenario:
    """Returns the same condition where there is no control, and nothing is tried again: nothing can be known."""
    told = _alone(scenario, only(VOID))
    return replace(
        told, id=f"{told.id}_nor_contrast", says=f"{told.says[:-1]} and nothing is tried again.", contrasts=None
    )


def _unanswered(scenario: Scenario, expected: Expected) -> Scenario:
    """Returns the same condition where the control cannot be asked."""
    return replace(
        scenario,
        id=f"{scenario.id}_and_control_away",
        says=f"{scenario.says[:-1]}, and the control cannot be asked.",
        control=ControlState.UNREACHABLE,
        expected=expected,
    )


# the name

_DENIED = Scenario(
    id="name_is_denied",
    says="The resolver says that the name does not exist; elsewhere it does.",
    target=NAME,
    sites=(site(),),
    rules=(box(Action.DNS_NXDOMAIN),),
    expected=blocked(Stage.DNS, M.DNS_NXDOMAIN),
)
_SERVFAIL = replace(
    _DENIED,
    id="resolver_fails_on_the_name",
    says="The resolver says that it failed, on this name alone.",
    rules=(box(Action.DNS_SERVFAIL),),
    expected=blocked(Stage.DNS, M.DNS_SERVFAIL),
)
_REFUSED = replace(
    _DENIED,
    id="resolver_refuses_the_name",
    says="The resolver refuses to answer for this name, and answers for others.",
    rules=(box(Action.DNS_REFUSED),),
    expected=blocked(Stage.DNS, M.DNS_REFUSED),
)
_SILENT = replace(
    _DENIED,
    id="resolver_is_silent_on_the_name",
    says="Queries for this name get no reply, and queries for others do.",
    rules=(box(Action.DNS_SILENT),),
    expected=blocked(Stage.DNS, M.DNS_TIMEOUT),
)
_FORGED_ANSWER = replace(
    _DENIED,
    id="forged_answer_leads_nowhere",
    says="The resolver gives a forged address, where nothing answers.",
    rules=(box(Action.DNS_FORGE, addresses=(FORGED,)),),
    expected=blocked(Stage.DNS, M.DNS_FORGED_ANSWER),
)
_INJECTED = replace(
    _DENIED,
    id="injected_answer_comes_first",
    says="A forged answer arrives first, and the resolver's true one after it.",
    rules=(box(Action.DNS_INJECT, addresses=(FORGED,)),),
    expected=settled(Stage.DNS, M.DNS_INJECTION),
)

NAMES = (
    in_the_clear(_DENIED),
    _unanswered(_DENIED, only(VOID)),
    _blind(_DENIED),
    replace(
        _alone(_DENIED, blocked(Stage.DNS, M.DNS_NXDOMAIN)),
        id="name_is_denied_and_another_resolver_knows_it",
        says="The resolver denies the name; at the address that another resolver gives, the site shows its certificate.",
        checks=True,
    ),
    _SERVFAIL,
    _REFUSED,
    after_redirect(_REFUSED),
    _SILENT,
    after_redirect(_SILENT),
    _FORGED_ANSWER,
    after_redirect(_FORGED_ANSWER),
    _blind(_FORGED_ANSWER),
    _INJECTED,
    in_the_clear(_INJECTED),
    replace(
        _INJECTED,
        id="answer_from_where_no_resolver_runs",
        says="A query for the name, sent where no resolver runs, is answered all the same.",
        nobody=True,
    ),
    replace(
        _DENIED,
        id="injected_denial_comes_first",
        says="An injected answer with a bogon arrives first, and the resolver's true one after it.",
        rules=(box(Action.DNS_INJECT, addresses=("0.0.0.0",)),),
        expected=settled(Stage.DNS, M.DNS_INJECTION),
    ),
)

# the address

_DROPPED = Scenario(
    id="address_gets_no_reply",
    says="The packets to the site's address are dropped.",
    target=NAME,
    sites=(site(),),
    rules=(box(Action.IP_DROP),),
    expected=blocked(Stage.TCP, M.IP_TIMEOUT),
)
_RESET = replace(
    _DROPPED,
    id="address_is_reset",
    says="Every connection to the site's address is reset as soon as it stands, whatever it asks for.",
    rules=(box(Action.IP_RESET),),
    expected=Expected(outcomes=BLOCKED, mechanisms=frozenset({M.IP_RESET, M.SNI_RESET, M.HTTP_RESET})),
)

ADDRESSES = (
    in_the_clear(_DROPPED),
    after_redirect(_DROPPED),
    _alone(_DROPPED, only(VOID)),
    _unanswered(_DROPPED, only(VOID)),
    _RESET,
    in_the_clear(_RESET),
    _alone(_RESET, only(VOID)),
    replace(
        _DROPPED,
        id="both_addresses_get_no_reply",
        says="The packets to both of the site's addresses are dropped.",
        sites=(site(NAME, ADDRESS, ADDRESS_2),),
    ),
)

# the handshake

_CUT = Scenario(
    id="hello_is_reset",
    says="The connection is reset after the ClientHello that names the site.",
    target=NAME,
    sites=(site(),),
    rules=(box(Action.SNI_RESET),),
    expected=settled(Stage.TLS, M.SNI_RESET),
)
_MITM = replace(
    _CUT,
    id="forged_certificate_and_block_page",
    says="A box shakes hands with a certificate of its own and shows a block page.",
    rules=(box(Action.TLS_MITM, page=BLOCK_PAGE),),
    expected=settled(Stage.TLS, M.TLS_MITM),
)

HANDSHAKES = (
    _CUT,
    replace(
        _CUT,
        id="hello_is_closed",
        says="The connection is closed after the ClientHello that names the site.",
        rules=(box(Action.SNI_CLOSE),),
        expected=settled(Stage.TLS, M.SNI_CLOSE),
    ),
    replace(
        _CUT,
        id="hello_gets_no_reply",
        says="Nothing comes back after the ClientHello that names the site.",
        rules=(box(Action.SNI_DROP),),
        expected=settled(Stage.TLS, M.SNI_TIMEOUT),
    ),
    replace(
        _CUT,
        id="hello_is_reset_with_residual_blocking",
        says="The ClientHello is reset, and for three minutes after it whatever is sent to that address.",
        rules=(box(Action.SNI_RESET, residual=180),),
        expected=blocked(Stage.TLS, M.SNI_RESET),
    ),
    replace(
        _CUT,
        id="hello_for_any_name_below_is_reset",
        says="The ClientHello is reset for each name under a domain, this one among them.",
        rules=(box(Action.SNI_RESET, ".rights.example"),),
    ),
    replace(
        _alone(_CUT, settled(Stage.TLS, M.SNI_RESET)),
        says="The ClientHello is reset, there is no control, and contrasts show that the name is the cause.",
    ),
    _blind(_CUT),
    _unanswered(_CUT, settled(Stage.TLS, M.SNI_RESET)),
    _MITM,
    after_redirect(_MITM),
    replace(
        _MITM,
        id="forged_certificate_and_true_page",
        says="A box shakes hands with a certificate of its own, and passes the true page on.",
        rules=(box(Action.TLS_MITM),),
    ),
    _blind(_MITM),
)

# the page

_CLOSED = Scenario(
    id="request_is_closed",
    says="The connection is closed as soon as the request names the site.",
    target=NAME,
    scheme="http",
    sites=(site(),),
    rules=(box(Action.HTTP_CLOSE),),
    expected=settled(Stage.HTTP, M.HTTP_CLOSE),
)
_NO_REPLY = replace(
    _CLOSED,
    id="request_gets_no_reply",
    says="Nothing comes back once the request names the site.",
    rules=(box(Action.HTTP_DROP),),
    expected=settled(Stage.HTTP, M.HTTP_TIMEOUT),
)
_NOTICE = replace(
    _CLOSED,
    id="notice_with_status_403",
    says="A box answers the request itself, with a block page and status 403.",
    rules=(box(Action.HTTP_PAGE, page=BLOCK_PAGE, status=403),),
    expected=blocked(Stage.HTTP, M.HTTP_DIFF, M.BLOCKPAGE),
)
_LED_AWAY = replace(
    _CLOSED,
    id="visitor_is_sent_to_a_block_page",
    says="A box sends the visitor to a block page on somebody else's domain.",
    sites=(site(), site("blocked.ministry.example", FORGED, pages={"/": Page(body=BLOCK_PAGE)})),
    rules=(box(Action.HTTP_REDIRECT, location="http://blocked.ministry.example/?site=rights"),),
    expected=blocked(Stage.HTTP, M.HTTP_DIFF, M.BLOCKPAGE, M.BLOCKPAGE_REDIRECT),
)
_FROZEN = Scenario(
    id="page_freezes",
    says="The page begins to arrive, and nothing more comes after 20,000 octets.",
    target=NAME,
    sites=(site(pages={"/": LARGE_PAGE}),),
    rules=(box(Action.FREEZE, after=20_000),),
    timeout=3.2,
    total_timeout=25,
    expected=blocked(Stage.HTTP, M.STALLED),
)

FETCHES = (
    _CLOSED,
    after_redirect(_CLOSED),
    _NO_REPLY,
    _blind(_CLOSED),
    _alone(_NO_REPLY, settled(Stage.HTTP, M.HTTP_TIMEOUT)),
    _NOTICE,
    after_redirect(_NOTICE),
    _alone(_NOTICE, only(VOID)),
    _LED_AWAY,
    replace(
        _LED_AWAY,
        id="visitor_is_sent_to_a_block_page_with_a_valid_certificate",
        says="A box sends the visitor to a block page that has a valid certificate of its own.",
        rules=(box(Action.HTTP_REDIRECT, location="https://blocked.ministry.example/?site=rights"),),
    ),
    replace(
        _NOTICE,
        id="status_451_from_the_network",
        says="A box answers 451 and says that the network's operator blocks the site.",
        rules=(
            box(
                Action.HTTP_PAGE,
                page=BLOCK_PAGE,
                status=451,
                headers=(HTML, ("Link", '<https://isp.example/>; rel="blocked-by"')),
            ),
        ),
    ),
    _FROZEN,
    in_the_clear(_FROZEN),
)

INTERFERENCE = (*NAMES, *ADDRESSES, *HANDSHAKES, *FETCHES)
