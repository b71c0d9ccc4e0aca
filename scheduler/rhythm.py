"""When one pair is due: a grid of instants whose mean period is the period, jittered without drift."""

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
ROAM_FROM_US = 3_600_000_000  # shorter periods visit every hour of the day anyway
ROAM_STEPS = 24
TICK_US = 100_000  # slots share wake-ups of the scheduler: most of what a job costs is being woken for it
_MASK = (1 << 64) - 1


def to_us(at: datetime) -> int:
    """Returns an instant as integer microseconds since 1970: floats would let a slot come twice."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def _mixed(seed: int, slot: int) -> int:
    """Returns 64 well-mixed bits of (seed, slot): splitmix64."""
    bits = (seed + slot * 0x9E3779B97F4A7C15) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


class Rhythm(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Slot k lies at anchor + k periods, plus jitter of its own, plus a slow walk through the hours of the day.

    Neither adds up: jitter is drawn anew for each slot, and the walk goes forth and back (48 slots a round), so the
    mean period is the period. APScheduler's own `jitter` is added to the time before and lengthens it. Without the
    walk a target looked at once a day would always be looked at in the same hour, and a block at night missed.
    """

    __slots__ = ("anchor_us", "every_us", "jitter_us", "roam_us", "seed")

    def __init__(self, *, anchor: datetime, every: timedelta, jitter: timedelta, seed: int) -> None:
        self.anchor_us = to_us(anchor)
        self.every_us = max(every // timedelta(microseconds=1), 1)
        self.jitter_us = min(jitter // timedelta(microseconds=1), self.every_us // 2)
        roams = self.every_us >= ROAM_FROM_US
        self.roam_us = min(self.every_us, DAY_US) // ROAM_STEPS if roams else 0
        self.seed = seed

    def slot_us(self, slot: int) -> int:
        """Returns the instant of one slot, in microseconds since 1970."""
        at = self.anchor_us + slot * self.every_us
        if self.jitter_us:
            at += _mixed(self.seed, slot) % self.jitter_us
        if self.roam_us:
            step = slot % (2 * ROAM_STEPS)
            at += self.roam_us * min(step, 2 * ROAM_STEPS - step)
        return -(-at // TICK_US) * TICK_US

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Returns the first slot after both instants: what was slept through is skipped, never caught up on.

        A look out of turn (the first one, a follow-up) pushes away a slot that would come within a quarter period.
        """
        after = to_us(now)
        if previous_fire_time is not None:
            after = max(after, to_us(previous_fire_time) + self.every_us // 4)
        latest = self.jitter_us + ROAM_STEPS * self.roam_us + TICK_US
        slot = (after - self.anchor_us - latest) // self.every_us
        while (at := self.slot_us(slot)) <= after:
            slot += 1
        return from_us(at)
