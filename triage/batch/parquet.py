"""Reads Parquet, a few rows at a time, whatever the size of its row groups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from triage.batch.rows import CHUNK, BatchError, Read, Rejected, row_of

_COLUMNS = ("id", "text", "kind", "received_at")
_BUFFER = 1 << 20  # bytes read ahead in each column: a row group is never held whole
_LONGEST = 1_000_000  # bytes of a value, as of a line of JSONL
_ENDLESS = object()  # stands for a value that is longer


def check(path: Path) -> int:
    """The number of rows of `path`. Raises BatchError when it is no Parquet file or has no column « text »."""
    with _opened(path) as file:
        schema = file.schema_arrow
        if "text" not in schema.names or not _is_text(schema.field("text").type):
            raise BatchError(f"{path} : il faut une colonne « text » qui contient du texte.")
        return int(file.metadata.num_rows)


def rows(path: Path) -> Iterator[Read]:
    """The reports of `path`; other columns are not read."""
    number = 0
    with _opened(path) as file:
        columns = [name for name in _COLUMNS if name in file.schema_arrow.names]
        try:
            for batch in file.iter_batches(CHUNK, columns=columns, use_threads=False):
                values = {name: _values(batch.column(name)) for name in columns}
                for i in range(batch.num_rows):
                    number += 1
                    yield _read(number, {name: values[name][i] for name in columns})
        except MemoryError as error:  # a file of a few kilobytes may hold gigabytes
            raise BatchError(f"{path} : ce qui suit la ligne {number} ne tient pas en mémoire.") from error
        except (pa.ArrowException, OSError) as error:
            raise BatchError(f"{path} : fichier Parquet abîmé après la ligne {number}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        file = pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise BatchError(f"{path} : ce n'est pas un fichier Parquet lisible.") from error
    with file:
        yield file


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _values(column: pa.Array) -> list[Any]:
    """The values of `column`, days and nanoseconds made moments, those that are too long left where they are."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if not _is_text(column.type):
        return [_value(scalar) for scalar in column]
    sizes = _sizes(column).to_pylist()
    return [_ENDLESS if (size or 0) > _LONGEST else _value(column[i]) for i, size in enumerate(sizes)]


def _sizes(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return pc.take(pc.binary_length(column.dictionary), column.indices)
    return pc.binary_length(column)


def _read(number: int, fields: dict[str, Any]) -> Read:
    if any(value is _ENDLESS for value in fields.values()):
        return Rejected(number, "", "valeur de plus d'un million d'octets : ce n'est pas un récit")
    return row_of(number, fields)


def _value(scalar: pa.Scalar) -> Any:  # noqa: ANN401 (whatever the column holds)
    try:
        value = scalar.as_py()
    except UnicodeDecodeError:
        return "\udcff"  # what `row_of` tells as « not in UTF-8 »
    except (ValueError, OverflowError):
        return "?"  # a moment that no calendar has
    return datetime(value.year, value.month, value.day) if type(value) is date else value
