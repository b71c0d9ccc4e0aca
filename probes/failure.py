"""Reads exceptions: by errno and attributes, never by class name or text, because the texts lie and differ."""

import errno
import socket
import ssl
from collections.abc import Iterator

from models.failures import Failure, unknown

_BY_ERRNO = {
    errno.ECONNREFUSED: Failure.CONNECTION_REFUSED,
    errno.ECONNRESET: Failure.CONNECTION_RESET,
    errno.ECONNABORTED: Failure.CONNECTION_ABORTED,
    errno.EHOSTUNREACH: Failure.HOST_UNREACHABLE,
    errno.EHOSTDOWN: Failure.HOST_UNREACHABLE,
    errno.ENETUNREACH: Failure.NETWORK_UNREACHABLE,
    errno.ENETDOWN: Failure.NETWORK_DOWN,
    errno.ENETRESET: Failure.NETWORK_RESET,
    errno.ETIMEDOUT: Failure.TIMED_OUT,
    errno.EACCES: Failure.PERMISSION_DENIED,  # ICMPv6 "administratively prohibited" comes as this too
    errno.EPERM: Failure.PERMISSION_DENIED,
    errno.EAFNOSUPPORT: Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    errno.EADDRNOTAVAIL: Failure.ADDRESS_NOT_AVAILABLE,
    errno.EADDRINUSE: Failure.ADDRESS_IN_USE,
    errno.EINVAL: Failure.INVALID_ARGUMENT,
    errno.EMSGSIZE: Failure.MESSAGE_SIZE,
    errno.ENOBUFS: Failure.NO_BUFFER_SPACE,
    errno.ENOPROTOOPT: Failure.NO_PROTOCOL_OPTION,
    errno.ENOTCONN: Failure.NOT_CONNECTED,
    errno.EPIPE: Failure.EOF_ERROR,  # Linux gives it only where the other side's FIN came before its RST
    errno.EBADF: Failure.CONNECTION_ALREADY_CLOSED,
}

_BY_EAI = {
    socket.EAI_NONAME: Failure.DNS_NXDOMAIN_ERROR,
    getattr(socket, "EAI_NODATA", -5): Failure.DNS_NO_ANSWER,
    socket.EAI_AGAIN: Failure.DNS_TEMPORARY_FAILURE,
    socket.EAI_FAIL: Failure.DNS_NON_RECOVERABLE_FAILURE,
}

_OUR_FAULTS = {
    errno.EMFILE: "this process has no file descriptors left; raise `ulimit -n`",
    errno.ENFILE: "this machine has no file descriptors left",
    errno.ENOMEM: "this machine has no memory left",
    errno.ENOBUFS: "this machine has no network buffers left",
    errno.EADDRNOTAVAIL: "this machine has no such source address, or no local port left",
    errno.EADDRINUSE: "the source address is taken",
    errno.EPERM: "this machine's own firewall forbids it",
}

_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"})
_ALERT_MARKS = ("TLSV13_ALERT_", "TLSV1_ALERT_", "SSLV3_ALERT_")
_BARE_ALERTS = {
    "TLSV1_UNRECOGNIZED_NAME": "unrecognized_name",
    "TLSV1_UNSUPPORTED_EXTENSION": "unsupported_extension",
    "TLSV1_CERTIFICATE_UNOBTAINABLE": "certificate_unobtainable",
    "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE": "bad_certificate_status_response",
    "TLSV1_BAD_CERTIFICATE_HASH_VALUE": "bad_certificate_hash_value",
}
_UNREADABLE_CERTIFICATE = frozenset({"ASN1", "X509", "PEM"})


class EndOfStream(Exception):  # noqa: N818 - an event on the wire, like StopIteration
    """The other side closed the connection (FIN) where more was due."""


class OwnFaultError(OSError):
    """Something of this machine's own is not as configured; the text says what."""


class Word(Exception):  # noqa: N818 - carries a word, it is not one more class of errors
    """Something failed for which the word is known already."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def failure_of(error: BaseException) -> str:
    """Returns the word for an exception, or for the first of its causes that has one."""
    for link in _chain(error):
        word = _word(link)
        if word is not None:
            return word
    return unknown(_describe(error))


def own_fault_of(error: BaseException) -> str | None:
    """Returns why this exception is a fault of ours that says nothing about the target, or null."""
    for link in _chain(error):
        if isinstance(link, OwnFaultError):
            return str(link)
        if isinstance(link, OSError) and link.errno in _OUR_FAULTS:
            return _OUR_FAULTS[link.errno]
        if isinstance(link, MemoryError):
            return _OUR_FAULTS[errno.ENOMEM]
    return None


def alert_of(error: BaseException) -> str | None:
    """Returns the name of the TLS alert that came (RFC 8446, section 6), or null."""
    reason = getattr(error, "reason", None)
    if not isinstance(error, ssl.SSLError) or not isinstance(reason, str):
        return None
    if reason in _BARE_ALERTS:
        return _BARE_ALERTS[reason]
    return next((reason.removeprefix(m).lower() for m in _ALERT_MARKS if reason.startswith(m)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _word(error: BaseException) -> str | None:
    if isinstance(error, Word):
        return error.word
    if isinstance(error, EndOfStream | EOFError):
        return Failure.EOF_ERROR
    return _system_word(error) if isinstance(error, OSError) else None


def _system_word(error: OSError) -> str | None:
    if isinstance(error, ssl.SSLError):
        return _tls_word(error)
    if isinstance(error, socket.gaierror):
        return _BY_EAI.get(error.errno or 0, Failure.DNS_SERVER_MISBEHAVING)
    if error.errno is None and isinstance(error, TimeoutError):
        return Failure.GENERIC_TIMEOUT_ERROR
    return _BY_ERRNO.get(error.errno or 0)


def _tls_word(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Failure.EOF_ERROR
    if alert_of(error) == "unrecognized_name":
        return Failure.SSL_INVALID_HOSTNAME  # as OONI has it
    if error.reason in _NOT_TLS:
        return Failure.SSL_NOT_TLS
    if error.library in _UNREADABLE_CERTIFICATE or _asn1(error):
        return Failure.SSL_INVALID_CERTIFICATE
    return Failure.SSL_FAILED_HANDSHAKE


def _asn1(error: ssl.SSLError) -> bool:
    """Python has no name for OpenSSL's reason "the ASN.1 parser failed" (ERR_R_ASN1_LIB); its text is the only trace."""
    return error.reason is None and "ASN1 lib" in str(error.strerror)


def _describe(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return errno.errorcode.get(number, str(number)).lower()
    return f"{type(error).__name__} {error}"
