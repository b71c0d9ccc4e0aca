"""Cases of the fourth table: handshakes that are cut, and other people's certificates."""

from models.measurement import digest
from models.observations import ContrastKind
from models.words import Mechanism, Outcome, Stage
from tests.judge.case import Case
from tests.judge.records import (
    NAME,
    NEUTRAL,
    SITE,
    SITE_2,
    Look,
    at,
    contrast,
    control,
    dns,
    endpoint,
    forged_leaf,
    https,
    pageless,
    plain,
    redirect,
    tcp,
    tls,
    true_leaf,
    uncontrolled,
)

RESET, LOST, CLOSED = "connection_reset", "generic_timeout_error", "eof_error"
UNTRUSTED, FOREIGN, EXPIRED = "ssl_unknown_authority", "ssl_invalid_hostname", "ssl_invalid_certificate"
VOID, DOWN, OK = Outcome.INCONCLUSIVE, Outcome.DOWN, Outcome.OK
ANOMALY, CONFIRMED = Outcome.ANOMALY, Outcome.CONFIRMED
M = Mechanism
TLS = Stage.TLS
NEUTRAL_SNI = contrast(ContrastKind.NEUTRAL_SNI, tls(SITE, server_name="example.com", opinion=FOREIGN))
STRANGER = contrast(
    ContrastKind.NEUTRAL_SNI, tls(NEUTRAL, "ssl_invalid_hostname", alert="unrecognized_name", server_name="x.example")
)
ELSEWHERE = contrast(ContrastKind.TARGET_SNI_ELSEWHERE, tls(NEUTRAL, RESET))
PASSES = contrast(ContrastKind.TARGET_SNI_ELSEWHERE, tls(NEUTRAL, opinion=FOREIGN))
POISONED = contrast(ContrastKind.NEUTRAL_SNI, tls(SITE, RESET, server_name="example.com"), poisoned=True)


def _cut(failure: str, **parts: object) -> Look:
    return https(**({"tls": tls(SITE, failure), "http": ()} | parts))


def _shown(word: str, **parts: object) -> Look:
    return https(**({"tls": tls(SITE, opinion=word)} | parts))


def _chain(leaf: bytes, **parts: object) -> Look:
    found = _shown(UNTRUSTED, tls=tls(SITE, opinion=UNTRUSTED, chain=(digest(leaf),)), **parts)
    found.blobs[digest(leaf)] = leaf
    return found


def _met(word: str, http_failure: str | None = "unknown_error") -> object:
    found = (endpoint(SITE, None, word),)
    made = control if http_failure is None else pageless
    return made(SITE, endpoints=found, valid_addresses=())


