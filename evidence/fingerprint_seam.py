"""Where fingerprints plug in: marks found in a measurement, each with the words that say where and by which list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from models.measurement import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One fingerprint that matched, honouring its country, scope and confidence."""

    hop: int
    kind: Literal["page", "redirect", "address", "exculpatory"]
    name: str  # of the fingerprint
    source: str  # whose list
    excerpt: str = ""  # what matched
    offset: int | None = None  # where in the body


class Fingerprints(Protocol):
    """A set of fingerprints; its digest stands in every verdict."""

    @property
    def digest(self) -> str: ...

    def marks(self, measurement: Measurement, blobs: Mapping[str, bytes]) -> Iterable[Mark]:
        """Returns what matches; an exculpatory mark never outranks a country-scoped block mark."""
        ...
