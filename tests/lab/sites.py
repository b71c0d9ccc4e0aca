"""A web site of the simulated internet: what it serves when nobody interferes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_PARAGRAPH = (
    "People have the right to seek, receive and impart information and ideas through any media "
    "and regardless of frontiers. This page stands on a simulated internet. "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer: status, headers and body."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A host with its addresses on loopback, its certificate's names and times, and its pages."""

    name: str
    addresses: tuple[str, ...]
    pages: Mapping[str, Page] = field(default_factory=dict)  # by path; "/" for all others
    variants: tuple[Page, ...] = ()  # shown in turn instead: a page that is never the same
    shown_to: Mapping[str, Page] = field(
        default_factory=dict
    )  # by the visitor's address: geoblocks, languages, challenges
    proxies: bool = False  # passes everything on to the site that is asked for
    loses: int = 0  # connections of each visitor that it resets before it serves any: a flaky server
    certificate_names: tuple[str, ...] = ()  # none: its own name
    certificate_since: datetime | None = None
    certificate_until: datetime | None = None
    trusted: bool = True
    plain: bool = True
    secure: bool = True
    published: tuple[str, ...] | None = None  # what DNS says, where that differs from where it runs
    listens: bool = True
    tls: str = "serves"  # or "resets", "closes", "hangs": what its TLS does to everybody
    dns: str = "answers"  # or "nxdomain", "servfail", "empty"
    delay: float = 0.0  # seconds before each answer
    down_since: datetime | None = None  # on the simulated clock
    down_until: datetime | None = None

    def page(self, path: str, source: str = "", visit: int = 0) -> Page:
        """Returns what it serves at a path, to a visitor; `visit` counts all visits."""
        if source in self.shown_to:
            return self.shown_to[source]
        if self.variants:
            return self.variants[visit % len(self.variants)]
        return self.pages.get(path) or self.pages.get("/") or ordinary_page(self.name)

    def is_down(self, at: datetime) -> bool:
        """Tells whether the site itself is out of order at this instant."""
        return (
            self.down_since is not None and self.down_since <= at and (self.down_until is None or at < self.down_until)
        )


def ordinary_page(title: str, *, size: int = 12_000, words: str = "") -> Page:
    """Makes an ordinary page with a title, of about `size` octets."""
    paragraph = f"<p>{_PARAGRAPH}{words}</p>\n"
    body = paragraph * max(1, size // len(paragraph))
    text = f"<!doctype html><html lang=en><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
    return Page(body=text.encode())