TLS_CASES = [
    Case("a site without TLS", "tls.not_tried", plain(), OK),
    Case("a valid certificate", "tls.valid", https(), OK),
    Case(
        "today's roots know the certificate that the live ones did not",
        "tls.valid",
        _chain(true_leaf()),
        OK,
    ),
    Case(
        "one address of two is cut",
        "tls.valid",
        https(tcp=[tcp(SITE), tcp(SITE_2)], tls=[tls(SITE_2, RESET), tls(SITE)]),
        OK,
    ),
    Case(
        "the name is cut wherever it goes, without control",
        "tls.sni_follows_name",
        uncontrolled(_cut(RESET, contrasts=[NEUTRAL_SNI, STRANGER, ELSEWHERE])),
        CONFIRMED,
        TLS,
        M.SNI_RESET,
    ),
    Case(
        "the second handshake completes",
        "tls.repeat_completes",
        _cut(RESET, contrasts=contrast(ContrastKind.REPEAT, tls(SITE))),
        VOID,
    ),
    Case("the server resets everybody", "tls.down", _cut(RESET, controls=_met(RESET)), DOWN),
    Case(
        "the server wants no such name, of anybody",
        "tls.down",
        _cut(RESET, controls=_met(RESET), contrasts=NEUTRAL_SNI),
        DOWN,
    ),
    Case(
        "only this name is cut at this address",
        "tls.sni_contrast",
        _cut(RESET, contrasts=NEUTRAL_SNI),
        CONFIRMED,
        TLS,
        M.SNI_RESET,
    ),
    Case(
        "residual blocking spoils the contrast here, not the one elsewhere",
        "tls.sni_cut_elsewhere",
        _cut(RESET, contrasts=[POISONED, STRANGER, ELSEWHERE]),
        CONFIRMED,
        TLS,
        M.SNI_RESET,
    ),
    Case(
        "an address elsewhere that was never seen to let strangers through",
        "tls.cut_here",
        _cut(RESET, contrasts=[POISONED, ELSEWHERE]),
        ANOMALY,
        TLS,
        M.SNI_RESET,
    ),
    Case(
        "cut at the site's address alone: its own server may not want this visitor",
        "tls.cut_here",
        _cut(RESET, contrasts=[NEUTRAL_SNI, STRANGER, PASSES]),
        ANOMALY,
        TLS,
        M.SNI_RESET,
    ),
    Case("reset after the ClientHello", "tls.cut_here", _cut(RESET), ANOMALY, TLS, M.SNI_RESET),
    Case("silence after the ClientHello", "tls.cut_here", _cut(LOST), ANOMALY, TLS, M.SNI_TIMEOUT),
    Case("closed after the ClientHello", "tls.cut_here", _cut(CLOSED), ANOMALY, TLS, M.SNI_CLOSE),
    Case(
        "reset behind a proxy that looks the name up",
        "tls.cut_here",
        https(dns=(), tcp=tcp(NAME), tls=tls(NAME, RESET), http=()),
        ANOMALY,
        TLS,
        M.SNI_RESET,
    ),
    Case(
        "a contrast that residual blocking could have spoilt",
        "tls.cut_here",
        _cut(RESET, contrasts=contrast(ContrastKind.NEUTRAL_SNI, tls(SITE), poisoned=True)),
        ANOMALY,
        TLS,
        M.SNI_RESET,
    ),
    Case(
        "reset after a redirect",
        "tls.cut_here",
        https(
            http=redirect("https://other.example/"),
            dns=[dns(SITE), *at(1, dns(SITE_2, name="other.example"))],
            tcp=[tcp(SITE), *at(1, tcp(SITE_2))],
            tls=[tls(SITE), *at(1, tls(SITE_2, RESET, server_name="other.example"))],
        ),
        ANOMALY,
        TLS,
        M.SNI_RESET,
        hop=1,
    ),
    Case(
        "a neutral name completes, and nobody to ask about this one",
        "tls.contrast_uncontrolled",
        uncontrolled(_cut(RESET, contrasts=NEUTRAL_SNI)),
        VOID,
    ),
    Case("reset, and nobody to ask", "tls.cut_uncontrolled", uncontrolled(_cut(RESET)), VOID),
    Case(
        "a server that refuses every client",
        "tls.refused_for_all",
        _cut("ssl_failed_handshake", controls=_met("ssl_failed_handshake")),
        DOWN,
    ),
    Case("a server that refuses our client", "tls.refused", _cut("ssl_failed_handshake"), VOID),
    Case(
        "this machine's clock is years off",
        "tls.clock",
        _shown(EXPIRED, clock_offset_us=-400 * 24 * 3600 * 1_000_000),
        VOID,
    ),
    Case(
        "an expired certificate, for all", "tls.bad_certificate_for_all", _shown(EXPIRED, controls=_met(EXPIRED)), DOWN
    ),
    Case(
        "a self-signed site, for all", "tls.bad_certificate_for_all", _shown(UNTRUSTED, controls=_met(UNTRUSTED)), DOWN
    ),
    Case("a wrong name, for all", "tls.bad_certificate_for_all", _shown(FOREIGN, controls=_met(FOREIGN)), DOWN),
    Case(
        "one of the site's servers has a bad certificate, and only that was told to us",
        "tls.bad_server",
        _shown(FOREIGN, controls=_met(FOREIGN, None)),
        VOID,
    ),
    Case("an expired certificate, only here", "tls.out_of_date", _shown(EXPIRED), VOID),
    Case(
        "a handshake without its certificate",
        "tls.not_recorded",
        uncontrolled(https(tls=tls(SITE, opinion=None))),
        VOID,
    ),
    Case(
        "a forged certificate in hand",
        "tls.forged_certificate",
        _chain(forged_leaf()),
        CONFIRMED,
        TLS,
        M.TLS_MITM,
    ),
    Case(
        "a forged certificate by hearsay",
        "tls.foreign_certificate",
        _shown(UNTRUSTED),
        ANOMALY,
        TLS,
        M.TLS_MITM,
    ),
    Case(
        "the certificate of another site, only here",
        "tls.foreign_certificate",
        _shown(FOREIGN),
        ANOMALY,
        TLS,
        M.TLS_MITM,
    ),
    Case(
        "a self-signed certificate, and nobody to ask",
        "tls.foreign_uncontrolled",
        uncontrolled(_shown(UNTRUSTED)),
        VOID,
    ),
    Case(
        "a handshake without its certificate, and a control that loads",
        "tls.in_order",
        https(tls=tls(SITE, opinion=None)),
        OK,
    ),
]
