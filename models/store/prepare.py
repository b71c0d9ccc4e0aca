"""From a judged measurement to rows: everything that can be done before the transaction opens."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from models.measurement import Finished
from models.store.codec import RECORD_1, from_name, join, pack, sha256
from models.store.errors import StoreError
from models.store.evidence_names import OWN_LIMIT, OWN_MOST, own_names
from models.store.rows import DAY_US, Judged, to_us
from models.store.steps import StepTimes, step_times
from models.verdict import Verdict

PREFIX = 6  # bytes of a digest that find a small blob again; whole digests are compared on reading


class Said(NamedTuple):
    """A verdict as rows keep it."""

    verdict: Verdict
    hash: int  # of the JSON, to find the same sentences again
    codec: int
    body: bytes


class Ready(NamedTuple):
    """One measurement, ready to be written."""

    id: bytes
    target: str
    vantage: str
    at: int
    runtime: int
    joined: bytes  # the record with its own blobs
    within: bytes  # the first bytes of its own blobs' digests
    shared: Mapping[bytes, bytes]  # blobs that rest apart
    said: Said
    times: StepTimes

    @property
    def day(self) -> int:
        return self.at // DAY_US


def prepare(judged: Judged) -> Ready:
    """Returns a measurement's rows. Raises StoreError where a blob is not what its name says."""
    measurement = judged.finished.measurement
    record = judged.record if judged.record is not None else measurement.to_canonical()
    own, shared = _parted(judged.finished)
    return Ready(
        id=sha256(record),
        target=measurement.target.id,
        vantage=measurement.vantage.id,
        at=to_us(measurement.started),
        runtime=measurement.runtime_us,
        joined=join([record, *own.values()]),
        within=b"".join(digest[:PREFIX] for digest in own),
        shared=shared,
        said=say(judged.verdict),
        times=step_times(measurement),
    )


def say(verdict: Verdict) -> Said:
    return Said(verdict, *_packed(msgspec.json.encode(verdict)))


@lru_cache(4096)
def _packed(text: bytes) -> tuple[int, int, bytes]:
    """Returns hash, codec and body of a verdict's text; most looks say what the look before said."""
    return int.from_bytes(sha256(text)[:8], "big", signed=True), *pack(text, RECORD_1)


def _parted(finished: Finished) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    """Returns a measurement's own small blobs, verified, and all others; `put` verifies those that are new."""
    mine = set(own_names(finished.measurement))
    own: dict[bytes, bytes] = {}
    shared: dict[bytes, bytes] = {}
    try:
        for name, content in finished.blobs.items():
            if name in mine and len(content) <= OWN_LIMIT and len(own) < OWN_MOST:
                own[from_name(name)] = content
            else:
                shared[from_name(name)] = content
    except ValueError as error:
        raise StoreError(f"A blob has no proper name: {error}. {_BUG}") from error
    for digest, content in own.items():
        verified(digest, content)
    return own, shared


def verified(digest: bytes, content: bytes) -> bytes:
    """Returns the content. Raises StoreError where it is not what its name says."""
    if sha256(content) != digest:
        raise StoreError(f"A blob is not what its name sha256:{digest.hex()} says. {_BUG}")
    return content


_BUG = "Nothing of this batch was written; whoever made the measurement named its evidence wrongly"
