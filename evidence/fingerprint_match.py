"""A set of fingerprints held against pages and names: which match, where, and what that is worth."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from evidence.addresses import plain
from evidence.fingerprint import Fingerprint, Kind, Scope, digest_of
from evidence.fingerprint_page import BRIEF, Page
from evidence.fingerprint_regexp import search
from evidence.fingerprint_seam import Mark, Weight
from evidence.page import registrable
from evidence.urls import host_of
from models.observations import DnsLookup, HttpFetch
from models.page_text import decode

MOST_TEXT = 64 << 10  # characters of a page that are looked at: the longest known block page has 50,264 octets
_MOST_OCTETS = 4 * MOST_TEXT
_MOST_MARKS, _MOST_HARMLESS = 16, 4
_ORDER = {weight: place for place, weight in enumerate(Weight)}
_Found = Literal["page", "redirect", "address"]
_LONGEST_EXCERPT = 120
_LONGEST_HEADER = 8 << 10
_ANSWERS = frozenset({"A", "AAAA", "CNAME"})


class FingerprintSet:
    """All fingerprints that are loaded."""

    def __init__(self, fingerprints: Iterable[Fingerprint]) -> None:
        every = sorted(set(fingerprints), key=lambda each: (each.scope is Scope.FP, each.name, each.pattern))
        self.count = len(every)
        self._body = [each for each in every if each.location == "body"]
        self._text = [each for each in every if each.location == "text"]
        self._headers = [each for each in every if each.location.startswith("header")]
        names = [each for each in every if each.location == "dns"]
        self._names = [each for each in names if each.kind is not Kind.FULL]
        self._answers: dict[str, list[Fingerprint]] = {}
        for each in names:
            if each.kind is Kind.FULL:
                self._answers.setdefault(each.pattern, []).append(each)
        self.digest = digest_of(every)

    def page_marks(self, fetch: HttpFetch, body: bytes | None, country: str | None) -> tuple[Mark, ...]:
        """Returns what matches in one answer's headers and in its body, read by the page's own charset."""
        return tuple(_bounded([*self._in_headers(fetch, country), *self._in_body(fetch, body, country)]))

    def address_marks(self, lookup: DnsLookup, country: str | None) -> tuple[Mark, ...]:
        """Returns what matches in the addresses and aliases of one lookup's replies."""
        return tuple(_bounded(list(self._in_answers(lookup, country))))

    def _in_headers(self, fetch: HttpFetch, country: str | None) -> Iterator[Mark]:
        told = [(name.lower(), value[:_LONGEST_HEADER]) for name, value in fetch.headers]
        if fetch.location and ("location", fetch.location) not in told:
            told.append(("location", fetch.location[:_LONGEST_HEADER]))
        for each in self._headers:
            wanted = each.location.partition(".")[2]
            for name, value in told:
                if wanted in ("", name) and (mark := _in_header(each, name, value, fetch, country)):
                    yield mark
                    break

    def _in_body(self, fetch: HttpFetch, body: bytes | None, country: str | None) -> Iterator[Mark]:
        if not body:
            return
        named = next((value for name, value in fetch.headers if name.lower() == "content-type"), None)
        page = Page(decode(body[:_MOST_OCTETS], named)[:MOST_TEXT])
        for each in self._body:
            if at := found(each, page.text):
                yield _mark(each, fetch.hop, "page", page.text, at, location="body", country=country)
        for each in self._text if len(page.words) <= BRIEF else ():
            if at := found(each, page.words):
                yield _mark(each, fetch.hop, "page", page.words, at, location="text", country=country)
        yield from self._in_redirects(fetch, page, country)

    def _in_redirects(self, fetch: HttpFetch, page: Page, country: str | None) -> Iterator[Mark]:
        """A page that only sends its reader on, by `meta`, script or frame, is held against what is known of Location."""
        led = [(start, url) for start, url in page.redirects() if registrable(host_of(url)) != registrable(fetch.host)]
        for each in self._headers if led else ():
            for start, url in led if each.location == "header.location" else ():
                if at := found(each, url):
                    moved = (start + at[0], start + at[1])
                    yield _mark(each, fetch.hop, "page", page.text, moved, location="body", country=country)
                    break

    def _in_answers(self, lookup: DnsLookup, country: str | None) -> Iterator[Mark]:
        for answer in _answers_of(lookup):
            for each in (*self._answers.get(answer, ()), *self._names):
                if at := found(each, answer):
                    yield _mark(each, lookup.hop, "address", answer, at, location="dns", country=country)


def found(each: Fingerprint, text: str) -> tuple[int, int] | None:
    """Returns from where to where a fingerprint matches a text first."""
    pattern = each.pattern
    if each.kind is Kind.REGEXP:
        return search(pattern, text)
    if each.kind is Kind.CONTAINS:
        at = text.find(pattern)
        return (at, at + len(pattern)) if at >= 0 else None
    matches = text == pattern if each.kind is Kind.FULL else text.startswith(pattern)
    return (0, len(pattern)) if matches else None


def _in_header(each: Fingerprint, name: str, value: str, fetch: HttpFetch, country: str | None) -> Mark | None:
    """Citizen Lab's `header` is any whole line, as `Location: http://…`; OONI's `header.location` one header's value."""
    line = value if "." in each.location else f"{name.title()}: {value}"
    at = found(each, line)
    if at is None:
        return None
    kind: _Found = "redirect" if name == "location" else "page"
    return _mark(each, fetch.hop, kind, line, at, location=f"header.{name}", country=country)


def _mark(
    each: Fingerprint, hop: int, kind: _Found, text: str, at: tuple[int, int], *, location: str, country: str | None
) -> Mark:
    return Mark(
        hop=hop,
        kind="exculpatory" if each.scope is Scope.FP else kind,
        name=each.name,
        source=each.source,
        excerpt=text[at[0] : min(at[1], at[0] + _LONGEST_EXCERPT)],
        offset=at[0],
        location=location,
        weight=each.weight(country),
        scoped=bool(each.countries),
        whose=each.about,
    )


def _answers_of(lookup: DnsLookup) -> Sequence[str]:
    records = (record for reply in lookup.replies for record in reply.records if record.type in _ANSWERS)
    told = [*lookup.addresses, *(record.value for record in records)]
    return tuple(dict.fromkeys(plain(value).rstrip(".") for value in told))[:64]


def _bounded(marks: list[Mark]) -> list[Mark]:
    """Keeps the weightiest: whoever writes a page may put every known mark on it."""
    telling = sorted((mark for mark in marks if mark.kind != "exculpatory"), key=lambda mark: _ORDER[mark.weight])
    return telling[:_MOST_MARKS] + [mark for mark in marks if mark.kind == "exculpatory"][:_MOST_HARMLESS]
