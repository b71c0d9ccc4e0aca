"""One fingerprint: a published pattern, where it is looked for, and what finding it is worth."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from evidence.fingerprint_seam import Weight

SURE = 9  # of 10: from here on a list's author rules false positives out (field.md, section 2.3)
DOUBTED = 5  # below, its author does not believe in it himself
_MEANING = 1  # counts up when the same rows come to mean something else


class Scope(StrEnum):
    """Whose mark it is, in the words of OONI's and Citizen Lab's lists."""

    NAT = "nat"  # a whole country's
    ISP = "isp"  # one provider's
    PROV = "prov"  # a content provider's or a province's
    PROD = "prod"  # a filtering product's
    INST = "inst"  # a school's, a company's
    VBW = "vbw"  # a vague blocking word
    INJB = "injb"  # a device on the path, of no known purpose
    BR = "br"  # an address that is no site's
    FP = "fp"  # known not to be a block


class Kind(StrEnum):
    """How the pattern is held against the text."""

    FULL = "full"
    PREFIX = "prefix"
    CONTAINS = "contains"
    REGEXP = "regexp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """A row of a list."""

    name: str
    scope: Scope
    location: str  # body, text (of a brief page, as read), header, header.<name>, dns
    kind: Kind
    pattern: str
    confidence: int  # 0 to 10, the author's own, that it is no false positive
    countries: tuple[str, ...] = ()
    source: str = ""

    @property
    def about(self) -> str:
        """Returns in words what its scope says of whose mark it is."""
        return _ABOUT[self.scope].format(where=f" in {', '.join(self.countries[:8])}" if self.countries else "")

    def weight(self, country: str | None) -> Weight:
        """Returns what finding it from a vantage point in this country is worth; null where the country is unknown."""
        if self.scope in _NETWORKS:
            weight = self._weight_of_network(country)
            quotable = self.location == "text" and weight is Weight.SETTLES
            return Weight.WITH_CONTROL if quotable else weight
        if self.scope is Scope.PROD:  # products stand before servers too, and a household chooses its own resolver
            beside = self.confidence >= SURE and self.location != "dns"
            return Weight.WITH_CONTROL if beside else Weight.POINTS
        return Weight.POINTS if self.scope is Scope.INST else Weight.VAGUE

    def _weight_of_network(self, country: str | None) -> Weight:
        if self.confidence < DOUBTED or (self.countries and country and country not in self.countries):
            return Weight.POINTS
        if not self.countries:
            return Weight.WITH_CONTROL if self.confidence >= SURE else Weight.POINTS
        return Weight.SETTLES if country or self.confidence >= SURE else Weight.WITH_CONTROL


_NETWORKS = frozenset({Scope.NAT, Scope.ISP, Scope.PROV})
_ABOUT = {
    Scope.NAT: "known from filtering of a whole country{where}",
    Scope.ISP: "known from providers' filters{where}",
    Scope.PROV: "known from providers{where}",
    Scope.PROD: "a filtering product's mark{where}: a filter answered, and whose it is the mark does not tell",
    Scope.INST: "known from filters of schools, offices and companies{where}: filtered locally, perhaps by them alone",
    Scope.VBW: "a phrase that block pages share with other pages{where}",
    Scope.INJB: "known from devices on the path{where}",
    Scope.BR: "an address at which no site is",
    Scope.FP: "known from pages that are no block",
}


def digest_of(fingerprints: Iterable[Fingerprint]) -> str:
    """Returns the name of a set, `sha256:<hex>`: the same for the same rows in any order and any number of files."""
    rows = sorted({json.dumps(asdict(each), ensure_ascii=False, sort_keys=True) for each in fingerprints})
    return "sha256:" + hashlib.sha256("\n".join([f"fingerprints {_MEANING}", *rows]).encode()).hexdigest()
