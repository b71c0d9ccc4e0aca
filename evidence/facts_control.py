"""What the control saw of one hop; a control that could not be asked says nothing."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import neighbourhood, parsed, plain
from evidence.urls import host_of
from models.failures import Failure
from models.observations import ControlEndpoint, ControlReport

if TYPE_CHECKING:
    from evidence.facts import Hop

_NO_SUCH_NAME = frozenset({Failure.DNS_NXDOMAIN_ERROR, "dns_name_error"})
Endpoint = tuple[str, int]


class ControlFacts:
    """The reports about one hop, and whether the control got through the whole walk."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        usable = [report for report in hop.facts.measurement.controls if report.failure is None]
        self.reports = tuple(report for report in usable if report.hop == hop.number)
        self._first = tuple(report for report in usable if report.hop == 0)

    @property
    def configured(self) -> bool:
        return bool(self._hop.facts.measurement.controls)

    @property
    def usable(self) -> bool:
        """There is a control to compare this hop with, if only by its having walked the same way."""
        return bool(self.reports or self._first)

    @property
    def own(self) -> bool:
        """The control was asked about this very hop."""
        return bool(self.reports)

    @cached_property
    def page(self) -> ControlReport | None:
        """Returns the report of a control that got the final page; best one that was not refused itself."""
        loaded = [report for report in self._asked() if loaded_page(report)]
        return min(loaded, key=lambda report: (report.status or 0) >= 400, default=None)

    @cached_property
    def walk_page(self) -> ControlReport | None:
        """Returns the report of a control that got the page at the end of the target's own walk."""
        loaded = [report for report in self._first if loaded_page(report)]
        return min(loaded, key=lambda report: (report.status or 0) >= 400, default=None)

    @property
    def loaded(self) -> bool:
        return self.page is not None

    @property
    def loads_well(self) -> bool:
        """The control got the page, and it was no error page."""
        return self.page is not None and (self.page.status or 0) < 400

    @property
    def not_loaded(self) -> bool:
        """The control tried to get the page and did not, neither at this hop nor on the whole walk."""
        return not self.gets_anywhere and any(report.http_tried for report in self._asked())

    @property
    def gets_anywhere(self) -> bool:
        """The control got a page, at this hop or on the whole walk: then the target is not down, whatever this hop is."""
        return self.loaded or any(loaded_page(report) for report in self._first)

    @cached_property
    def ends_at(self) -> str | None:
        """Returns the host on which the control's own walk from the target ended, where it tells."""
        ends = (report.final_url for report in self._first if loaded_page(report) and report.final_url)
        return next((host for url in ends if (host := host_of(url))), None)

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Returns the addresses that the control's resolver gave for this hop's name."""
        return frozenset(plain(address) for report in self.reports for address in report.addresses)

    @cached_property
    def valid_addresses(self) -> frozenset[str]:
        """Returns the addresses that showed the control a valid certificate for the name."""
        return frozenset(plain(address) for report in self.reports for address in report.valid_addresses)

    @cached_property
    def asns(self) -> dict[str, int]:
        return {plain(address): asn for report in self.reports for address, asn in report.asns if asn > 0}

    @property
    def resolved(self) -> bool:
        return bool(self.addresses)

    @property
    def resolved_nothing(self) -> bool:
        """The control asked for the name and got no address either."""
        return self.own and not self.addresses

    @property
    def no_such_name(self) -> bool:
        return self.resolved_nothing and any(report.dns_failure in _NO_SUCH_NAME for report in self.reports)

    @property
    def dns_failure(self) -> str | None:
        return next((report.dns_failure for report in self.reports if report.dns_failure), None)

    @property
    def http_failure(self) -> str | None:
        return next((report.http_failure for report in self._asked() if report.http_failure), None)

    def tcp(self, endpoints: Iterable[Endpoint]) -> list[ControlEndpoint]:
        """Returns what the control met at these addresses and ports, where it tried them.

        A name, which a proxy looked up at its far end, stands for the addresses that the control's resolver gave.
        """
        wanted = {(plain(address), port) for address, port in endpoints}
        by_name = {port for address, port in wanted if parsed(address) is None}
        wanted |= {(address, port) for address in self.addresses for port in by_name}
        return [e for report in self.reports for e in report.endpoints if (plain(e.address), e.port) in wanted]

    def same_network(self, one: str, other: str) -> bool | None:
        """Tells whether two addresses are of one AS, or else of one /24 or /48; null where nothing is known."""
        if one in self.asns and other in self.asns:
            return self.asns[one] == self.asns[other]
        nets = neighbourhood(one), neighbourhood(other)
        if nets[0] is not None and nets[0] == nets[1]:
            return True
        return None

    def _asked(self) -> tuple[ControlReport, ...]:
        return self.reports or self._first


def loaded_page(report: ControlReport) -> bool:
    """Tells whether the control got an answer to its request."""
    return report.http_tried and report.http_failure is None and (report.status or 0) > 0
