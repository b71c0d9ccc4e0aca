"""Prints how well block dates hold against known truth, ours beside two others: `python benchmarks/dates.py`."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.dates_rivals import Dated, cusum, run_length
from benchmarks.dates_truth import START, Watched, World, world
from evidence.episode_outages import episodes_of
from evidence.episodes import episodes
from models.episode import Episode, Look
from models.words import USABLE, EpisodeState, Mechanism, Outcome

Fold = Callable[[World], dict[str, list[Dated]]]


@dataclass
class Score:
    """Counts over all worlds for one way of folding."""

    onsets: list[bool] = field(default_factory=list)
    releases: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)  # in paces
    mixed: int = 0  # edges said to be wider than two neighbouring looks
    clean_held: list[bool] = field(default_factory=list)
    false: int = 0
    delays: dict[bool, list[int]] = field(default_factory=lambda: {False: [], True: []})
    missed: int = 0
    steady: int = 0


def ours(made: World) -> dict[str, list[Dated]]:
    told: dict[str, list[Dated]] = {target.name: [] for target in made.targets}
    for one in episodes_of({(target.name, "here"): target.looks for target in made.targets}):
        told[one.target] += _confirmed([one])
    return told


def ours_alone(made: World) -> dict[str, list[Dated]]:
    return {target.name: _confirmed(episodes(target.name, "here", target.looks)) for target in made.targets}


def _confirmed(told: Sequence[Episode]) -> list[Dated]:
    return [
        Dated(
            (one.onset.after, one.onset.by),
            _release(one),
            one.confirmed_at,
            (one.onset.clean, one.release is None or one.release.clean),
        )
        for one in told
        if one.state is not EpisodeState.SUSPECTED and one.confirmed_at
    ]


def _release(one: Episode) -> tuple[datetime, datetime] | None:
    return (one.release.after, one.release.by) if one.release and one.release.after else None


def each(fold: Callable[[list[Look]], list[Dated]]) -> Fold:
    return lambda made: {target.name: fold(target.looks) for target in made.targets}


FOLDS: dict[str, Fold] = {
    "ours": ours,
    "ours, each series alone": ours_alone,
    "run length, 3 in a row": each(run_length),
    "CUSUM, at its alarm": each(cusum),
    "CUSUM, at its last zero": each(lambda looks: cusum(looks, at_last_zero=True)),
}


def score(into: Score, made: World, target: Watched, told: list[Dated]) -> None:
    """Holds one target's episodes against what was true."""
    usable = [_seconds(look.at) for look in target.looks if look.outcome in USABLE]
    seen: set[int] = set()
    for one in told:
        over = _overlapping(target, one)
        if not over:
            into.false += 1
            continue
        seen.update(over)
        _score_edges(into, made, target, one, (over[0], over[-1]))
        first = target.blocked[over[0]][0]
        if target.kinds[over[0]] == "steady" and len(usable) and first > usable[0]:
            checks = np.searchsorted(usable, _seconds(one.sure), "right") - np.searchsorted(usable, first)
            into.delays[target.settles].append(int(checks))
    steady = {index for index, kind in enumerate(target.kinds) if kind == "steady"}
    into.steady += len(steady)
    into.missed += len(steady - seen)


def _overlapping(target: Watched, one: Dated) -> list[int]:
    """The true blocked spans in an episode, from its first blocked look to its last."""
    first, last = _seconds(one.onset[1]), _seconds(one.release[0]) if one.release else float("inf")
    if last < first:
        last = first
    return [index for index, (start, end) in enumerate(target.blocked) if start <= last and end > first]


def _score_edges(into: Score, made: World, target: Watched, one: Dated, spans: tuple[int, int]) -> None:
    truth = target.blocked[spans[0]][0]
    after = _seconds(one.onset[0]) if one.onset[0] else float("-inf")
    into.onsets.append(after < truth <= _seconds(one.onset[1]) or (one.onset[0] is None and truth == 0))
    _score_kind(into, one.clean[0], into.onsets[-1])
    if one.onset[0]:
        into.widths.append((_seconds(one.onset[1]) - after) / made.pace)
    if one.release:
        truth = target.blocked[spans[1]][1]
        into.releases.append(_seconds(one.release[0]) <= truth <= _seconds(one.release[1]))
        into.widths.append((_seconds(one.release[1]) - _seconds(one.release[0])) / made.pace)
        _score_kind(into, one.clean[1], into.releases[-1])


def _score_kind(into: Score, clean: bool, held: bool) -> None:
    if clean:
        into.clean_held.append(held)
    else:
        into.mixed += 1


