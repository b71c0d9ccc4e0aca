"""Judging what is stored anew: what would change is told first, group by group, and written only then."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO, NamedTuple

import msgspec

from evidence.fingerprint_cluster import Sighting, raised, sighting
from evidence.judge import Judge
from evidence.ruleset import RULESET
from models.measurement import Finished, Measurement
from models.store import Change, Store
from models.verdict import Verdict
from scheduler.refolding import Said, refold, to_key
from scheduler.sink import judged
from scheduler.timetable import Pair

BATCH = 500
EXAMPLES = 3  # of each group
MOST_HELD = 100_000  # looks with an unexplained page; those beyond are judged alone
_MARK = "judged"
Seen = Callable[[str, Measurement, Verdict | None], None]
"""Told of each measurement in order of arrival; null where its verdict is told later."""


class Kind(NamedTuple):
    """What becomes of a verdict, in words: outcome, mechanism and rule, before and after."""

    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after


@dataclass(slots=True)
class Differences:
    """What judging anew changes, counted; a few of each kind are kept as examples."""

    fingerprints: str | None = None  # the digest of those that were known
    seen: int = 0
    changed: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    examples: dict[Kind, list[Change]] = field(default_factory=dict)
    pairs: set[Pair] = field(default_factory=set)
    looks: dict[Pair, dict[bytes, Said]] = field(default_factory=dict)  # where outcome or mechanism changes
    moved: dict[Pair, Counter[Kind]] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        self.changed += 1
        kind, pair = Kind(in_words(change.before), in_words(change.after)), Pair(change.target, change.vantage)
        self.kinds[kind] += 1
        shown = self.examples.setdefault(kind, [])
        if len(shown) < EXAMPLES:
            shown.append(change)
        before, after = change.before, change.after
        if before and (before.outcome, before.mechanism) != (after.outcome, after.mechanism):
            self.looks.setdefault(pair, {})[to_key(change.measurement)] = Said(after.outcome, after.mechanism)
            self.moved.setdefault(pair, Counter())[kind] += 1

    def why(self, pair: Pair) -> str:
        """Returns why a pair's episodes may change, in the words of an announcement."""
        moved = self.moved.get(pair)
        if not moved:
            return f"the series was folded anew; ruleset {RULESET}"
        (kind, _), more = moved.most_common(1)[0], len(moved) - 1
        others = f", and {more} more kinds of change" if more > 1 else ", and one more kind of change" if more else ""
        looks = f"{moved.total()} looks are" if moved.total() > 1 else "one look is"
        return f"{looks} judged otherwise under ruleset {RULESET}: {kind.before} → {kind.after}{others}"


def compare(store: Store, judge: Judge, spool: BinaryIO, *, seen: Seen | None = None) -> Differences:
    """Judges all stored measurements, tells the differences, and writes the new verdicts to `spool` alone."""
    told = Differences(fingerprints=judge.fingerprints)
    verdicts = _verdicts(store, judge, told, seen)
    while batch := list(islice(verdicts, BATCH)):
        for change in store.differences(batch):
            told.add(change)
            spool.write(msgspec.json.encode((change.measurement, change.after)) + b"\n")
    return told


def _verdicts(store: Store, judge: Judge, told: Differences, seen: Seen | None) -> Iterator[tuple[str, Verdict]]:
    """Yields each measurement's name and its verdict of today, one measurement in memory at a time.

    Looks that got an unexplained page come last: only beside each other do they show one page for many sites.
    """
    held = _Held()
    for name, measurement, blobs in store.each_measurement():
        verdict = judged(judge, Finished(measurement=measurement, blobs=blobs))
        told.seen += 1
        told.pairs.add(Pair(measurement.target.id, measurement.vantage.id))
        if held.takes(name, measurement, blobs, verdict):
            if seen is not None:
                seen(name, measurement, None)
            continue
        if seen is not None:
            seen(name, measurement, verdict)
        yield name, verdict
    for name, measurement, verdict in held.released():
        if seen is not None:
            seen(name, measurement, verdict)
        yield name, verdict


