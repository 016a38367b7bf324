"""The columns of the output, and the Parquet files that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from triage.batch.sorting import Line

_WORDS = pa.list_(pa.string())
_COLUMNS = (
    ("row", pa.int64()),
    ("id", pa.string()),
    ("kind", pa.string()),
    ("received_at", pa.timestamp("us", "Europe/Paris")),
    ("disposition", pa.string()),
    ("escalated", pa.bool_()),
    ("primary", pa.string()),
    ("threats", _WORDS),
    ("probabilities", pa.list_(pa.float64())),
    ("red_flags", _WORDS),
    ("reasons", _WORDS),
    ("notes", _WORDS),
    ("rules", pa.string()),
    ("model", pa.string()),
    ("degraded", pa.bool_()),
)
_ROW_GROUP = 10_000  # rows


def schema(full: bool) -> pa.Schema:
    """The output's columns; `full` adds the contract's JSON. `probabilities[i]` is that of `threats[i]`."""
    return pa.schema([*_COLUMNS, ("json", pa.string())] if full else _COLUMNS)


def write(path: Path, lines: Iterable[Line], full: bool) -> None:
    """A Parquet file of `lines`."""
    pq.write_table(pa.Table.from_pylist(list(lines), schema(full)), path, compression="zstd")


def join(path: Path, parts: Iterable[Path], full: bool) -> int:
    """One Parquet file of all `parts`, in their order, never many at once. Gives its number of rows."""
    total = 0
    with pq.ParquetWriter(path, schema(full), compression="zstd") as writer:
        for table in _grouped(parts):
            writer.write_table(table)
            total += table.num_rows
    return total


def _grouped(parts: Iterable[Path]) -> Iterator[pa.Table]:
    kept: list[pa.Table] = []
    for part in parts:
        kept.append(pq.ParquetFile(part).read(use_threads=False))
        if sum(table.num_rows for table in kept) >= _ROW_GROUP:
            yield pa.concat_tables(kept).combine_chunks()
            kept = []
    if kept:
        yield pa.concat_tables(kept).combine_chunks()
