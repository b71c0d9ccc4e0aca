"""The second table: the name. Certificate before ASN, ASN before anything looser; a closed resolver is no censor."""

from evidence.facts import Hop
from evidence.facts_dns import NO_DATA, Resolved, silent
from evidence.rule import Rule, always
from models.failures import Failure
from models.words import Mechanism, Outcome, Stage

NEEDS_CONTROL = "A control: `wallwatch control --listen 0.0.0.0:8080` on a small server abroad, named under `controls:` in `targets.yaml`."
_REPEAT = "A second query that is answered."
_MECHANISMS: dict[str, Mechanism] = {
    Failure.DNS_NXDOMAIN_ERROR: Mechanism.DNS_NXDOMAIN,
    Failure.DNS_SERVFAIL_ERROR: Mechanism.DNS_SERVFAIL,
    Failure.DNS_SERVER_MISBEHAVING: Mechanism.DNS_SERVFAIL,
    Failure.DNS_TEMPORARY_FAILURE: Mechanism.DNS_SERVFAIL,
    Failure.DNS_NON_RECOVERABLE_FAILURE: Mechanism.DNS_SERVFAIL,
    Failure.DNS_REFUSED_ERROR: Mechanism.DNS_REFUSED,
    Failure.GENERIC_TIMEOUT_ERROR: Mechanism.DNS_TIMEOUT,
    Failure.TIMED_OUT: Mechanism.DNS_TIMEOUT,
    **dict.fromkeys(NO_DATA, Mechanism.DNS_NO_ANSWER),
}


def _says_no_name(view: Resolved) -> bool:
    return view.failure == Failure.DNS_NXDOMAIN_ERROR


def _denied(h: Hop) -> tuple[Resolved, ...]:
    """Returns the resolvers whose failure counts: a denial always; anything softer when no resolver of the walk works."""
    named = (view for view in h.dns.failing if view.failure in _MECHANISMS)
    return tuple(
        view for view in named if _says_no_name(view) or h.dns.all_failing or h.contrast.answers_neutral(view.resolver)
    )


def _mechanism(h: Hop) -> Mechanism | None:
    views = sorted(_denied(h), key=lambda view: not _says_no_name(view))
    return next((_MECHANISMS[view.failure] for view in views if view.failure), None)


def _closed(h: Hop) -> bool:
    """Every failing resolver refuses a harmless name too, or nothing shows that it serves this vantage point at all."""
    return h.dns.all_failing and all(
        h.contrast.refuses_neutral(view.resolver)
        or (view.failure == Failure.DNS_REFUSED_ERROR and not _serves(h, view.resolver))
        for view in h.dns.failing
    )


def _serves(h: Hop, resolver: str) -> bool:
    asked_for_canaries = h.look.canary_held and (resolver == "system" or len(h.dns.resolvers) == 1)
    answered = any(x.addresses for x in h.facts.measurement.dns if x.resolver == resolver)
    return answered or h.contrast.answers_neutral(resolver) or asked_for_canaries


def _lost_packet(h: Hop) -> bool:
    return h.dns.all_failing and all(silent(view.failure) and view.one_packet for view in h.dns.failing)


def _check_loads(h: Hop) -> bool:
    """A resolver here denies the name, and an address that another gave holds a certificate for it."""
    return bool(_denied(h)) and bool(h.dns.vouched) and not _closed(h) and not _lost_packet(h)


def _search_page(h: Hop) -> bool:
    """The answer is what this resolver says for any name that does not exist."""
    rewritten = h.contrast.unregistered_addresses
    return bool(rewritten) and bool(h.dns.answered) and h.dns.answered <= rewritten and not h.dns.vouched


def _ghost(h: Hop) -> bool:
    """The name does not exist for the control, and an answer came all the same."""
    return h.control.no_such_name and bool(h.dns.answered) and not h.dns.vouched and not h.dns.checked


def _public_resolver_answers_too(h: Hop) -> bool:
    checks = {x.resolver for x in h.dns.checks if x.addresses and x.resolver.startswith("udp://")}
    return bool(checks) and not h.contrast.unregistered_addresses


def _injected_from_nowhere(h: Hop) -> bool:
    """An address that runs no resolver answered for the name, and not with the site's addresses."""
    return any(
        not look.addresses or not h.dns.known & set(look.addresses) for look in h.contrast.from_nowhere
    ) and bool(h.dns.known)