class _Held:
    """Looks that are held back until all are judged; without their steps, for there may be many."""

    def __init__(self) -> None:
        self._sightings: list[Sighting] = []
        self._looks: dict[str, tuple[Measurement, Verdict]] = {}

    def takes(self, name: str, measurement: Measurement, blobs: Mapping[str, bytes], verdict: Verdict) -> bool:
        one = sighting(name, measurement, blobs, verdict) if len(self._looks) < MOST_HELD else None
        if one is not None:
            self._sightings.append(one)
            bare = replace(measurement, dns=(), tcp=(), tls=(), http=(), contrasts=(), controls=(), canaries=())
            self._looks[name] = bare, verdict
        return one is not None

    def released(self) -> Iterator[tuple[str, Measurement, Verdict]]:
        found = raised({name: verdict for name, (_, verdict) in self._looks.items()}, self._sightings)
        for name, (measurement, verdict) in self._looks.items():
            yield name, measurement, found.get(name, verdict)


def write(store: Store, spool: BinaryIO, told: Differences) -> tuple[int, int, int]:
    """Writes the verdicts of `compare`, folds, corrects; returns episodes, changed ones, announcements made."""
    _mark(store, told.fingerprints, done=False)
    spool.seek(0)
    verdicts = (msgspec.json.decode(line, type=tuple[str, Verdict]) for line in spool)
    while batch := list(islice(verdicts, BATCH)):
        store.rejudge(batch)
    done = refold(store, told.pairs, new=told.looks, why=told.why)
    _mark(store, told.fingerprints, done=True)
    return done


def fill(store: Store, judge: Judge, *, seen: Seen | None = None) -> Differences:
    """Judges what has no verdict yet because the index was made anew; there is nothing to compare with."""
    told = Differences(fingerprints=judge.fingerprints)
    _mark(store, told.fingerprints, done=False)
    verdicts = _verdicts(store, judge, told, seen)
    while batch := list(islice(verdicts, BATCH)):
        told.changed += len(store.rejudge(batch).changes)
    refold(store, told.pairs, why=told.why)
    _mark(store, told.fingerprints, done=True)
    return told


def catch_up(store: Store, judge: Judge, say: Callable[[str], None]) -> None:
    """Before measuring begins: judges what waits for a verdict, and says so where verdicts are of older rules.

    Verdicts that are there are never replaced unasked: `wallwatch judge` first tells what changes.
    """
    marked = _marked(store)
    if store.needs_judging() or marked.get("done") is False:
        say(
            f"judging the {store.counts().measurements} stored measurements first, because not all of them have a verdict"
        )
        fill(store, judge)
    elif not marked:
        _mark(store, judge.fingerprints, done=True)
    elif (why := _outdated(marked, judge)) is not None:
        say(
            f"earlier verdicts were given by {why}; `wallwatch judge --dry-run` tells what changes, `wallwatch judge` writes it"
        )


def _outdated(marked: dict[str, object], judge: Judge) -> str | None:
    """Returns by which other rules or fingerprints the store was last judged as a whole."""
    if marked.get("ruleset") != RULESET:
        return f"ruleset {marked.get('ruleset')}, and this is {RULESET}"
    return None if marked.get("fingerprints") == judge.fingerprints else "other fingerprints than those known now"


def _marked(store: Store) -> dict[str, object]:
    found = store.status().get(_MARK)
    return found.document if found and isinstance(found.document, dict) else {}


def _mark(store: Store, fingerprints: str | None, *, done: bool) -> None:
    store.put_status(_MARK, {"ruleset": RULESET, "fingerprints": fingerprints, "done": done}, datetime.now(UTC))


def in_words(verdict: Verdict | None) -> str:
    """Renders what a verdict amounts to: outcome, mechanism, rule."""
    if verdict is None:
        return "not judged"
    how = f" {verdict.mechanism.value}" if verdict.mechanism else ""
    return f"{verdict.outcome.value}{how} ({verdict.rule})"


def groups(told: Differences) -> Iterable[tuple[Kind, int, list[Change]]]:
    """Returns the kinds of change with their examples, the most frequent first; unchanged words last."""
    ordered = sorted(told.kinds.items(), key=lambda each: (each[0].same, -each[1], each[0]))
    return [(kind, count, told.examples[kind]) for kind, count in ordered]
