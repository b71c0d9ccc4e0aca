"""Short ways to write a series down: one letter a look, o ok, a anomaly, C confirmed, d down, r restricted, . inconclusive, space no look."""

from datetime import UTC, datetime, timedelta

from evidence.episodes import episodes
from models.episode import Episode, Look
from models.words import Mechanism, Outcome

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_OUTCOMES = {
    "o": Outcome.OK,
    "a": Outcome.ANOMALY,
    "C": Outcome.CONFIRMED,
    "d": Outcome.DOWN,
    "r": Outcome.RESTRICTED,
    ".": Outcome.INCONCLUSIVE,
}


def looks(letters: str, pace: timedelta = DAY, mechanism: Mechanism = Mechanism.SNI_RESET) -> list[Look]:
    return [
        Look(FIRST + index * pace, _OUTCOMES[letter], mechanism if letter in "aC" else None, f"sha256:{index}")
        for index, letter in enumerate(letters)
        if letter != " "
    ]


def fold(letters: str, pace: timedelta = DAY) -> list[Episode]:
    return episodes("site", "here", looks(letters, pace))


def day(number: int) -> datetime:
    return FIRST + number * DAY
