"""Trains a dictionary for packed records: `python benchmarks/dictionary.py FILE`. A shipped one is never trained again."""

import sys
from pathlib import Path

import msgspec
import zstandard
from synthetic import World

from models.store.codec import join
from models.store.evidence_names import own_names

SIZE = 24_576


def main(out: str) -> None:
    samples = []
    for seed in range(120):  # many small worlds, so that it learns the form and not one world's sites
        for judged in World(targets=4, vantages=2, seed=1000 + seed).looks(24):
            measurement, blobs = judged.finished.measurement, judged.finished.blobs
            samples.append(join([measurement.to_canonical(), *(blobs[name] for name in own_names(measurement))]))
            samples.append(msgspec.json.encode(judged.verdict))
    content = zstandard.train_dictionary(SIZE, samples, level=3).as_bytes()
    Path(out).write_bytes(content)
    print(f"{len(content)} bytes from {len(samples)} samples of {sum(map(len, samples)) // len(samples)} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
