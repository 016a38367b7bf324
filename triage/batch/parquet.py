"""Reads Parquet, a few rows at a time, whatever the size of its row groups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from triage.batch.rows import CHUNK, BatchError, Read, row_of

_COLUMNS = ("id", "text", "kind", "received_at")
_BUFFER = 1 << 20  # bytes read ahead in each column: a row group is never held whole


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
                    yield row_of(number, {name: values[name][i] for name in columns})
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
    """The values of `column`, days and nanoseconds made moments."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> Any:  # noqa: ANN401 (whatever the column holds)
    try:
        value = scalar.as_py()
    except UnicodeDecodeError:
        return "\udcff"  # what `row_of` tells as « not in UTF-8 »
    except (ValueError, OverflowError):
        return "?"  # a moment that no calendar has
    return datetime(value.year, value.month, value.day) if type(value) is date else value