def _tcp_tells_truth(h: Hop) -> bool:
    """The same resolver gives the site's address over TCP, and somebody else's over UDP.

    Without a control somebody else's certificate must have been shown: a site may have servers that are out of order.
    """
    told = bool(h.contrast.tcp_addresses & h.dns.known) and bool(h.dns.foreign or h.dns.bogons)
    return told and (h.control.resolved or h.dns.foreign_is_false_here)


DNS = (
    Rule(
        id="dns.led_away",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=Mechanism.HTTP_DIFF,
        sentence="The visitor here is led to {host}, where no page comes; the control ends on {control_end} with its page.",
        would_change="The control being led there too.",
        holds=lambda h: h.http.led_away and h.is_last and not h.http.answered,
    ),
    Rule(
        id="dns.literal",
        outcome=None,
        sentence="The host is an address; nothing is looked up.",
        holds=lambda h: h.is_address,
    ),
    Rule(
        id="dns.not_asked",
        outcome=None,
        sentence="The name was not looked up here.",
        holds=lambda h: not h.dns.walk,
    ),
    Rule(
        id="dns.answer_from_nowhere",
        outcome=Outcome.CONFIRMED,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_INJECTION,
        sentence="A query for {name}, sent to an address that runs no resolver, was answered with {from_nowhere}.",
        would_change="No answer from there, or the site's own addresses.",
        holds=_injected_from_nowhere,
    ),
    Rule(
        id="dns.two_authors_here",
        outcome=Outcome.CONFIRMED,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_INJECTION,
        sentence="One query for {name} got answers that disagree: {replies}; one is the site's, another's holder cannot show the site's certificate.",
        would_change="Answers that agree.",
        holds=lambda h: h.dns.two_authors_here,
    ),
    Rule(
        id="dns.two_authors",
        outcome=Outcome.CONFIRMED,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_INJECTION,
        sentence="One query for {name} got answers that disagree: {replies}; {known_from} gives {known}.",
        would_change="Answers that agree, or a valid certificate for the name on every address.",
        holds=lambda h: h.dns.two_authors,
    ),
    Rule(
        id="dns.tcp_contrast",
        outcome=Outcome.CONFIRMED,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_INJECTION,
        sentence="Over UDP the resolver seems to answer {here} for {name}; the same resolver over TCP gives {over_tcp}, as {known_from} does.",
        holds=_tcp_tells_truth,
    ),
    Rule(
        id="dns.known_forged_address",
        outcome=Outcome.CONFIRMED,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_FORGED_ANSWER,
        sentence="The answer {here} is a known forged one: {address_marks}.",
        would_change="A valid certificate for the name at that address, or the control getting the same answer.",
        holds=lambda h: bool(h.marks.forged),
    ),
    Rule(
        id="dns.hosts_file",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The name {name} is set to {here} in this machine's own hosts file, and no valid certificate is there.",
        holds=lambda h: h.dns.from_hosts_file and not h.dns.vouched and not h.dns.answered <= h.dns.known,
    ),
    Rule(
        id="dns.repeat_answered",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{denial}, but the very same query was answered when it was sent again.",
        holds=lambda h: bool(_denied(h)) and h.contrast.repeat_resolves and not any(map(_says_no_name, _denied(h))),
    ),
    Rule(
        id="dns.check_loads",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=_mechanism,
        sentence="{denial}; {vouched}, which others give for it, showed a valid certificate for {name} from here.",
        would_change="An answer with the site's address.",
        holds=_check_loads,
    ),
    Rule(
        id="dns.check_contradicts",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=lambda h: Mechanism.DNS_BOGON if h.dns.only_bogons else Mechanism.DNS_FORGED_ANSWER,
        sentence="The resolver here gives {here}, which holds no certificate for {name}; {vouched}, which others give for it, does.",
        would_change="A valid certificate for the name on the answer's address.",
        holds=lambda h: h.dns.foreign_is_false_here and bool(h.dns.vouched) and not _kin_of_control(h),
    ),
    Rule(
        id="dns.resolver_closed",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The resolver does not serve this vantage point: {denial}, and nothing shows that it answers for any other name.",
        would_change="A harmless name that this resolver does answer for.",
        holds=_closed,
    ),
    Rule(
        id="dns.lost_packet",
        outcome=Outcome.INCONCLUSIVE,
        sentence="A single UDP query for {name} got no reply: a lost packet looks the same.",
        would_change=_REPEAT,
        holds=_lost_packet,
    ),
    Rule(
        id="dns.down",
        outcome=Outcome.DOWN,
        sentence="{denial}; the control gets no address for {name} either ({control_dns}).",
        would_change="A control that resolves the name.",
        holds=lambda h: h.dns.all_failing and h.control.resolved_nothing and not h.dns.own_known,
    ),
    Rule(
        id="dns.denied_here",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=_mechanism,
        sentence="{denial}; the control resolves {name} to {control_addresses}.",
        would_change="A repeat that resolves, or a control that does not.",
        holds=lambda h: bool(_denied(h)) and h.control.resolved,
    ),
    Rule(
        id="dns.denied_after_redirect",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=_mechanism,
        sentence="{denial}, after the redirect to it; the control followed the same walk to its page.",
        holds=lambda h: bool(_denied(h)) and h.number > 0 and not h.control.own and h.control.loaded,
    ),
    Rule(
        id="dns.down_after_redirect",
        outcome=Outcome.DOWN,
        sentence="{denial}, after the redirect to it; the control did not get to a page either ({control_http}).",
        holds=lambda h: h.dns.all_failing and h.number > 0 and not h.control.own and h.control.not_loaded,
    ),
    Rule(
        id="dns.denied_uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{denial}; {no_control}, so nobody can say whether the name exists elsewhere.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: h.dns.all_failing,
    ),
    Rule(
        id="dns.nxdomain_rewritten",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_NXDOMAIN,
        sentence="The resolver here gives {here} for {name}, as it does for a name that nobody registered; the control resolves it to {control_addresses}.",
        holds=lambda h: _search_page(h) and h.control.resolved and not h.dns.answered & h.dns.known,
    ),
    Rule(
        id="dns.search_page",
        outcome=Outcome.DOWN,
        sentence="The name {name} does not exist for the control; the resolver here gives {here}, as it does for any name that nobody registered.",
        holds=lambda h: _search_page(h) and h.control.no_such_name,
    ),
    Rule(
        id="dns.ghost_contrast",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_FORGED_ANSWER,
        sentence="The name {name} does not exist for the control, yet the resolver here gives {here}; of a name that nobody registered it says that there is none.",
        would_change="A name that was given up within the last days, and that the resolver still remembers.",
        holds=lambda h: _ghost(h) and h.contrast.unregistered_denied,
    ),
    Rule(
        id="dns.ghost_answer",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_FORGED_ANSWER,
        sentence="The name {name} does not exist for the control, yet here both the system's and a public resolver seem to answer {here}.",
        would_change="A name that nobody registered getting the same answer: then it is the network's search page.",
        holds=lambda h: _ghost(h) and _public_resolver_answers_too(h),
    ),
    Rule(
        id="dns.ghost_unexplained",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The name {name} does not exist for the control, and the resolver here gives {here}: a search page for missing names looks the same.",
        would_change="The answer to a name that nobody registered.",
        holds=_ghost,
    ),
    Rule(
        id="dns.marked_address",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_FORGED_ANSWER,
        sentence="The resolver here gives {here} for {name}, and the control {control_addresses}; the answer is known, which settles nothing alone: {pointing_address}.",
        would_change="An answer with the site's address, or a mark that is known from this country's networks.",
        holds=lambda h: bool(h.marks.pointing_address) and h.control.resolved,
    ),
    Rule(
        id="dns.bogon",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_BOGON,
        sentence="The resolver here gives {here} for {name}, where no public site can be; {known_from} gives {known}.",
        would_change="The owner publishing such addresses to everybody.",
        holds=lambda h: bool(h.dns.bogons) and (h.control.resolved or bool(h.dns.vouched)),
    ),
    Rule(
        id="dns.forged_answer",
        outcome=Outcome.ANOMALY,
        stage=Stage.DNS,
        mechanism=Mechanism.DNS_FORGED_ANSWER,
        sentence="The resolver here gives {here} for {name}; the control gives {control_addresses}, and nothing at the first address vouches for the site.",
        would_change="A valid certificate for the name, or the control's page, at the answer's address.",
        holds=lambda h: bool(h.dns.foreign) and h.control.resolved,
    ),
    Rule(
        id="dns.bogon_uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The name {name} resolves to {here} here, where no public site can be; {no_control}, so it may be what its owner publishes.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: h.dns.only_bogons and not h.control.resolved and not h.tcp.connected,
    ),
    Rule(
        id="dns.in_order",
        outcome=None,
        sentence="Nothing speaks against the name's answers.",
        holds=always,
    ),
)


def _kin_of_control(h: Hop) -> bool:
    """The control, too, holds each answer for the site's."""
    return not h.dns.foreign and not h.dns.bogons
