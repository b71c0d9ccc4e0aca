"""JSON lines of web_connectivity measurements, which OONI's own tools read; imported ones are written as they came."""

import json
from collections import Counter
from typing import BinaryIO

from evidence.ooni_export import original, to_ooni, unfit
from models.measurement import Measurement
from models.store import Store
from models.verdict import Verdict
from scheduler.cli.export_columns import Wanted

_NOT_JUDGED = "not judged yet; run `wallwatch judge`"


def write(file: BinaryIO, store: Store, wanted: Wanted) -> tuple[int, dict[str, int]]:
    """Writes a line for each measurement; returns how many there were, and how many were left out and why."""
    count, left_out = 0, Counter[str]()
    for row, measurement in store.each_record(wanted.target, wanted.vantage, wanted.since):
        verdict = store.verdict(row.measurement)
        why = unfit(measurement, verdict) if verdict else _NOT_JUDGED
        if why or verdict is None:
            left_out[why or _NOT_JUDGED] += 1
            continue
        file.write(_line(store, row.measurement, measurement, verdict) + b"\n")
        count += 1
    return count, dict(left_out)


def _line(store: Store, name: str, measurement: Measurement, verdict: Verdict) -> bytes:
    blobs = store.blobs_of(name)
    as_it_came = original(measurement, blobs)
    if as_it_came is not None:
        return as_it_came
    return json.dumps(to_ooni(measurement, verdict, blobs), ensure_ascii=False).encode("utf-8", "replace")
