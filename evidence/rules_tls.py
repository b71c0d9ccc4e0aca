"""The fourth table: the handshake with the name in it, and whose certificate was shown."""

from evidence.facts import Hop
from evidence.rule import Rule, always
from evidence.rules_dns import NEEDS_CONTROL
from models.words import Mechanism, Outcome, Stage

_PAIR = "The pair of contrasts: a harmless name at this address, and this name at a harmless address."


def _mechanism(h: Hop) -> Mechanism | None:
    return h.tls.mechanism


def _follows_walk(h: Hop) -> bool:
    return h.number > 0 and not h.control.own


def _control_got_through(h: Hop) -> bool:
    """The control shook hands at these addresses, or, where it says nothing of them, loaded the page."""
    return h.tls.control_shakes or (h.tls.untold and h.control.loaded and (_follows_walk(h) or h.tcp.of_the_site))


def _down(h: Hop) -> bool:
    failing = h.tls.control_fails or (h.tls.untold and h.control.not_loaded)
    return failing and not h.control.gets_anywhere


def _name_is_cause(h: Hop) -> bool:
    """A harmless name completes where this one is cut, and this one is cut where it has no business."""
    return h.tls.interrupted and h.contrast.neutral_sni_completes and h.contrast.sni_fails_elsewhere


def _name_is_cause_elsewhere(h: Hop) -> bool:
    """Residual blocking spoils contrasts at the site's own address; another address, not yet touched, speaks clearly."""
    return h.tls.interrupted and h.contrast.sni_fails_elsewhere and _control_got_through(h)


def _foreign(h: Hop) -> bool:
    return h.tls.untrusted or h.tls.for_another_name


