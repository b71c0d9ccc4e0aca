"""Which fingerprints matched at one hop, and which of them count there.

A page that is the site's own by certificate, or that the control gets too, is not held against fingerprints at all:
a site may well write about block pages. A look-alike on a list (an exculpatory mark) outranks every mark but those
that are bound to countries.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import parsed
from evidence.facts_dns import Kin
from evidence.fingerprint_seam import Mark, Weight
from evidence.page import registrable
from evidence.urls import host_of
from models.observations import DnsLookup

if TYPE_CHECKING:
    from evidence.facts import Hop

_LONG_ENOUGH = 10  # characters of a look-alike's mark, before it speaks for a page that differs from the control's


class MarkFacts:
    """The marks of one hop."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        self._set = hop.facts.fingerprints
        self._country = hop.facts.measurement.vantage.country

    # the page

    @cached_property
    def of_page(self) -> tuple[Mark, ...]:
        """Returns all that matched in the answer's headers and body, where the page may be somebody else's."""
        http = self._hop.http
        if self._set is None or http.fetch is None or http.status is None:
            return ()
        if (http.secured and http.at_home) or http.like_control:
            return ()
        return tuple(self._set.page_marks(http.fetch, http.body, self._country))

    @cached_property
    def block_page(self) -> tuple[Mark, ...]:
        """Returns the marks that settle that this is a block page."""
        return self._counting("page")

    @cached_property
    def block_redirect(self) -> tuple[Mark, ...]:
        """Returns the marks that settle that the visitor is sent to a block page, off the site and not where the control ends."""
        return self._counting("redirect") if self._leads_off else ()

    @cached_property
    def pointing(self) -> tuple[Mark, ...]:
        """Returns the marks that settle nothing; none where the page is like one that is known to be harmless."""
        found = (mark for mark in self.of_page if mark.kind == "page" or (mark.kind == "redirect" and self._leads_off))
        return () if self._excused else tuple(mark for mark in found if mark.weight is not Weight.VAGUE)

    @cached_property
    def harmless(self) -> tuple[Mark, ...]:
        """Returns the marks of pages that are known not to be blocks, the shortest left aside."""
        return tuple(m for m in self.of_page if m.kind == "exculpatory" and len(m.excerpt) >= _LONG_ENOUGH)

    @property
    def _excused(self) -> bool:
        return any(mark.kind == "exculpatory" for mark in self.of_page)

    @property
    def _leads_off(self) -> bool:
        """The redirect leaves the site, and the control is not known to follow it."""
        fetch, ends = self._hop.http.fetch, self._hop.control.ends_at
        to = registrable(host_of(fetch.location or "")) if fetch else ""
        homes = {registrable(self._hop.name), registrable(self._hop.facts.hops[0].name)}
        return bool(to) and to not in homes and (ends is None or registrable(ends) != to)

    def _counting(self, kind: str) -> tuple[Mark, ...]:
        marks = (mark for mark in self.of_page if mark.kind == kind and (mark.scoped or not self._excused))
        return tuple(mark for mark in marks if _settles(mark, beside=self._control_gets_another))

    @property
    def _control_gets_another(self) -> bool:
        comparison = self._hop.http.comparison
        return comparison is not None and not comparison.same and self._hop.http.control_loads_well

    # the answers to the name

    @cached_property
    def of_answers(self) -> tuple[Mark, ...]:
        """Returns all that matched in the answers, where nothing shows that they are the site's."""
        found = {mark.name: mark for lookup in self._hop.dns.walk for mark in self._of_lookup(lookup)}
        return tuple(found.values())

    @cached_property
    def forged(self) -> tuple[Mark, ...]:
        """Returns the marks that settle that an answer is forged."""
        beside = self._hop.control.resolved
        return tuple(mark for mark in self.of_answers if _settles(mark, beside=beside))

    @cached_property
    def pointing_address(self) -> tuple[Mark, ...]:
        """Returns the marks of answers that are known, and settle nothing."""
        return self.of_answers

    def _of_lookup(self, lookup: DnsLookup) -> Iterable[Mark]:
        if self._set is None or lookup.resolver == "hosts":
            return ()
        return (mark for mark in self._set.address_marks(lookup, self._country) if self._foreign(lookup, mark))

    def _foreign(self, lookup: DnsLookup, mark: Mark) -> bool:
        marked = [mark.excerpt] if parsed(mark.excerpt) else list(lookup.addresses)
        return not marked or self._hop.dns.kin(marked) is not Kin.GENUINE


def _settles(mark: Mark, *, beside: bool) -> bool:
    return mark.weight is Weight.SETTLES or (mark.weight is Weight.WITH_CONTROL and beside)
