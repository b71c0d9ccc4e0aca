"""The request of a visitor: what is sent, in which order. A censor and a server see it, so it has an id in each record."""

from probes.places import Place

CLIENT = "wallwatch-http-1"
"""Id of the HTTP and TLS behaviour: the fields below in this order; HTTP/1.1; ALPN http/1.1; OpenSSL's cipher list
DEFAULT at security level 1, TLS 1.2 and 1.3. A change of any of it needs a new id."""

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPT_LANGUAGE = "en-US,en;q=0.5"
ACCEPT_ENCODING = "gzip, deflate"  # what is decoded within bounds


def fields(to: Place, cookie: str | None = None, host: str | None = None) -> list[tuple[bytes, bytes]]:
    """Returns the request's header fields in the order in which they are sent."""
    given = [
        ("Host", host or to.authority),
        ("User-Agent", USER_AGENT),
        ("Accept", ACCEPT),
        ("Accept-Language", ACCEPT_LANGUAGE),
        ("Accept-Encoding", ACCEPT_ENCODING),
        ("Connection", "keep-alive"),
        ("Upgrade-Insecure-Requests", "1"),
    ]
    if cookie:
        given.insert(6, ("Cookie", cookie))
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in given]
