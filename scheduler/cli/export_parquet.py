"""Parquet by pyarrow, which Streamlit brings: typed columns, in groups, so that an export needs little memory."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from scheduler.cli.export_columns import Column

_GROUP = 20_000
_TYPES = {"text": pa.string(), "number": pa.int64(), "instant": pa.timestamp("us", tz="UTC"), "flag": pa.bool_()}


def write(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Any]) -> int:
    """Writes the rows, and returns how many there were."""
    schema = pa.schema([(column.name, _TYPES[column.kind]) for column in columns])
    count, each = 0, iter(rows)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(each, _GROUP)):
            arrays = [pa.array([column.read(row) for row in group], _TYPES[column.kind]) for column in columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count
