"""Writes batches until it is killed, and says after each that it was kept: `python -m tests.store.writer URL SIZE`."""

import sys
from itertools import count

from models.store import open_store
from models.words import Outcome
from tests.store.making import look

if __name__ == "__main__":
    store, size = open_store(sys.argv[1]), int(sys.argv[2])
    for batch in count():
        outcomes = (Outcome.OK, Outcome.ANOMALY)
        store.put([look(batch * size + n, outcomes[n % 2], target=f"t{n % 7}") for n in range(size)])
        print(batch + 1, flush=True)
