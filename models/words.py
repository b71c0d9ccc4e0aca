"""The vocabularies of the contract: outcomes, stages, mechanisms, states; each member has its sentence."""

from enum import StrEnum


class _Sentence(StrEnum):
    """Gives each member a sentence that the pages and the docs print."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> "_Sentence":
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member


class Outcome(_Sentence):
    """What one measurement amounts to."""

    OK = "ok", "The site resolved and loaded as it should."
    ANOMALY = (
        "anomaly",
        "The site fails or differs here and works from the control; consistent with blocking, not yet settled.",
    )
    CONFIRMED = "confirmed", "Interference, settled by an artefact or by a contrast that isolates the cause."
    RESTRICTED = "restricted", "The site's own server or CDN answered and refused."
    DOWN = "down", "The site fails in the same way for the control."
    INCONCLUSIVE = "inconclusive", "This look says nothing about the site."


class Stage(_Sentence):
    """The network operation at which interference manifested first."""

    DNS = "dns", "Looking the name up."
    TCP = "tcp", "Connecting to the address."
    TLS = "tls", "The TLS handshake."
    HTTP = "http", "Fetching the page."


class Mechanism(_Sentence):
    """How the interference looked on the wire."""

    DNS_NXDOMAIN = "dns_nxdomain", "The resolver says that the name does not exist."
    DNS_SERVFAIL = "dns_servfail", "The resolver says that it failed."
    DNS_REFUSED = "dns_refused", "The resolver refuses to answer for this name."
    DNS_NO_ANSWER = "dns_no_answer", "The resolver answers without any address."
    DNS_TIMEOUT = "dns_timeout", "The resolver does not answer for this name."
    DNS_BOGON = "dns_bogon", "The answer is an address that cannot be a public site."
    DNS_FORGED_ANSWER = "dns_forged_answer", "The answer is an address that does not belong to the site."
    DNS_INJECTION = "dns_injection", "One query got answers from more than one author."
    IP_TIMEOUT = "ip_timeout", "Connecting to the site's address gets no reply."
    IP_RESET = "ip_reset", "Connecting to the site's address is refused or reset."
    IP_UNREACHABLE = "ip_unreachable", "The network says that the site's address cannot be reached."
    SNI_RESET = "sni_reset", "The connection is reset after the name was sent in the TLS handshake."
    SNI_TIMEOUT = "sni_timeout", "Nothing comes back after the name was sent in the TLS handshake."
    SNI_CLOSE = "sni_close", "The connection is closed after the name was sent in the TLS handshake."
    TLS_MITM = "tls_mitm", "Somebody else's certificate is presented for the site."
    HTTP_RESET = "http_reset", "The connection is reset after the request."
    HTTP_TIMEOUT = "http_timeout", "Nothing comes back after the request."
    HTTP_CLOSE = "http_close", "The connection is closed after the request without an answer."
    HTTP_DIFF = "http_diff", "Another page than the site's is shown."
    BLOCKPAGE = "blockpage", "A known block page is shown instead of the site."
    BLOCKPAGE_REDIRECT = "blockpage_redirect", "The visitor is sent to a block page's address."
    THROTTLED = "throttled", "The page arrives far more slowly than this vantage point usually gets it."
    STALLED = "stalled", "The page begins to arrive and then freezes."
    QUIC_TIMEOUT = "quic_timeout", "QUIC gets no reply while TCP works."


class EpisodeState(_Sentence):
    """Where an episode stands."""

    SUSPECTED = "suspected", "Failures were seen; not enough of them yet to announce a block."
    ONGOING = "ongoing", "Blocked at the last usable check."
    INTERRUPTED = "interrupted", "Reachable again, not yet long enough to call it a release."
    RELEASED = "released", "Reachable again for long enough."


USABLE = frozenset({Outcome.OK, Outcome.ANOMALY, Outcome.CONFIRMED})
"""Outcomes that may be the end of an interval."""

BLOCKED = frozenset({Outcome.ANOMALY, Outcome.CONFIRMED})
"""Outcomes that count as blocked at one look."""
