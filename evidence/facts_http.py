"""What page came back at one hop, who answered, and how it stands to the page that the control got."""

from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import plain
from evidence.compare import Comparison
from evidence.facts_tls import CLOSES, RESETS
from evidence.page import label, registrable
from evidence.rates import rate_of
from evidence.refusals import challenger, states_blocked_by
from models import page_text
from models.failures import TIMEOUTS, Failure
from models.observations import ControlReport, HttpFetch, Purpose
from models.words import Mechanism

if TYPE_CHECKING:
    from evidence.facts import Hop

REDIRECTS = frozenset({301, 302, 303, 307, 308})
REFUSALS = frozenset({401, 403, 407, 429, 451})
_FREEZE_FROM, _FREEZE_TO = 14_000, 32_768  # octets: the window in which Russia's freeze was measured (net4people 490)
_WHOLE = 0.95  # of the control's body
_MECHANISMS: dict[str, Mechanism] = {
    **dict.fromkeys(RESETS, Mechanism.HTTP_RESET),
    **dict.fromkeys(TIMEOUTS, Mechanism.HTTP_TIMEOUT),
    **dict.fromkeys(CLOSES, Mechanism.HTTP_CLOSE),
}
_BAD_REDIRECT = frozenset({Failure.HTTP_INVALID_REDIRECT_LOCATION_HOST, "http_invalid_redirect_url"})