def _seconds(at: datetime) -> float:
    return (at - START).total_seconds()


def table(title: str, seeds: int, *, quiet: bool = False, unnoticed: bool = False) -> None:
    scores = {name: Score() for name in FOLDS}
    years = 0.0
    for seed in range(seeds):
        made = world(seed, quiet=quiet, unnoticed=unnoticed)
        years += made.days * len(made.targets) / 365.25
        for name, fold in FOLDS.items():
            told = fold(made)
            for target in made.targets:
                score(scores[name], made, target, told[target.name])
    print(f"\n{title}: {seeds} worlds of 24 targets, {years:.0f} target-years")
    print(
        "| fold | episodes | onset held | release held | edges said to be clean, held | width, median / mean | false | steady blocks missed | checks to `ongoing`, median, without / with artefacts / all |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, of in scores.items():
        print(_row(name, of))


def _row(name: str, of: Score) -> str:
    kinds = (of.delays[False], of.delays[True], of.delays[False] + of.delays[True])
    delays = " / ".join(f"{median(kind):.0f}" if kind else "-" for kind in kinds)
    return (
        f"| {name} | {len(of.onsets)} | {_percent(of.onsets)} | {_percent(of.releases)} |"
        f" {len(of.clean_held)} of {len(of.clean_held) + of.mixed}, {_percent(of.clean_held)} |"
        f" {median(of.widths):.2f} / {sum(of.widths) / len(of.widths):.2f} paces | {of.false} | {of.missed} of {of.steady} | {delays} |"
    )


def _percent(held: list[bool]) -> str:
    return f"{100 * sum(held) / max(1, len(held)):.1f} %"


def false_alarms(years: int, failing: float) -> None:
    """Hourly looks at a target that is never blocked."""
    rng = np.random.default_rng(7)
    hours = [START + timedelta(hours=hour) for hour in range(8766)]
    good = [Look(at, Outcome.OK) for at in hours]
    bad = [Look(at, Outcome.ANOMALY, Mechanism.SNI_RESET) for at in hours]
    found = {"ours": 0, "run length, 3 in a row": 0, "CUSUM, at its alarm": 0}
    for _ in range(years):
        failed = rng.random(len(hours)) < failing
        looks = [bad[at] if fails else good[at] for at, fails in enumerate(failed)]
        found["ours"] += len(_confirmed(episodes("a", "b", looks)))
        found["run length, 3 in a row"] += len(run_length(looks))
        found["CUSUM, at its alarm"] += len(cusum(looks))
    print(
        f"\nHourly, never blocked, {100 * failing:.0f} % false failures, {years} target-years: false episodes in 100 target-years"
    )
    for name, count in found.items():
        print(f"  {name}: {100 * count / years:.2f}")


def speed(millions: int) -> None:
    """One core, Look objects in memory, 100,000 looks a series, 2 % false failures, a fifth of the time blocked, 5 % missed."""
    rng = np.random.default_rng(11)
    spent, folded, told = 0.0, 0, 0
    hours = [START + timedelta(minutes=10 * step) for step in range(100_000)]
    for _ in range(millions * 10):
        chance, blocked = rng.random(len(hours)), np.sin(np.arange(len(hours)) / 4000 + rng.uniform(0, 6)) > 0.8
        failed = np.where(blocked, chance >= 0.05, chance < 0.02)
        looks = [
            Look(at, Outcome.ANOMALY if bad else Outcome.OK, Mechanism.SNI_RESET if bad else None)
            for at, bad in zip(hours, failed, strict=True)
        ]
        begun = time.perf_counter()
        told += len(episodes("a", "b", looks))
        spent += time.perf_counter() - begun
        folded += len(looks)
    print(f"\n{folded:,} looks folded into {told} episodes in {spent:.1f} s on one core")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--worlds", type=int, default=60)
    options.add_argument("--years", type=int, default=1000, help="target-years for the false alarms")
    options.add_argument("--millions", type=int, default=10, help="looks for the speed, in millions")
    given = options.parse_args()
    if given.worlds:
        table("Flawed looks", given.worlds)
        table("Flawed looks, and outages that nobody noticed", given.worlds, unnoticed=True)
        table("Looks without flaws", max(1, given.worlds // 4), quiet=True)
    if given.years:
        for failing in (0.0, 0.01, 0.02, 0.05):
            false_alarms(given.years, failing)
    if given.millions:
        speed(given.millions)


if __name__ == "__main__":
    main()
