"""One series made ready for the fold: in time order, one look an instant, each usable look one letter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from operator import attrgetter, lt

from models.episode import Look
from models.words import USABLE, Mechanism, Outcome

OK, ANOMALY, CONFIRMED = b"oac"
_LETTER = {Outcome.OK: OK, Outcome.ANOMALY: ANOMALY, Outcome.CONFIRMED: CONFIRMED}
_ONE_BLOCKED = bytes.maketrans(b"ac", b"xx")


@dataclass(frozen=True, slots=True)
class Outage:
    """A span in which all that a vantage point says of its targets changed together and then changed back."""

    first: datetime
    last: datetime
    voids: frozenset[Outcome]  # the outcomes that say nothing while it lasts


@dataclass(frozen=True, slots=True)
class Series:
    """Usable looks as parallel columns; `letters` has one of o, a, c for each of them, `marks` only o or x."""

    looks: Sequence[Look]  # all of them, the unusable too
    usable: Sequence[Look]
    times: list[datetime]  # of the usable ones
    letters: bytes
    marks: bytes
    voided: frozenset[datetime] = frozenset()

    def __len__(self) -> int:
        return len(self.letters)


def series_of(looks: Iterable[Look], outages: Sequence[Outage] = ()) -> Series:
    """Sorts, merges looks of one instant, sets the unusable aside. Raises ValueError for a time without a zone."""
    ordered, times = _ordered(list(looks))
    voided = frozenset(look.at for look in ordered if _void(look, outages)) if outages else frozenset()
    letters = bytes(map(_LETTER.get, map(attrgetter("outcome"), ordered), [0] * len(ordered)))
    usable: Sequence[Look] = ordered
    if 0 in letters or voided:
        usable = [look for look in ordered if look.outcome in USABLE and look.at not in voided]
        times = [look.at for look in usable]
        letters = bytes(_LETTER[look.outcome] for look in usable)
    return Series(ordered, usable, times, letters, letters.translate(_ONE_BLOCKED), voided)


def _void(look: Look, outages: Sequence[Outage]) -> bool:
    return any(outage.first <= look.at <= outage.last and look.outcome in outage.voids for outage in outages)


def _ordered(looks: list[Look]) -> tuple[list[Look], list[datetime]]:
    zones = {look.at.tzinfo for look in looks}
    if zones - {UTC}:
        looks = [_in_utc(look) for look in looks]
    times = [look.at for look in looks]
    if not all(map(lt, times, islice(times, 1, None))):
        looks = [_one(list(same)) for _, same in groupby(sorted(looks, key=attrgetter("at")), key=attrgetter("at"))]
        times = [look.at for look in looks]
    return looks, times


def _in_utc(look: Look) -> Look:
    # Two times of one zone compare by the clock on the wall, which runs twice through an hour each autumn.
    if look.at.utcoffset() is None:
        raise ValueError(
            f"The look at {look.at.isoformat()} has no time zone; give UTC, for example {look.at.isoformat()}Z."
        )
    return replace(look, at=look.at.astimezone(UTC))


def _one(same: list[Look]) -> Look:
    """One look for one instant; where usable looks contradict each other, one that says nothing."""
    if len(same) == 1:
        return same[0]
    same.sort(key=_rank)
    usable = [look for look in same if look.outcome in USABLE]
    if len({look.outcome is Outcome.OK for look in usable}) > 1:
        return replace(same[0], outcome=Outcome.INCONCLUSIVE, mechanism=None)
    return next((look for look in usable if look.outcome is Outcome.CONFIRMED), (usable or same)[0])


def _rank(look: Look) -> tuple[str, str, str]:
    return look.outcome.value, look.measurement or "", look.mechanism or ""


def middle(times: Sequence[timedelta]) -> timedelta:
    """The median of at least one length of time."""
    ordered, half = sorted(times), len(times) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def mechanisms(looks: Sequence[Look]) -> tuple[Mechanism, ...]:
    """The mechanisms in the order in which they were first seen."""
    seen = dict.fromkeys(map(attrgetter("mechanism"), looks))
    return tuple(mechanism for mechanism in seen if mechanism is not None)
