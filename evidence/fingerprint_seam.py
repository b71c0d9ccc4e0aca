"""Where fingerprints plug in: marks found in a measurement, each with the words that say where and by which list."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from models.observations import DnsLookup, HttpFetch


class Weight(StrEnum):
    """What one mark is worth at this vantage point."""

    SETTLES = "settles"  # published for this country, or specific enough to stand alone
    WITH_CONTROL = "with_control"  # settles where the control gets something else
    POINTS = "points"  # names what it may be, settles nothing
    VAGUE = "vague"  # a word that block pages share with others; told, never counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One fingerprint that matched, honouring its country, scope and confidence."""

    hop: int
    kind: Literal["page", "redirect", "address", "exculpatory"]
    name: str  # of the fingerprint
    source: str  # whose list
    excerpt: str = ""  # what matched
    offset: int | None = None  # in characters of the decoded body, or of the header's value
    location: str = ""  # body, header.server, dns
    weight: Weight = Weight.SETTLES
    scoped: bool = False  # bound to countries: look-alikes on a list never outrank it
    whose: str = ""  # what its scope says of whose mark it is, in words


class Fingerprints(Protocol):
    """A set of fingerprints; its digest stands in every verdict."""

    @property
    def digest(self) -> str: ...

    def page_marks(self, fetch: HttpFetch, body: bytes | None, country: str | None) -> Iterable[Mark]:
        """Returns what matches in one answer's headers and body, seen from a country."""
        ...

    def address_marks(self, lookup: DnsLookup, country: str | None) -> Iterable[Mark]:
        """Returns what matches in the addresses and aliases of one lookup's replies, seen from a country."""
        ...