TLS = (
    Rule(
        id="tls.not_tried",
        outcome=None,
        sentence="No TLS handshake was due.",
        holds=lambda h: not h.tls.tried,
    ),
    Rule(
        id="tls.valid",
        outcome=None,
        sentence="A valid certificate for {name} was shown.",
        holds=lambda h: h.tls.has_valid,
    ),
    Rule(
        id="tls.sni_follows_name",
        outcome=Outcome.CONFIRMED,
        stage=Stage.TLS,
        mechanism=_mechanism,
        sentence="{cut} after the ClientHello for {name}; the same address completes the handshake for a neutral name, and {name} is cut in the same way at an address that has nothing to do with it.",
        would_change="A ClientHello for this name that goes through anywhere.",
        holds=_name_is_cause,
    ),
    Rule(
        id="tls.repeat_completes",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{cut} after the ClientHello for {name}, but the very same handshake completed when it was tried again.",
        holds=lambda h: h.tls.interrupted and h.contrast.repeat_succeeds,
    ),
    Rule(
        id="tls.down",
        outcome=Outcome.DOWN,
        sentence="The handshake for {name} is cut here ({handshakes}), and fails for the control too ({control_tls}).",
        would_change="A control that completes the handshake.",
        holds=lambda h: h.tls.interrupted and _down(h),
    ),
    Rule(
        id="tls.sni_contrast",
        outcome=Outcome.CONFIRMED,
        stage=Stage.TLS,
        mechanism=_mechanism,
        sentence="{cut} after the ClientHello for {name}; the same address completes the handshake for a neutral name; {control_tls}.",
        would_change="A neutral name that is cut at this address too.",
        holds=lambda h: (
            h.tls.interrupted
            and h.contrast.neutral_sni_completes
            and not h.contrast.sni_passes_elsewhere
            and _control_got_through(h)
        ),
    ),
    Rule(
        id="tls.sni_cut_elsewhere",
        outcome=Outcome.CONFIRMED,
        stage=Stage.TLS,
        mechanism=_mechanism,
        sentence="{cut} after the ClientHello for {name}, and in the same way at an address that has nothing to do with it and lets a harmless name through; {control_tls}.",
        would_change="A ClientHello for this name that goes through anywhere.",
        holds=_name_is_cause_elsewhere,
    ),
    Rule(
        id="tls.cut_here",
        outcome=Outcome.ANOMALY,
        stage=Stage.TLS,
        mechanism=_mechanism,
        sentence="{cut} after the ClientHello for {name}; {control_tls}.",
        would_change=_PAIR,
        holds=lambda h: h.tls.interrupted and _control_got_through(h),
    ),
    Rule(
        id="tls.contrast_uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{cut} after the ClientHello for {name}, and the same address completes the handshake for a neutral name; {no_control}, so the server itself may not want this name.",
        would_change=_PAIR,
        holds=lambda h: h.tls.interrupted and h.contrast.neutral_sni_completes,
    ),
    Rule(
        id="tls.cut_uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{cut} after the ClientHello for {name}; {no_control}, so the server may do so to everybody.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: h.tls.interrupted,
    ),
    Rule(
        id="tls.refused_for_all",
        outcome=Outcome.DOWN,
        sentence="The server does not agree to a handshake for {name} ({handshakes}), nor with the control ({control_tls}).",
        holds=lambda h: h.tls.refused and _down(h),
    ),
    Rule(
        id="tls.refused",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Whoever answers for {name} refuses the handshake in words of TLS ({handshakes}), as a server may refuse our client.",
        holds=lambda h: h.tls.refused,
    ),
    Rule(
        id="tls.clock",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The certificate is out of date by this machine's clock, which is {clock_offset} off the control's.",
        would_change="A right clock.",
        holds=lambda h: h.tls.out_of_date and h.look.clock_off,
    ),
    Rule(
        id="tls.bad_certificate_for_all",
        outcome=Outcome.DOWN,
        sentence="The certificate shown for {name} is not valid ({certificate}), nor is it for the control ({control_tls}).",
        would_change="A control that is shown a valid certificate.",
        holds=lambda h: h.tls.certificate_failure is not None and _down(h),
    ),
    Rule(
        id="tls.bad_server",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The certificate shown for {name} is not valid ({certificate}), nor for the control at the same addresses; the control gets a page all the same.",
        would_change="A resolver here that gives the addresses that work.",
        holds=lambda h: h.tls.certificate_failure is not None and h.tls.control_sees_same_certificate,
    ),
    Rule(
        id="tls.out_of_date",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The certificate shown for {name} is out of date or unreadable ({certificate}): no forger needs that; a clock or a forgotten server does.",
        holds=lambda h: h.tls.out_of_date,
    ),
    Rule(
        id="tls.not_recorded",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The handshake for {name} completed, and the record does not hold the certificate.",
        holds=lambda h: h.tls.unrecorded and not h.control.loaded,
    ),
    Rule(
        id="tls.forged_certificate",
        outcome=Outcome.CONFIRMED,
        stage=Stage.TLS,
        mechanism=Mechanism.TLS_MITM,
        sentence="The certificate shown here for {name} is signed by nobody trusted ({certificate}); the control is shown a valid one at the same address.",
        would_change="The same certificate for the control, or a chain to a trusted root.",
        holds=lambda h: h.tls.untrusted and h.tls.chain_kept and h.tls.control_shakes,
    ),
    Rule(
        id="tls.foreign_certificate",
        outcome=Outcome.ANOMALY,
        stage=Stage.TLS,
        mechanism=Mechanism.TLS_MITM,
        sentence="The certificate shown here for {name} is not the site's ({certificate}); {control_tls}.",
        would_change="The same certificate for the control.",
        holds=lambda h: _foreign(h) and _control_got_through(h),
    ),
    Rule(
        id="tls.foreign_uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The certificate shown for {name} is not valid ({certificate}); {no_control}, so it may be the site's own.",
        would_change=NEEDS_CONTROL,
        holds=_foreign,
    ),
    Rule(
        id="tls.in_order",
        outcome=None,
        sentence="Nothing speaks against the handshake.",
        holds=always,
    ),
)
