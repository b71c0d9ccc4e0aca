"""Pages' data: what the overview and a target's page read, at 500 thousand and at 5 million measurements.

`python benchmarks/pages_data.py`. The larger store is the smaller one's pairs and cadence with ten times the history,
filled through the store's own batches (with records of a few bytes: pages do not read them). Medians of interleaved reads.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from models.store import Store, open_store
from models.store.prepare import Ready, say
from models.store.rows import from_us
from models.store.steps import StepTimes
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

END_US = 1_780_000_000_000_000
HOUR_US = 3_600_000_000
BATCH = 2000
VERDICTS = [
    say(Verdict(outcome=Outcome.OK, rule="web.loads_as_control", ruleset="2026.11", reasons=("It loads as for the control.",))),
    say(Verdict(outcome=Outcome.INCONCLUSIVE, rule="all.no_control", ruleset="2026.11", reasons=("No control answered.",))),
    say(
        Verdict(
            outcome=Outcome.CONFIRMED, stage=Stage.TLS, mechanism=Mechanism.SNI_RESET, rule="tls.sni_contrast", ruleset="2026.11",
            reasons=("Reset after the ClientHello; the same address completes the handshake for a neutral name.",),
        )
    ),
]  # fmt: skip


def looks(count: int, targets: int, vantages: int, rng: random.Random) -> Iterator[Ready]:
    """Hourly looks that end at END_US, round after round."""
    pairs = [(f"target-{t}", f"vantage-{v}") for v in range(vantages) for t in range(targets)]
    first = END_US - (count // len(pairs)) * HOUR_US
    for number in range(count):
        target, vantage = pairs[number % len(pairs)]
        said = rng.choices(VERDICTS, (80, 5, 15))[0]
        steps = [rng.randrange(5_000, 200_000) for _ in range(4)]
        yield Ready(
            id=rng.randbytes(32),
            target=target,
            vantage=vantage,
            at=first + (number // len(pairs)) * HOUR_US + number % len(pairs) * (HOUR_US // len(pairs)),
            runtime=sum(steps) + 9_000,
            joined=b"r",
            within=b"",
            shared={},
            said=said,
            times=StepTimes(*steps, sum(steps) if said is VERDICTS[0] else None),
        )


def fill(path: Path, count: int, targets: int, vantages: int) -> Store:
    store = open_store(f"sqlite:///{path}")
    each = looks(count, targets, vantages, random.Random(7))
    while batch := [one for one, _ in zip(each, range(BATCH), strict=False)]:
        store._writer.write(store._writer.pack(batch))
    store.close()
    return open_store(f"sqlite:///{path}", read_only=True)


def overview(store: Store, end: datetime) -> None:
    store.current()
    store.daily(days=90, until=end)
    store.episodes(limit=100)
    store.counts()


def target_page(store: Store, end: datetime) -> None:
    for now in store.current("target-3"):
        store.recent("target-3", now.vantage, limit=50)
    store.daily("target-3", days=90, until=end)
    store.episodes("target-3")
    store.gaps("target-3", since=end - timedelta(days=90))


PAGES: dict[str, Callable[[Store, datetime], None]] = {"overview": overview, "target": target_page}


def measure(stores: dict[int, Store], rounds: int) -> dict[str, dict[int, float]]:
    took: dict[str, dict[int, list[float]]] = {page: {size: [] for size in stores} for page in PAGES}
    for page, read in PAGES.items():
        for number in range(rounds + 2):
            for size, store in stores.items():
                start = time.perf_counter()
                read(store, from_us(END_US))
                if number >= 2:
                    took[page][size].append((time.perf_counter() - start) * 1000)
    return {
        page: {size: round(statistics.median(some), 2) for size, some in sizes.items()} for page, sizes in took.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=500_000)
    parser.add_argument("--large", type=int, default=5_000_000)
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--vantages", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "build" if Path("build").is_dir() else None) as folder:
        stores, filled = {}, {}
        for size in (given.small, given.large):
            start = time.perf_counter()
            stores[size] = fill(Path(folder) / f"{size}.sqlite", size, given.targets, given.vantages)
            filled[size] = round(size / (time.perf_counter() - start))
        found = measure(stores, given.rounds)
        for store in stores.values():
            store.close()
    if given.json:
        print(json.dumps({"ms": found, "filled_per_s": filled, "targets": given.targets, "vantages": given.vantages}))
        return
    print(
        f"{given.targets} targets x {given.vantages} vantage points, hourly; median of {given.rounds} reads, ms; filled at {list(filled.values())} looks/s"
    )
    for page, sizes in found.items():
        small, large = sizes[given.small], sizes[given.large]
        print(f"{page:9} {given.small:>9}: {small:6.2f}   {given.large:>9}: {large:6.2f}   ratio {large / small:.2f}")


if __name__ == "__main__":
    main()
