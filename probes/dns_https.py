"""One DNS question over HTTPS (RFC 8484): the wire message in a POST of HTTP/1.1, over a verified connection.

Encrypted, so that what comes back is the resolver's own word; a censor can only keep it from coming.
"""

from collections.abc import Awaitable, Callable, Sequence

from models.failures import Failure
from models.observations import DnsReply
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_message import Heard, Question, read
from probes.failure import Word
from probes.places import place
from probes.post import NotOpenedError, post
from probes.ways import WayOut

_MEDIA = "application/dns-message"


class HttpsExchange:
    """One question on its way to one DoH resolver; it is over when `answer` returns."""

    def __init__(self, asked: Question, url: str, *, clock: Clock, blobs: Blobs) -> None:
        self.asked = asked
        self.url = url
        self.heard: list[Heard] = []
        self.not_kept = 0
        self.queries_sent = 0
        self.own_fault: str | None = None
        self.way_out_failure: str | None = None
        self._clock = clock
        self._blobs = blobs

    async def answer(self, way: WayOut, find: Callable[[], Awaitable[Sequence[str]]], timeout: float) -> Heard | str:
        """Posts the question; `find` gives the resolver's addresses. Returns the reply, or the word for its absence."""
        addresses = await find()
        if not addresses:
            return Failure.DNS_SERVER_MISBEHAVING
        self.queries_sent += 1
        try:
            posted = await post(place(self.url), self.asked.wire, _MEDIA, way=way, addresses=addresses, timeout=timeout)
        except NotOpenedError as failed:
            self.own_fault, self.way_out_failure = failed.opened.own_fault, failed.opened.way_out_failure
            return failed.word
        except Word as failed:
            return failed.word
        if posted.status != 200:
            return Failure.HTTP_UNEXPECTED_STATUS_CODE
        heard = read(posted.body, self.asked, DnsReply(at_us=self._clock.us(), sender=self.url, rcode=None))
        self.heard.append(heard.with_raw(self._blobs.put(posted.body)))
        return heard if heard.fits else Failure.DNS_SERVER_MISBEHAVING

    def close(self) -> None:
        """Nothing is left open once `answer` has returned."""
