"""Stores with one block in them, made by hand and judged, folded and kept as ever."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from evidence.judge import Judge
from models.episode import Episode
from models.measurement import Finished, digest
from models.store import Judged, open_store
from scheduler.folding import Folding
from tests.scheduler.made import START, finished, reset_here

ROOT = Path(__file__).parents[2]
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


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `wallwatch` as it is typed, in a folder that holds a store."""
    command = [sys.executable, "-c", "from scheduler.cli import main; main()", *arguments]
    environment = {**os.environ, "WALLWATCH_DB": url(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100
    )


def bundled(folder: Path, *arguments: str, name: str = "bundle.zip") -> Path:
    """Writes a bundle, and fails where that fails."""
    done = run(folder, "bundle", *arguments, "-o", name)
    assert done.returncode == 0, done.stderr
    return folder / name


def with_answer(
    *, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"<title>A</title>", url: str | None = None
) -> Change:
    """Gives each look that got an answer these header fields and this page."""

    def change(one: Finished) -> Finished:
        fetch = one.measurement.http[0]
        if fetch.status is None:
            return one
        name = digest(body)
        answer = replace(fetch, headers=headers, body=name, body_bytes=len(body), url=url or fetch.url)
        return Finished(measurement=replace(one.measurement, http=(answer,)), blobs={**one.blobs, name: body})

    return change


def from_network(one: Finished) -> Finished:
    """The same look from a network that is known."""
    where = replace(one.measurement.vantage, country="CN", asn=4837, network="China Unicom")
    return Finished(measurement=replace(one.measurement, vantage=where), blobs=one.blobs)
