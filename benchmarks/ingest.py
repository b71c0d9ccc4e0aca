"""Ingest: whole batches into the store, against raw sqlite3 executemany of the same bytes. `python benchmarks/ingest.py`.

Two readings of "the same bytes", both shown:
  given   raw writes what the store was handed: the canonical record and each blob once, as they came.
  stored  raw writes what the store ends up writing: packed bodies and their digests, made beforehand, nothing computed.
Ours, each with records, blobs, verdicts, current state and daily counts in one transaction a batch:
  write          the transaction alone, from rows prepared beforehand (as raw's are).
  put, records   from records as bytes, as agents and archives bring them: hashes, verifies, packs, writes.
  put, objects   from measurement objects: makes the canonical JSON too.
Bodies are aside (not written) in every variant, so that sizes and times are of the evidence itself.
"""

import argparse
import gc
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from synthetic import World

from models.store import Judged, open_store
from models.store.codec import from_name
from models.store.prepare import Ready, prepare

BATCH = 500


def batches(items: list) -> list[list]:
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


def timed(run: Callable[[Path], None]) -> tuple[float, float, int]:
    """Returns wall seconds, CPU seconds and bytes on disk after a checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        wall, cpu = time.perf_counter(), time.process_time()
        run(path)
        took = time.perf_counter() - wall, time.process_time() - cpu
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return *took, path.stat().st_size


def raw(path: Path, records: list[list[tuple]], blobs: list[list[tuple]]) -> None:
    """One table with two indexes and one of blobs, as the store's own pragmas have them; a transaction a batch."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
        "CREATE TABLE m (seq INTEGER PRIMARY KEY, id BLOB UNIQUE, target TEXT, vantage TEXT, at INTEGER, outcome TEXT, rule TEXT, body BLOB);"
        "CREATE INDEX m_pair ON m (target, vantage, at);"
        "CREATE TABLE b (digest BLOB PRIMARY KEY, body BLOB)"
    )
    for rows, named in zip(records, blobs, strict=True):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO m (id, target, vantage, at, outcome, rule, body) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
        )
        connection.executemany("INSERT OR IGNORE INTO b VALUES (?, ?)", named)
        connection.execute("COMMIT")
    connection.close()


class Ingest:
    """The same measurements, in the forms that the variants write."""

    def __init__(self, count: int, targets: int, vantages: int) -> None:
        world = World(targets, vantages)
        world.bodies = False
        self.judged = batches(list(world.looks(count)))
        self.hashed = [
            [replace(one, record=one.finished.measurement.to_canonical()) for one in batch] for batch in self.judged
        ]
        with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{Path(folder) / 'first.sqlite'}") as store:
            writer = store._writer
            self.packed = []
            for batch in self.judged:
                self.packed.append(writer.pack([prepare(judged) for judged in batch]))
                writer.write(self.packed[-1])
        self.seen: set[bytes] = set()
        self.given = [
            [self.row(one, judged.record or b"") for one, judged in zip(packed.ready, batch, strict=True)]
            for packed, batch in zip(self.packed, self.hashed, strict=True)
        ]
        self.given_blobs = [
            self.fresh([(from_name(name), content) for one in batch for name, content in one.finished.blobs.items()])
            for batch in self.judged
        ]
        self.stored = [
            [self.row(one, packed.body) for one, packed in zip(batch.ready, batch.packed, strict=True)]
            for batch in self.packed
        ]
        self.stored_blobs = [[(row[0], row[2]) for row in batch.blobs] for batch in self.packed]

    def fresh(self, rows: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Leaves each blob once, as a writer that knows what it wrote would."""
        kept = [(name, content) for name, content in dict(rows).items() if name not in self.seen]
        self.seen.update(name for name, _ in kept)
        return kept

    @staticmethod
    def row(one: Ready, body: bytes) -> tuple:
        return (one.id, one.target, one.vantage, one.at, str(one.said.verdict.outcome), one.said.verdict.rule, body)

    def put(self, path: Path, batches: list[list[Judged]]) -> None:
        with open_store(f"sqlite:///{path}") as store:
            for batch in batches:
                store.put(batch)

    def write(self, path: Path) -> None:
        with open_store(f"sqlite:///{path}") as store:
            for packed in (one for batch in self.packed for one in batch.packed):
                packed.sample.seq = None  # a new file has none of the samples
            for batch in self.packed:
                store._writer.write(batch)

    def bytes_given(self) -> float:
        return sum(len(row[-1]) for rows in (*self.given, *self.given_blobs) for row in rows) / sum(
            map(len, self.given)
        )


def run(count: int, rounds: int, targets: int, vantages: int) -> dict[str, object]:
    ingest = Ingest(count, targets, vantages)
    variants: dict[str, Callable[[Path], None]] = {
        "raw, given": lambda path: raw(path, ingest.given, ingest.given_blobs),
        "raw, stored": lambda path: raw(path, ingest.stored, ingest.stored_blobs),
        "write": ingest.write,
        "put, records": lambda path: ingest.put(path, ingest.hashed),
        "put, objects": lambda path: ingest.put(path, ingest.judged),
    }
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in variants}
    gc.collect()
    gc.freeze()  # the inputs are a million objects, which no writer holds; without this every collection walks them
    timed(ingest.write)  # warm
    for _ in range(rounds):
        for name, variant in variants.items():
            found[name].append(timed(variant))
    table = [
        {
            "variant": name,
            "rows_per_s": round(count / statistics.median(run[0] for run in runs)),
            "cpu_us": round(statistics.median(run[1] for run in runs) / count * 1e6, 1),
            "of_given": round(
                statistics.median(g[0] / run[0] for g, run in zip(found["raw, given"], runs, strict=True)), 2
            ),
            "cpu_of_given": round(
                statistics.median(g[1] / run[1] for g, run in zip(found["raw, given"], runs, strict=True)), 2
            ),
            "of_stored": round(
                statistics.median(s[0] / run[0] for s, run in zip(found["raw, stored"], runs, strict=True)), 2
            ),
            "bytes": round(runs[0][2] / count),
        }
        for name, runs in found.items()
    ]
    return {
        "measurements": count,
        "pairs": targets * vantages,
        "batch": BATCH,
        "rounds": rounds,
        "given_bytes": round(ingest.bytes_given()),
        "table": table,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--vantages", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = run(given.count, given.rounds, given.targets, given.vantages)
    if given.json:
        print(json.dumps(result))
        return
    print(
        f"{given.count} measurements of {result['pairs']} pairs, batches of {BATCH}, {result['given_bytes']} bytes each as given, bodies aside; median of {given.rounds} rounds"
    )
    print(
        f"{'':12} {'rows/s':>8} {'cpu us':>7} {'x given':>8} {'by CPU':>7} {'x stored':>9} {'bytes each on disk':>19}"
    )
    for row in result["table"]:  # type: ignore[attr-defined]
        print(
            f"{row['variant']:12} {row['rows_per_s']:8} {row['cpu_us']:7} {row['of_given']:8} {row['cpu_of_given']:7} {row['of_stored']:9} {row['bytes']:19}"
        )


if __name__ == "__main__":
    main()
