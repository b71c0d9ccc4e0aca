"""Series whose truth is known: a seeded world of blocked and open targets, seen through flawed looks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from models.episode import Look
from models.words import Mechanism, Outcome

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = 3600.0
PACES = {600.0: 30, 1800.0: 60, HOUR: 120, 3 * HOUR: 240, 6 * HOUR: 365, 12 * HOUR: 540, 24 * HOUR: 730}
"""Seconds between looks, and for how many days a world with that pace is watched."""


@dataclass(frozen=True)
class Flaws:
    """What is wrong with the looks of one world."""

    failing: float  # the share of failures while open
    missing: float  # the share of successes while blocked
    jitter: float  # of the pace, either way
    lost: float  # the share of looks never made


@dataclass(frozen=True)
class Watched:
    """One target: when it was blocked, in seconds since the start, and what was seen of it."""

    name: str
    blocked: tuple[tuple[float, float], ...]
    kinds: tuple[str, ...]  # of each blocked span: steady, short, flapping
    looks: list[Look]
    settles: bool  # its looks may be `confirmed`


@dataclass(frozen=True)
class World:
    """All targets of one vantage point."""

    pace: float
    days: int
    flaws: Flaws
    targets: list[Watched]


def world(seed: int, *, targets: int = 24, quiet: bool = False, unnoticed: bool = False) -> World:
    """A world by its number; `quiet`: looks without flaws, `unnoticed`: outages that the canaries did not see, too."""
    rng = np.random.default_rng(seed)
    pace = float(rng.choice(list(PACES)))
    flaws = Flaws(*(0.0,) * 4) if quiet else Flaws(*(rng.uniform(0, most) for most in (0.05, 0.1, 0.3, 0.1)))
    days = PACES[pace]
    length = days * 24 * HOUR
    gaps = _spans(rng, length, pace, count=rng.integers(0, 4), longest=40)
    unseen = _spans(rng, length, pace, count=rng.integers(0, 4), longest=30)
    seen = _spans(rng, length, pace, count=rng.integers(0, 4), longest=30)
    made = []
    for number in range(targets):
        blocked, kinds = _blocked(rng, length, pace)
        settles = bool(rng.random() < 0.5)
        columns = _Columns(rng, length, pace, flaws)
        columns.drop(gaps)
        columns.see(blocked)
        columns.fail_together(unseen if unnoticed else [])
        columns.give_up(seen)
        made.append(Watched(f"site-{number}", blocked, kinds, columns.looks(settles), settles))
    return World(pace, days, flaws, made)


def _spans(
    rng: np.random.Generator, length: float, pace: float, *, count: int, longest: int
) -> list[tuple[float, float]]:
    starts = rng.uniform(0, length, count)
    return [(float(start), float(start + pace * rng.uniform(2, longest))) for start in starts]


def _blocked(
    rng: np.random.Generator, length: float, pace: float
) -> tuple[tuple[tuple[float, float], ...], tuple[str, ...]]:
    spans: list[tuple[float, float]] = []
    kinds: list[str] = []
    at = 0.0 if rng.random() < 0.15 else float(rng.exponential(length / 5))
    while at < length:
        kind = str(rng.choice(["steady", "short", "flapping"], p=[0.7, 0.15, 0.15]))
        for start, end in _one(rng, kind, at, length, pace):
            spans.append((start, end))
            kinds.append(kind)
        at = spans[-1][1] + float(rng.exponential(length / 5))
    return tuple(spans), tuple(kinds)


def _one(rng: np.random.Generator, kind: str, at: float, length: float, pace: float) -> list[tuple[float, float]]:
    if kind == "short":
        return [(at, at + pace * rng.uniform(2, 8))]
    if kind == "steady":
        return [(at, at + float(np.exp(rng.uniform(np.log(8 * pace), np.log(max(length / 3, 9 * pace))))))]
    spans = []
    for _ in range(rng.integers(3, 9)):
        end = at + pace * float(np.exp(rng.uniform(np.log(2), np.log(40))))
        spans.append((at, end))
        at = end + pace * float(np.exp(rng.uniform(np.log(2), np.log(40))))
    return spans


class _Columns:
    """The looks of one target while they are being spoilt."""

    def __init__(self, rng: np.random.Generator, length: float, pace: float, flaws: Flaws) -> None:
        self._rng, self._flaws = rng, flaws
        grid = np.arange(rng.uniform(0, pace), length, pace)
        grid = np.sort(grid + rng.uniform(-1, 1, len(grid)) * flaws.jitter * pace)
        self.at = grid[(grid > 0) & (rng.random(len(grid)) >= flaws.lost)]

    def drop(self, spans: list[tuple[float, float]]) -> None:
        self.at = self.at[~_within(self.at, spans)]

    def see(self, blocked: tuple[tuple[float, float], ...]) -> None:
        self.truth = _within(self.at, blocked)
        chance = self._rng.random(len(self.at))
        self.seen = np.where(self.truth, chance >= self._flaws.missing, chance < self._flaws.failing)
        self.unusable = np.zeros(len(self.at), bool)

    def fail_together(self, spans: list[tuple[float, float]]) -> None:
        """An outage that nobody noticed: each look fails, as if blocked."""
        self.outage = _within(self.at, spans)
        self.seen = self.seen | self.outage

    def give_up(self, spans: list[tuple[float, float]]) -> None:
        """An outage that the canaries noticed."""
        self.unusable = _within(self.at, spans)

    def looks(self, settles: bool) -> list[Look]:
        surely = self.truth & self.seen & ~self.outage & (self._rng.random(len(self.at)) < 0.8) & settles
        columns = zip(self.at, self.seen, surely, self.outage, self.unusable, strict=True)
        return [_look(at, seen=s, surely=c, outage=o, unusable=u) for at, s, c, o, u in columns]


def _within(at: np.ndarray, spans: "list[tuple[float, float]] | tuple[tuple[float, float], ...]") -> np.ndarray:
    inside = np.zeros(len(at), bool)
    for start, end in spans:
        inside |= (at >= start) & (at < end)
    return inside


def _look(at: float, *, seen: bool, surely: bool, outage: bool, unusable: bool) -> Look:
    when = START + timedelta(seconds=float(at))
    if unusable:
        return Look(when, Outcome.INCONCLUSIVE)
    if not seen:
        return Look(when, Outcome.OK)
    return Look(
        when, Outcome.CONFIRMED if surely else Outcome.ANOMALY, Mechanism.IP_TIMEOUT if outage else Mechanism.SNI_RESET
    )
