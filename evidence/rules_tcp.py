"""The third table: connecting to the site's addresses. Some that work are enough; IPv6 alone never counts."""

from evidence.facts import Hop
from evidence.rule import Rule, always
from evidence.rules_dns import NEEDS_CONTROL
from models.words import Mechanism, Outcome, Stage


def _mechanism(h: Hop) -> Mechanism | None:
    return h.tcp.mechanism


def _follows_walk(h: Hop) -> bool:
    """There is no report about this hop itself, only about the whole walk."""
    return h.number > 0 and not h.control.own


def _fails_here_alone(h: Hop) -> bool:
    if h.tcp.control_connects:
        return True
    return h.tcp.untold and h.control.loaded and (_follows_walk(h) or h.tcp.of_the_site)


def _bogons_not_tried(h: Hop) -> bool:
    return not h.tcp.tried and h.dns.only_bogons


TCP = (
    Rule(
        id="tcp.private_for_all",
        outcome=Outcome.DOWN,
        sentence="The name {name} resolves to {here} for the control too, where no public site can be; the control gets no page either ({control_http}).",
        holds=lambda h: _bogons_not_tried(h) and bool(h.dns.answered & h.control.addresses) and h.control.not_loaded,
    ),
    Rule(
        id="tcp.private_not_tried",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The name {name} resolves to {here}, which is not connected to from here.",
        would_change="`allow_private: true` for this target, where it is the operator's own network.",
        holds=_bogons_not_tried,
    ),
    Rule(
        id="tcp.not_tried",
        outcome=None,
        sentence="No connection was tried.",
        holds=lambda h: not h.tcp.tried,
    ),
    Rule(
        id="tcp.connected",
        outcome=None,
        sentence="Connected to {connected}.",
        holds=lambda h: bool(h.tcp.connected),
    ),
    Rule(
        id="tcp.way_out",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The way out failed of itself ({way_out_failure}).",
        holds=lambda h: h.tcp.way_out and not h.tcp.counting,
    ),
    Rule(
        id="tcp.only_ipv6",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Only IPv6 addresses were there to try ({failures}), and IPv6 is not known to work here.",
        would_change="IPv6 that works at this vantage point, or an IPv4 address of the site.",
        holds=lambda h: h.tcp.only_ipv6,
    ),
    Rule(
        id="tcp.own_machine",
        outcome=Outcome.INCONCLUSIVE,
        sentence="This machine itself did not let the connection out ({failures}).",
        holds=lambda h: h.tcp.ours or not h.tcp.interrupted,
    ),
    Rule(
        id="tcp.repeat_connects",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Connecting fails here ({failures}), but the same connection came about when it was tried again.",
        holds=lambda h: h.contrast.repeat_succeeds,
    ),
    Rule(
        id="tcp.down",
        outcome=Outcome.DOWN,
        sentence="Connecting fails here ({failures}), and for the control at the same addresses ({control_tcp}).",
        would_change="A control that connects.",
        holds=lambda h: h.tcp.control_fails and not h.control.gets_anywhere,
    ),
    Rule(
        id="tcp.address_down",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Connecting fails here ({failures}), and for the control at the same addresses; the control gets a page all the same.",
        would_change="A resolver here that gives the addresses that work.",
        holds=lambda h: h.tcp.control_fails,
    ),
    Rule(
        id="tcp.down_after_redirect",
        outcome=Outcome.DOWN,
        sentence="Connecting fails after a redirect ({failures}); the control did not get to a page either ({control_http}).",
        holds=lambda h: _follows_walk(h) and h.control.not_loaded,
    ),
    Rule(
        id="tcp.fails_here",
        outcome=Outcome.ANOMALY,
        stage=Stage.TCP,
        mechanism=_mechanism,
        sentence="Connecting to {name} fails here ({failures}); {control_tcp}.",
        would_change="One address that connects, or a control that cannot connect either.",
        holds=_fails_here_alone,
    ),
    Rule(
        id="tcp.other_addresses",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Connecting fails here ({failures}), to addresses that the control did not try.",
        would_change="A control that tries the same addresses.",
        holds=lambda h: h.control.usable,
    ),
    Rule(
        id="tcp.uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Connecting fails here ({failures}); {no_control}, so the site may be down for everybody.",
        would_change=NEEDS_CONTROL,
        holds=always,
    ),
)
