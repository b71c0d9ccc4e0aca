"""Pacing: how soon a look may start. Starts are limited; what is in flight waits on silence and costs next to nothing.

Behind a limit on what is in flight, 5,000 silent targets would make healthy ones wait for half a minute, so only
memory and sockets bound that.
"""

import heapq
import itertools
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scheduler.timetable import Due

QUIET = 180.0  # seconds for which an address is left alone after interference: residual blocking lasts that long
QUIET_QUIC = 300.0
SOCKETS_A_LOOK = 12  # both families, resolvers, control, contrasts: more than one look holds at once
SOCKETS_SPARED = 200  # for the store, the journal, canaries, the dashboard's pipe
MEMORY_A_LOOK = 256 * 1024  # a page of 1 MiB is rare; most looks hold a few kilobytes
BURST = 0.1  # seconds' worth of starts that may come at once: one wake-up of the loop serves them all
_FORGET_ABOVE = 10_000


class Address(NamedTuple):
    """Where interference was met: one address and port, as seen from one vantage point."""

    vantage: str
    ip: str
    port: int


class Place(NamedTuple):
    """What a look is expected to touch: its host, and the addresses that it met the last time."""

    vantage: str
    host: str
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Starts a second and distances between starts, in seconds."""

    a_second: float = 20.0
    a_second_per_vantage: float = 20.0
    host_apart: float = 1.0
    address_apart: float = 0.5


def limits_for(demand: float) -> Limits:
    """Returns limits that keep up with what the configuration asks for, with half as much again to catch up."""
    rate = max(20.0, 1.5 * demand)
    return Limits(a_second=rate, a_second_per_vantage=rate)


def may_fly(open_files: int | None = None, memory: int | None = None) -> int:
    """Returns how many looks may be in flight at once: what sockets and memory allow."""
    sockets = open_files or raise_open_files()
    room = memory or _memory_available() // 2
    return max(4, min((sockets - SOCKETS_SPARED) // SOCKETS_A_LOOK, room // MEMORY_A_LOOK))


def raise_open_files() -> int:
    """Raises this process's limit of open files as far as it may, and returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(soft, wanted)


def _memory_available() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return 1 << 30


@dataclass(slots=True)
class Pacing:
    """When the next start is allowed, for everything, each vantage point, each host and each address.

    All instants are seconds of one clock that never jumps (`loop.time()`), given by the caller.
    """

    limits: Limits = Limits()
    _free_at: dict[object, float] = field(default_factory=dict)  # starts: from when on the next one may come
    _quiet_until: dict[Address, float] = field(default_factory=dict)

    def gate(self, vantage: str, now: float) -> float:
        """Returns when anything at all may start from this vantage point."""
        at = max(self._free_at.get("all", now), self._free_at.get(("vantage", vantage), now))
        return max(now, at - BURST)

    def earliest(self, place: Place, now: float) -> float:
        """Returns when this look may start: now, or later."""
        spaced = (self._free_at.get(key, now) for key in (("host", place.host), *place.addresses))
        return max(self.gate(place.vantage, now), self.quiet_until(place.addresses, now), *spaced)

    def quiet_until(self, addresses: Iterable[Address], now: float) -> float:
        return max((self._quiet_until.get(address, now) for address in addresses), default=now)

    def started(self, place: Place, now: float) -> None:
        """Notes a start, which pushes the next ones away."""
        self._push("all", now, 1 / self.limits.a_second)
        self._push(("vantage", place.vantage), now, 1 / self.limits.a_second_per_vantage)
        self._free_at[("host", place.host)] = now + self.limits.host_apart
        for address in place.addresses:
            self._free_at[address] = now + self.limits.address_apart
        if len(self._free_at) > _FORGET_ABOVE:
            self._free_at = {key: at for key, at in self._free_at.items() if at > now}

    def _push(self, key: object, now: float, by: float) -> None:
        self._free_at[key] = max(self._free_at.get(key, now), now) + by

    def interfered(self, addresses: Iterable[Address], now: float, *, quic: bool = False) -> None:
        """Leaves addresses alone for a while: residual blocking would make the next look there a lie."""
        until = now + (QUIET_QUIC if quic else QUIET)
        for address in addresses:
            self._quiet_until[address] = max(until, self._quiet_until.get(address, until))
        if len(self._quiet_until) > _FORGET_ABOVE:
            self._quiet_until = {each: at for each, at in self._quiet_until.items() if at > now}

    def quiet(self, now: float) -> int:
        """Returns how many addresses are being left alone."""
        return sum(1 for at in self._quiet_until.values() if at > now)


_Entry = tuple[float, int, Due]


@dataclass(slots=True)
class WaitingRoom:
    """Looks that are due and may not start yet, a lane for each vantage point.

    Each waits with the instant at which it is worth asking again, so whoever waits for one address never holds up
    another, and a closed gate costs nothing however many stand behind it.
    """

    pacing: Pacing
    place_of: Callable[[Due], Place]
    _lanes: dict[str, list[_Entry]] = field(default_factory=dict)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def enter(self, due: Due, now: float) -> None:
        lane = self._lanes.setdefault(due.pair.vantage, [])
        heapq.heappush(lane, (now, next(self._order), due))

    def next_at(self, now: float) -> float | None:
        """Returns when somebody is worth asking again, or None when nobody waits."""
        times = (max(lane[0][0], self.pacing.gate(vantage, now)) for vantage, lane in self._lanes.items() if lane)
        return min(times, default=None)

    def call(self, now: float) -> Due | None:
        """Returns the one who may start now, noted as started; None when all must wait on."""
        lanes = sorted((lane[0], vantage) for vantage, lane in self._lanes.items() if lane)
        calls = (self._call(vantage, now) for _, vantage in lanes if self.pacing.gate(vantage, now) <= now)
        return next((due for due in calls if due), None)

    def _call(self, vantage: str, now: float) -> Due | None:
        lane = self._lanes[vantage]
        while lane and lane[0][0] <= now:
            _, order, due = heapq.heappop(lane)
            place = self.place_of(due)
            earliest = self.pacing.earliest(place, now)
            if earliest <= now:
                self.pacing.started(place, now)
                return due
            heapq.heappush(lane, (earliest, order, due))
        return None

    def leave(self, keep: Callable[[Due], bool]) -> list[Due]:
        """Sends away those who are not to be kept; returns them."""
        gone = [due for lane in self._lanes.values() for _, _, due in lane if not keep(due)]
        for lane in self._lanes.values():
            lane[:] = [entry for entry in lane if keep(entry[2])]
            heapq.heapify(lane)
        return gone
