"""The words for how an operation ended badly: OONI's df-007, and the few of our own that it lacks."""

from models.words import _Sentence


class Failure(_Sentence):
    """One word for one way to fail; anything else is `unknown_failure: …`."""

    GENERIC_TIMEOUT_ERROR = "generic_timeout_error", "Nothing came back within the time allowed."
    EOF_ERROR = "eof_error", "The other side closed the connection before it had answered in full."
    INTERRUPTED = "interrupted", "The measurement was ended at its time limit while this ran."

    CONNECTION_REFUSED = "connection_refused", "The address refused the connection."
    CONNECTION_RESET = "connection_reset", "The connection was reset."
    CONNECTION_ABORTED = "connection_aborted", "This machine gave the connection up."
    CONNECTION_ALREADY_CLOSED = "connection_already_closed", "The connection had been closed before."
    HOST_UNREACHABLE = "host_unreachable", "A router says that the host cannot be reached."
    NETWORK_UNREACHABLE = "network_unreachable", "There is no route to that network."
    NETWORK_DOWN = "network_down", "This machine's network is down."
    NETWORK_RESET = "network_reset", "This machine's network was reset."
    TIMED_OUT = "timed_out", "The operating system gave up waiting."
    PERMISSION_DENIED = "permission_denied", "A router or this machine's firewall forbids it."
    ADDRESS_FAMILY_NOT_SUPPORTED = "address_family_not_supported", "This machine does not have this address family."
    ADDRESS_NOT_AVAILABLE = "address_not_available", "This machine has no such source address, or no port left."
    ADDRESS_IN_USE = "address_in_use", "The source address is taken."
    INVALID_ARGUMENT = "invalid_argument", "The operating system takes no such address."
    MESSAGE_SIZE = "message_size", "The message is too long for the network."
    NO_BUFFER_SPACE = "no_buffer_space", "This machine has no buffers left."
    NO_PROTOCOL_OPTION = "no_protocol_option", "The host does not speak this protocol."
    NOT_CONNECTED = "not_connected", "The connection is gone."

    DNS_NXDOMAIN_ERROR = "dns_nxdomain_error", "The resolver says that the name does not exist."
    DNS_SERVFAIL_ERROR = "dns_servfail_error", "The resolver says that it failed."
    DNS_REFUSED_ERROR = "dns_refused_error", "The resolver refuses to answer."
    DNS_NO_ANSWER = "dns_no_answer", "The resolver answers without any address."
    DNS_SERVER_MISBEHAVING = "dns_server_misbehaving", "The resolver's reply makes no sense."
    DNS_TEMPORARY_FAILURE = "dns_temporary_failure", "This machine's resolver asks to try again later."
    DNS_NON_RECOVERABLE_FAILURE = "dns_non_recoverable_failure", "This machine's resolver cannot work."
    DNS_BOGON_ERROR = "dns_bogon_error", "The answer is an address that cannot be a public site."
    DNS_REPLY_WITH_WRONG_QUERY_ID = "dns_reply_with_wrong_query_id", "A reply came to a question that was not asked."

    SSL_UNKNOWN_AUTHORITY = "ssl_unknown_authority", "The certificate is not signed by any trusted authority."
    SSL_INVALID_HOSTNAME = (
        "ssl_invalid_hostname",
        "The certificate is for another name, or the server knows no such name.",
    )
    SSL_INVALID_CERTIFICATE = (
        "ssl_invalid_certificate",
        "The certificate is expired, not yet valid, unfit or unreadable.",
    )
    SSL_FAILED_HANDSHAKE = "ssl_failed_handshake", "Both sides speak TLS and did not agree."
    SSL_NOT_TLS = "ssl_not_tls", "What came back is not TLS."

    HTTP_MALFORMED_RESPONSE = (
        "http_malformed_response",
        "What came back is not HTTP, or breaks off against its own rules.",
    )
    HTTP_HEADER_TOO_LARGE = "http_header_too_large", "The answer's header did not end within the bounds."
    HTTP_INVALID_REDIRECT_LOCATION_HOST = (
        "http_invalid_redirect_location_host",
        "The redirect leads to no possible host.",
    )
    HTTP_REQUEST_FAILED = "http_request_failed", "The service answered with an error of its own."
    HTTP_UNEXPECTED_STATUS_CODE = (
        "http_unexpected_status_code",
        "The service answered with another status than expected.",
    )
    JSON_PARSE_ERROR = "json_parse_error", "The service's answer is not the JSON that it should be."
    WAY_OUT_ERROR = "way_out_error", "The proxy itself failed; nothing is known about the target."


TIMEOUTS = frozenset({Failure.GENERIC_TIMEOUT_ERROR, Failure.TIMED_OUT})
"""Silence, by our clock or by the operating system's."""

UNREACHABLE = frozenset({Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE})
"""What routers say; for IPv6 often this machine's own fault."""

SSL_WORDS = frozenset({Failure.SSL_UNKNOWN_AUTHORITY, Failure.SSL_INVALID_HOSTNAME, Failure.SSL_INVALID_CERTIFICATE})
"""What can be wrong with a presented certificate chain."""

_UNKNOWN = "unknown_failure: "


def unknown(what: str) -> str:
    """Returns the word for a failure that no word fits, with what is known of it, on one short line."""
    return _UNKNOWN + " ".join(what.split())[:200]


def is_word(failure: str) -> bool:
    """Tells whether this is a word of the vocabulary or an `unknown_failure: …`."""
    return failure in Failure._value2member_map_ or failure.startswith(_UNKNOWN)
