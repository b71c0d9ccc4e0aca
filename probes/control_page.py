"""The page as a control gets it: redirects followed by hand, every hop resolved and checked anew."""

import hashlib
from dataclasses import dataclass

from models.failures import Failure, unknown
from models.observations import HttpFetch
from models.page_text import decode, title
from models.sketch import sketch
from probes.blobs import Blobs
from probes.clock import Clock
from probes.control_eyes import Eyes, Met, Resolved
from probes.control_protocol import PRIVATE, HttpSeen
from probes.cookies import Cookies
from probes.http_fetch import Ask, http_fetch
from probes.places import Place, place
from probes.tcp_connect import Endpoint

_MOST_REDIRECTS = 10
_MOST_ADDRESSES = 2  # of a hop that are tried one after the other
_MOST_FIELDS = 200
_LONGEST_FIELD = 4096


@dataclass(frozen=True, slots=True)
class Fetched:
    """One hop's answer, with its body."""

    seen: HttpFetch
    body: bytes


async def see_page(eyes: Eyes, start: Place, resolved: Resolved) -> HttpSeen:
    """Fetches the page at the end of the redirects; a failure anywhere on the way is the page's failure."""
    here, cookies = start, Cookies()
    for _ in range(_MOST_REDIRECTS + 1):
        fetched = await _fetch(eyes, here, resolved, cookies.header(here))
        if isinstance(fetched, str):
            return HttpSeen(failure=fetched)
        if fetched.seen.location is None:
            return _seen(fetched, here)
        cookies.take(here, list(fetched.seen.headers))
        try:
            here = place(fetched.seen.location)
        except ValueError:
            return HttpSeen(failure=Failure.HTTP_INVALID_REDIRECT_LOCATION_HOST)
        resolved = await eyes.resolve(here)
    return HttpSeen(failure=unknown(f"more than {_MOST_REDIRECTS} redirects"))


async def _fetch(eyes: Eyes, here: Place, resolved: Resolved, cookie: str | None) -> Fetched | str:
    if not resolved.addresses:
        return resolved.failure or Failure.DNS_NO_ANSWER
    met = await _ready(eyes, here, resolved)
    if met.stream is None:
        return met.failure or Failure.GENERIC_TIMEOUT_ERROR
    blobs, to = Blobs(), Endpoint(connection=1, address=resolved.addresses[0], port=here.port)
    ask = Ask(place=here, cookie=cookie)
    seen = await http_fetch(met.stream, to, ask, clock=Clock(), blobs=blobs, timeout=eyes.timeout, at_most=eyes.timeout)
    if seen.failure is not None and seen.location is None:
        return seen.failure
    return Fetched(seen, blobs[seen.body] if seen.body else b"")


async def _ready(eyes: Eyes, here: Place, resolved: Resolved) -> Met:
    """Meets the hop's addresses one after the other until one is ready for a request; else the first one's failure."""
    failed: Met | None = None
    for address in [address for address in resolved.addresses if eyes.may_meet(address)][:_MOST_ADDRESSES]:
        met = await eyes.meet(here, address, here.port, tls=here.scheme == "https")
        if met.stream is not None:
            return met
        failed = failed or met
    return failed or Met(PRIVATE)


def _seen(fetched: Fetched, at: Place) -> HttpSeen:
    headers: dict[str, str] = {}
    for name, value in fetched.seen.headers[:_MOST_FIELDS]:
        headers.setdefault(name[:256], value[:_LONGEST_FIELD])
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    return HttpSeen(
        body_length=len(fetched.body),
        title=title(decode(fetched.body, content_type)) or "",
        headers=headers,
        status_code=fetched.seen.status or -1,
        x_final_url=at.url,
        x_body_sha256=hashlib.sha256(fetched.body).hexdigest(),
        x_body_sketch=sketch(fetched.body, content_type),
        x_body_truncated=fetched.seen.body_truncated,
    )
