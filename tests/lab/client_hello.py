"""Reads the server name out of a ClientHello, as a censor's box does (RFC 8446 section 4.1.2, RFC 6066 section 3)."""

_HANDSHAKE = 22
_SERVER_NAME = 0


def server_name(data: bytes) -> str | None:
    """Returns the SNI of the ClientHello at the start of `data`, or None when there is none or it is cut short."""
    try:
        return _server_name(data)
    except (IndexError, ValueError, UnicodeDecodeError):
        return None


def is_complete(data: bytes) -> bool:
    """Tells whether the first TLS record is there as a whole."""
    return len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5])


def _server_name(data: bytes) -> str | None:
    if data[0] != _HANDSHAKE:
        return None
    at = 5 + 4 + 2 + 32
    at += 1 + data[at]  # session id
    at += 2 + int.from_bytes(data[at : at + 2])  # cipher suites
    at += 1 + data[at]  # compression methods
    end = at + 2 + int.from_bytes(data[at : at + 2])
    at += 2
    while at + 4 <= end:
        kind, length = int.from_bytes(data[at : at + 2]), int.from_bytes(data[at + 2 : at + 4])
        if kind == _SERVER_NAME:
            return data[at + 9 : at + 4 + length].decode("ascii")
        at += 4 + length
    return None
