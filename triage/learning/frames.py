"""Cases as a table: its columns, how it is written to a file and read again, and the digest of what it says."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import DataError, IntakeError, Location, Problem
from triage.spreadsheets import harmless, restored

if TYPE_CHECKING:
    import pandas as pd

# What an agent decided is the truth; what the engine had said before is beside it.
LISTS = ("threats", "red_flags", "engine_threats", "engine_red_flags")
COLUMNS = (
    *("case", "month", "channel", "departement", "force", "role", "kind", "text", "exhibits"),
    *("threats", "primary", "disposition", "red_flags", "facts", "decision", "sources"),
    *("engine_threats", "engine_primary", "engine_disposition", "engine_red_flags", "engine_rules", "engine_model"),
)
SUFFIXES = (".parquet", ".csv", ".jsonl")


def frame_of(rows: Sequence[Mapping[str, Any]], more: Sequence[str] = ()) -> pd.DataFrame:
    """The table of `rows`, with the same columns whatever the rows; `more` columns come last."""
    import pandas as pd  # a second to import: commands that make no table start without it

    return pd.DataFrame(list(rows), columns=[*COLUMNS, *more])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, by the names of the columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def record_of(line: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """What a line of JSONL holds. Raises ValueError, in words, whatever is wrong."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"JSON illisible, colonne {error.colno}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
        raise ValueError("JSON illisible") from None


def digest(frame: pd.DataFrame) -> str:
    """SHA-256 of what the table says, the same whatever the file that it is written to."""
    return hashlib.sha256(_as_jsonl(frame).encode()).hexdigest()


def check_new(path: Path, *suffixes: str) -> None:
    """Raises IntakeError when a file cannot be written there without losing something, or with another suffix."""
    if suffixes and path.suffix not in suffixes:
        raise IntakeError(f"{path} : le nom du fichier finit par {' ou '.join(suffixes)}.")
    if path.exists():
        raise IntakeError(f"{path} existe déjà : choisissez un autre nom, ou retirez-le d'abord.")
    if not path.parent.is_dir():
        raise IntakeError(f"Le dossier {path.parent} n'existe pas : créez-le d'abord.")


def write_new(path: Path, content: bytes) -> None:
    """Writes a file that only its owner reads, and never over another. Raises IntakeError."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise IntakeError(f"{path} existe déjà : choisissez un autre nom, ou retirez-le d'abord.") from None
    except OSError as error:
        raise IntakeError(f"{path} ne peut pas être écrit : {error.strerror}.") from None


def as_bytes(frame: pd.DataFrame, suffix: str) -> bytes:
    """The table as a Parquet, CSV or JSONL file. In CSV, lists are ids with spaces between, facts are JSON."""
    if suffix == ".jsonl":
        return _as_jsonl(frame).encode()
    flat = frame.assign(facts=[json.dumps(one, ensure_ascii=False) for one in frame["facts"]])
    if suffix == ".csv":
        flat = flat.assign(**{name: [" ".join(one) for one in flat[name]] for name in LISTS})
        flat = flat.assign(text=[harmless(one) for one in flat["text"]])
        return flat.to_csv(index=False).encode()
    buffer = io.BytesIO()
    flat.to_parquet(buffer, index=False)
    return buffer.getvalue()


def read_frame(path: Path) -> pd.DataFrame:
    """A table written by `as_bytes`. Raises DataError."""
    import pandas as pd

    try:
        if path.suffix == ".jsonl":
            lines = path.read_text(encoding="utf-8").split("\n")  # a text may hold other ends of lines
            return pd.DataFrame([record_of(line) for line in lines if line.strip()])
        read = pd.read_parquet if path.suffix == ".parquet" else _read_csv
        frame = read(path)
        facts = [record_of(one) if isinstance(one, str) and one else {} for one in frame["facts"]]
        lists = {name: pd.Series([_listed(one) for one in frame[name]]) for name in LISTS if name in frame}
        return frame.assign(facts=facts, **lists)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError([Problem(Location(path), f"tableau illisible : {_why(error)}")]) from None


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.assign(text=[restored(one) for one in frame["text"]])


def _listed(value: Any) -> list[str]:  # noqa: ANN401 (a string, a list or an array, by the file)
    return value.split() if isinstance(value, str) else [str(one) for one in (value if value is not None else ())]


def _as_jsonl(frame: pd.DataFrame) -> str:
    lines = ({"id": row["case"], **row} for row in records(frame))
    return "".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in lines)


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"colonne absente {error}"
    return error.strerror or "fichier absent" if isinstance(error, OSError) else str(error).splitlines()[0]
