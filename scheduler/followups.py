"""Follow-ups: a change of state brings the next looks forward, so that onset and release become narrow intervals."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.words import BLOCKED, USABLE, Outcome
from scheduler.timetable import Pair

AFTER = (timedelta(minutes=4), timedelta(minutes=14), timedelta(minutes=38))
SPREAD = 0.25  # of each, either way: looks that a censor cannot foretell
APART = timedelta(seconds=180)  # residual blocking
WITHIN = timedelta(hours=1)
SHORT = timedelta(minutes=5)  # whoever looks this often needs none


@dataclass(slots=True)
class FollowUps:
    """Remembers for each pair whether it was blocked, and when follow-ups were set."""

    rng: random.Random
    _blocked: dict[Pair, bool] = field(default_factory=dict)
    _set: dict[Pair, list[datetime]] = field(default_factory=dict)

    def remember(self, pair: Pair, last_ok: datetime | None, last_blocked: datetime | None) -> None:
        """Takes up where a pair stood before the start."""
        if last_ok or last_blocked:
            self._blocked[pair] = last_blocked is not None and (last_ok is None or last_blocked > last_ok)

    def after(self, pair: Pair, outcome: Outcome, at: datetime, every: timedelta) -> list[datetime]:
        """Returns when to look again; nothing, unless this look changed the state. At most three within an hour."""
        if outcome not in USABLE:
            return []
        blocked = outcome in BLOCKED
        before = self._blocked.get(pair, False)
        self._blocked[pair] = blocked
        if blocked == before or every <= SHORT:
            return []
        earlier = [each for each in self._set.get(pair, []) if each > at - WITHIN]
        times = self._times(at, earlier)[: len(AFTER) - len(earlier)]
        self._set[pair] = earlier + times
        return times

    def _times(self, at: datetime, earlier: list[datetime]) -> list[datetime]:
        drawn = [at + after * self.rng.uniform(1 - SPREAD, 1 + SPREAD) for after in AFTER]
        times = [max(each, at + APART) for each in drawn]
        return [each for each in times if all(abs(each - other) >= APART for other in earlier)]

    def forget(self, pair: Pair) -> None:
        self._blocked.pop(pair, None)
        self._set.pop(pair, None)

    def shift(self, by: timedelta) -> None:
        """Moves what was set along with a clock that was set."""
        self._set = {pair: [each + by for each in times] for pair, times in self._set.items()}
