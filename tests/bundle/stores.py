"""Stores with one block in them, made by hand and judged, folded and kept as ever."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from evidence.judge import Judge
from models.episode import Episode
from models.measurement import Finished
from models.store import Judged, open_store
from scheduler.folding import Folding
from tests.scheduler.made import START, finished, reset_here

Change = Callable[[Finished], Finished]


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'wallwatch.sqlite'}"


def looks(pattern: str, *, hours: int = 6, target: str = "a") -> list[Finished]:
    """A look for each letter, some hours apart: `o` loaded, `x` was reset while the control loaded the page."""
    made = {"o": _loaded, "x": reset_here}
    return [
        made[letter](target=target, at=START + n * timedelta(hours=hours))
        for n, letter in enumerate(pattern)
        if letter != "."
    ]


def _loaded(*, target: str, at: object) -> Finished:
    """A page that loaded here as it did for the control."""
    plain = finished(target=target, at=at)
    (control,) = reset_here(target=target, at=at).measurement.controls
    return Finished(
        measurement=replace(plain.measurement, controls=(replace(control, title="A", body_length=16),)),
        blobs=plain.blobs,
    )


def filled(folder: Path, made: Sequence[Finished], change: Change = lambda one: one) -> list[Episode]:
    """Fills a store as the prober does; returns its episodes, oldest first."""
    judge = Judge()
    with open_store(url(folder)) as store:
        folding = Folding(store)
        for one in map(change, made):
            batch = [Judged(one, judge.verdict(one.measurement, one.blobs))]
            store.put(batch)
            folding.written(batch)
        return list(reversed(store.episodes()))


def from_network(one: Finished) -> Finished:
    """The same look from a network that is known."""
    where = replace(one.measurement.vantage, country="CN", asn=4837, network="China Unicom")
    return Finished(measurement=replace(one.measurement, vantage=where), blobs=one.blobs)
