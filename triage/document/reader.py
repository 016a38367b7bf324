"""Makes a Reader from the cue files of `rules/cues/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from spacy.tokenizer import Tokenizer

from triage.datafiles import DataFile, read
from triage.document.dates import DateCues
from triage.document.document import Reader
from triage.document.voices import VoiceCues
from triage.errors import DataError, Problem
from triage.intake.cleaning import Cleaner, SpellingTables


@dataclass(frozen=True)
class _Spelling(SpellingTables):
    """The same, and the lexical fields whose words are looked for behind asterisks."""

    maskable: tuple[str, ...] = ()


Table = _Spelling | VoiceCues | DateCues
_TABLES: dict[str, type[Table]] = {"orthographe": _Spelling, "voix": VoiceCues, "dates": DateCues}


def load_reader(
    rules: Path, tokenizer: Tokenizer, known: Callable[[str], bool], forms_of: Callable[[str], Iterable[str]]
) -> Reader:
    """A reader with the tables under `rules`/cues; `known` and `forms_of` ask the lexicon.

    Raises DataError when a table is missing or misshapen.
    """
    problems: list[Problem] = []
    files = {name: read(rules / "cues" / f"{name}.yaml", problems) for name in _TABLES}
    tables = {name: _table(_TABLES[name], file, problems) for name, file in files.items() if file}
    if problems:
        raise DataError(problems)
    spelling, voices, dates = tables.values()
    assert isinstance(spelling, _Spelling) and isinstance(voices, VoiceCues) and isinstance(dates, DateCues)
    maskable = [word for name in spelling.maskable for word in forms_of(f"<{name}>")]
    return Reader(tokenizer=tokenizer, cleaner=Cleaner(spelling, known, maskable), voices=voices, dates=dates)


def _table(kind: type[Table], file: DataFile, problems: list[Problem]) -> Table | None:
    """`file` as a table; a field that is absent or misshapen adds to `problems`."""
    names = [one.name for one in fields(kind)]
    absent = [name for name in names if name not in file.data]
    problems += [file.problem(f"champ « {name} » : champ obligatoire absent") for name in absent]
    try:
        return TypeAdapter(kind).validate_python({name: file.data[name] for name in names if name not in absent})
    except ValidationError as error:
        for issue in error.errors():
            place = ".".join(map(str, issue["loc"]))
            problems.append(file.problem(f"champ « {place} » : valeur incorrecte", *issue["loc"]))
        return None
