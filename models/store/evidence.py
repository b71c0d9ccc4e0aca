"""Reading evidence back, verified: records, their own small blobs, shared blobs."""

from collections.abc import Iterable, Iterator

from zstandard import ZstdDecompressor

from models.measurement import Measurement, from_canonical
from models.store.codec import from_name, sha256, split, to_name, unpack, unpacker
from models.store.engine import Row, Sql
from models.store.errors import StoreError
from models.store.evidence_names import all_names
from models.store.prepare import PREFIX

_PAGE = 200
_SAMPLES = 500  # unpackers that one reading holds on to
RECORD_COLUMNS = "id, codec, body, base"


def record(sql: Sql, name: str) -> bytes | None:
    """Returns a record's bytes. Raises StoreError where they are no longer what their name says."""
    row = _row(sql, name)
    return _parts(sql, *row)[0] if row else None


def record_of(sql: Sql, row: Row) -> bytes:
    """Returns the record that a row of RECORD_COLUMNS holds, verified."""
    return _parts(sql, *row)[0]


def blobs_of(sql: Sql, name: str) -> dict[str, bytes]:
    """Returns every blob that a measurement names and that is here."""
    row = _row(sql, name)
    if row is None:
        return {}
    parts = _parts(sql, *row)
    return _blobs(sql, from_canonical(parts[0]), parts[1:])


def each(sql: Sql, target: int | None, vantage: int | None) -> Iterator[tuple[str, Measurement, dict[str, bytes]]]:
    """Yields all measurements in order of arrival, each with its blobs."""
    last, where, pair = 0, "", [number for number in (target, vantage) if number is not None]
    for column, number in (("target", target), ("vantage", vantage)):
        where += f" AND {column} = ?" if number is not None else ""
    while rows := sql.all(
        f"SELECT {RECORD_COLUMNS}, seq FROM record WHERE seq > ?{where} ORDER BY seq LIMIT {_PAGE}",
        (last, *pair),
    ):
        for *row, seq in rows:
            name, parts = row[0], _parts(sql, *row)
            measurement = from_canonical(parts[0])
            yield to_name(name), measurement, _blobs(sql, measurement, parts[1:])
            last = seq


def blob(sql: Sql, name: str) -> bytes | None:
    """Returns a blob wherever it rests; a small one is looked for in each batch, which takes longer."""
    digest = _digest(name)
    if digest is None:
        return None
    shared = _shared(sql, [digest])
    return shared[name] if name in shared else _own(sql, digest)


def _own(sql: Sql, digest: bytes) -> bytes | None:
    inside = "instr(digests, ?) > 0" if sql.sqlite else "position(? in digests) > 0"
    for first, last in sql.all(f"SELECT first, last FROM within WHERE {inside}", (digest[:PREFIX],)):
        for row in sql.all(f"SELECT {RECORD_COLUMNS} FROM record WHERE seq BETWEEN ? AND ?", (first, last)):
            for part in _parts(sql, *row)[1:]:
                if sha256(part) == digest:
                    return part
    return None


def _blobs(sql: Sql, measurement: Measurement, own: Iterable[bytes]) -> dict[str, bytes]:
    found = {to_name(sha256(part)): part for part in own}
    missing = [digest for name in all_names(measurement) if name not in found and (digest := _digest(name))]
    return found | _shared(sql, missing)


def _shared(sql: Sql, digests: list[bytes]) -> dict[str, bytes]:
    rows = sql.within("SELECT digest, codec, body FROM blob WHERE digest IN ({keys})", digests)
    return {to_name(digest): _checked("blob", digest, codec, body) for digest, codec, body in rows}


def _checked(what: str, digest: bytes, codec: int, body: bytes) -> bytes:
    try:
        content = unpack(codec, bytes(body))
    except ValueError as error:
        raise StoreError(f"The {what} {to_name(digest)} {error}. {_DAMAGED}") from error
    if sha256(content) != digest:
        raise StoreError(f"The {what} {to_name(digest)} is no longer what its name says. {_DAMAGED}")
    return content


def _parts(sql: Sql, name: bytes, codec: int, body: bytes, base: int | None) -> list[bytes]:
    try:
        parts = split(unpack(codec, bytes(body), _unpacker(sql, base) if base is not None else None))
    except ValueError as error:
        raise StoreError(f"The record {to_name(name)} {error}. {_DAMAGED}") from error
    if not parts or sha256(parts[0]) != name:
        raise StoreError(f"The record {to_name(name)} is no longer what its name says. {_DAMAGED}")
    return parts


def _unpacker(sql: Sql, base: int) -> ZstdDecompressor:
    found: ZstdDecompressor | None = sql.unpackers.get(base)
    if found is None:
        row = sql.one("SELECT digest, codec, body FROM blob WHERE seq = ?", (base,))
        if row is None:
            raise StoreError(f"The sample {base} that records are packed against is gone. {_DAMAGED}")
        if len(sql.unpackers) >= _SAMPLES:
            sql.unpackers.clear()
        found = sql.unpackers[base] = unpacker(_checked("sample", *row))
    return found


def _row(sql: Sql, name: str) -> Row | None:
    digest = _digest(name)
    return sql.one(f"SELECT {RECORD_COLUMNS} FROM record WHERE id = ?", (digest,)) if digest else None


def _digest(name: str) -> bytes | None:
    """Returns a name's digest, or null for what cannot be a name (it is not here, then)."""
    try:
        return from_name(name)
    except ValueError:
        return None


_DAMAGED = "The file was changed from outside or damaged; stop wallwatch and restore a backup"