class HttpFacts:
    """The walk's requests at one hop; the best of them is the one that counts."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        here = [fetch for fetch in hop.facts.measurement.http if fetch.hop == hop.number]
        self.walk = tuple(fetch for fetch in here if fetch.purpose is Purpose.WALK)

    @property
    def tried(self) -> bool:
        return bool(self.walk)

    @cached_property
    def fetch(self) -> HttpFetch | None:
        """Returns the request that got furthest."""
        return min(self.walk, key=lambda f: (f.failure is not None, f.status is None, -f.body_bytes), default=None)

    @property
    def status(self) -> int | None:
        return self.fetch.status if self.fetch else None

    @property
    def failure(self) -> str | None:
        return self.fetch.failure if self.fetch else None

    @property
    def answered(self) -> bool:
        return self.status is not None and (self.failure is None or self.whole_enough)

    @cached_property
    def broken_off(self) -> tuple[HttpFetch, ...]:
        """Returns the requests that were reset, closed or never answered."""
        return tuple(fetch for fetch in self.walk if fetch.failure in _MECHANISMS)

    @property
    def unanswered(self) -> bool:
        """No status line came back: reset, closed, or silence after the request."""
        reached = not self._hop.tcp.all_failed and not self._hop.tls.interrupted  # archives repeat those as a request's
        return self.status is None and self.mechanism is not None and reached

    @property
    def mechanism(self) -> Mechanism | None:
        return _MECHANISMS.get(self.failure or "")

    @property
    def malformed(self) -> bool:
        return self.tried and self.failure is not None and self.mechanism is None and self.status is None

    # the body that did not come in full

    @property
    def cut_short(self) -> bool:
        """A status came, and the body was reset, closed or fell silent before its end."""
        return self.status is not None and self.mechanism is not None and not self.whole_enough

    @cached_property
    def whole_enough(self) -> bool:
        """The end of the connection was untidy, and the page had come all the same."""
        page = self._hop.control.page
        if page is None or not page.body_length or self.mechanism is None:
            return False
        return self.like_control and len(self.body or b"") >= _WHOLE * page.body_length

    @property
    def stalled(self) -> bool:
        """The body froze after 14 to 32 kB and nothing more came."""
        fetch = self.fetch
        if fetch is None or not self.cut_short or fetch.failure not in TIMEOUTS:
            return False
        return _FREEZE_FROM <= fetch.body_bytes <= _FREEZE_TO and self._silent_for(fetch) >= 0.5

    @property
    def body_never_came(self) -> bool:
        """A status came, and not an octet of the body."""
        return self.fetch is not None and self.cut_short and self.fetch.body_bytes == 0

    @property
    def control_has_more(self) -> bool:
        """The control got a longer body than what had come here."""
        page = self._hop.control.page
        return page is not None and self.fetch is not None and (page.body_length or 0) > self.fetch.body_bytes

    def _silent_for(self, fetch: HttpFetch) -> float:
        """Returns for which part of the request's time nothing more came; a slow body keeps coming to the end."""
        if fetch.last_byte_us is None or fetch.duration_us <= 0:
            return 1.0
        return (fetch.started_us + fetch.duration_us - fetch.last_byte_us) / fetch.duration_us

    @property
    def rate(self) -> float:
        """Returns octets a second between the first and the last octet of the body."""
        return rate_of(self.fetch) if self.fetch else 0.0

    # redirects

    @property
    def redirects(self) -> bool:
        return self.status in REDIRECTS

    @property
    def leads_on(self) -> bool:
        """It is a redirect, and the walk followed it."""
        return self.redirects and not self._hop.is_last

    @property
    def bad_redirect(self) -> bool:
        """It leads nowhere: a broken location, or too many in a row."""
        return self.redirects and (self.failure in _BAD_REDIRECT or self._hop.is_last)

    # the page

    @cached_property
    def body(self) -> bytes | None:
        digest = self.fetch.body if self.fetch else None
        return self._hop.facts.blobs.get(digest) if digest else None

    @cached_property
    def text(self) -> str:
        return page_text.decode(self.body, self.header("content-type")) if self.body else ""

    @cached_property
    def title(self) -> str | None:
        return page_text.title(self.text)

    def header(self, name: str) -> str | None:
        headers = self.fetch.headers if self.fetch else ()
        return next((value for key, value in headers if key.lower() == name), None)

    @property
    def secured(self) -> bool:
        """The page came over TLS from a server with a valid certificate for the name."""
        return self._hop.tls.has_valid

    @property
    def over_tls(self) -> bool:
        return self._hop.url.lower().startswith("https:")

    # whose page

    @cached_property
    def host(self) -> str:
        return self._hop.name

    @cached_property
    def same_site(self) -> bool:
        """The walk ended where it began: the target's own domain, or its label under another suffix."""
        first = self._hop.facts.hops[0].name
        return registrable(first) == registrable(self.host) or (
            len(label(first)) > 2 and label(first) == label(self.host)
        )

    @property
    def where_control_ended(self) -> bool | None:
        """The walk ended on the domain on which the control's ended; null where the control does not tell."""
        ends = self._hop.control.ends_at
        return None if ends is None else registrable(ends) == registrable(self.host)

    @property
    def led_away(self) -> bool:
        """A redirect that proves nothing led to a domain that is not the site's, and the control ended elsewhere."""
        return self._hop.number > 0 and not self.at_home and self.where_control_ended is False

    @property
    def at_home(self) -> bool:
        """The page is on the site's own domain, or on the one where the control ended too."""
        return self.same_site or bool(self.where_control_ended) or self.led_by_site

    @cached_property
    def led_by_site(self) -> bool:
        """Each redirect on the way came with a valid certificate: the site itself sent the visitor here."""
        earlier = [hop for hop in self._hop.facts.hops if hop.number < self._hop.number]
        return bool(earlier) and all(hop.tls.has_valid for hop in earlier)

    # refusals

    @cached_property
    def challenger(self) -> str | None:
        """Returns whose bot challenge or rate limit this is."""
        return challenger(self.fetch, self.text, self.title) if self.fetch else None

    @property
    def blocked_by(self) -> str | None:
        """Returns whom a 451 names in its `Link: rel="blocked-by"`."""
        return states_blocked_by(self.fetch) if self.fetch else None

    @property
    def refused(self) -> bool:
        return self.status in REFUSALS or (self.answered and self.challenger is not None)

    # the comparison

    @cached_property
    def beside(self) -> ControlReport | None:
        """Returns the control's page that this one is to be held against.

        On the site's own ground that of this very URL. Elsewhere that at the end of the control's own walk: a block
        page looks the same to a control that is asked about the block page.
        """
        control = self._hop.control
        return control.page if self._hop.number == 0 or self.at_home else control.walk_page or control.page

    @property
    def control_loads_well(self) -> bool:
        """The control's page that this one is held against is no error page."""
        return self.beside is not None and (self.beside.status or 0) < 400

    @cached_property
    def comparison(self) -> Comparison | None:
        """Returns how this page stands to the control's; null where there is no page or no control."""
        page = self.beside
        if page is None or self.fetch is None or self.status is None:
            return None
        return Comparison(self.fetch, self.body, self.title, page)

    @property
    def like_control(self) -> bool:
        return self.comparison is not None and self.comparison.same

    @property
    def unlike_control(self) -> bool:
        return self.comparison is not None and self.comparison.different

    def like_control_from(self, addresses: frozenset[str]) -> bool:
        """One of these addresses gave the page that the control got."""
        return (
            self.fetch is not None
            and plain(self.fetch.address) in addresses
            and self._hop.is_last
            and self.like_control
        )
