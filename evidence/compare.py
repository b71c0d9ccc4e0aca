"""One page beside another: signs that agree and signs that disagree, none of them trusted alone.

Unlike OONI's test, a shared common header never makes two pages the same, and a body that was cut at a cap is not
compared by its length.
"""

from functools import cached_property

from evidence.page import same_title
from models.observations import ControlReport, HttpFetch
from models.sketch import similarity, sketch

_NEAR = 0.7  # of the longer body's length
_ALIKE, _UNLIKE = 0.5, 0.2  # of the visible text's three-word runs; between them nothing is said
_COMMON_HEADERS = frozenset(
    [
        "accept-ranges",
        "access-control-allow-origin",
        "age",
        "alt-svc",
        "cache-control",
        "cf-cache-status",
        "cf-ray",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-security-policy",
        "content-type",
        "date",
        "etag",
        "expires",
        "keep-alive",
        "last-modified",
        "link",
        "location",
        "nel",
        "p3p",
        "permissions-policy",
        "pragma",
        "proxy-connection",
        "referrer-policy",
        "retry-after",
        "report-to",
        "server",
        "server-timing",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "upgrade",
        "vary",
        "via",
        "x-cache",
        "x-content-type-options",
        "x-frame-options",
        "x-permitted-cross-domain-policies",
        "x-powered-by",
        "x-request-id",
        "x-robots-tag",
        "x-served-by",
        "x-ua-compatible",
        "x-varnish",
        "x-xss-protection",
    ]
)


class Comparison:
    """What agrees (True), disagrees (False) or cannot be told (None) between the page here and the control's."""

    def __init__(self, fetch: HttpFetch, body: bytes | None, title: str | None, control: ControlReport) -> None:
        self._fetch = fetch
        self._content = body
        self._title = title
        self._control = control

    @cached_property
    def status(self) -> bool:
        return self._fetch.status == self._control.status

    @cached_property
    def title(self) -> bool | None:
        if self._control.title is None or not (self._title or self._control.title):
            return None
        if not self._title or not self._control.title:
            return None if self._fetch.body_truncated else False
        return same_title(self._title, self._control.title)

    @cached_property
    def body(self) -> bool | None:
        alike = similarity(self._sketch, self._control.body_sketch)
        if alike is not None:
            return True if alike >= _ALIKE else False if alike <= _UNLIKE else None
        here, there = len(self._content or b""), self._control.body_length or 0
        if here <= 0 or there <= 0 or self._fetch.body_truncated:
            return None
        return min(here, there) >= _NEAR * max(here, there)

    @cached_property
    def _sketch(self) -> str | None:
        if not self._content or self._control.body_sketch is None:
            return None
        told = next((value for key, value in self._fetch.headers if key.lower() == "content-type"), None)
        return sketch(self._content, told)

    @cached_property
    def headers(self) -> bool | None:
        """Tells whether uncommon header names are shared; null where one side has none."""
        here = {key.lower() for key, _ in self._fetch.headers} - _COMMON_HEADERS
        there = {key.lower() for key, _ in self._control.headers} - _COMMON_HEADERS
        return None if not here or not there else bool(here & there)

    @cached_property
    def control_refused(self) -> bool:
        """The control got an error page where here came a good one: it is no measure for this page."""
        return (self._control.status or 0) >= 400 > (self._fetch.status or 0)

    @property
    def same(self) -> bool:
        """The page here is the control's page: its title or its body says so, or nothing at all speaks against it."""
        if not self.status or self.title is False:
            return False
        return bool(self.title) or False not in (self.body, self.headers)

    @property
    def different(self) -> bool:
        """At least two signs disagree, neither title nor body agrees, and no header that few servers send is in both."""
        if self.same or self.title or self.control_refused or (self.status and self.headers):
            return False
        against = [self.title, self.body, self.headers, self.status].count(False)
        return against >= 2 and not (self.body and self.status)
