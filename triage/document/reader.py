"""Makes a Reader from the cue files of `rules/cues/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from spacy.tokenizer import Tokenizer

from triage.datafiles import read
from triage.document.dates import DateCues
from triage.document.document import Reader
from triage.document.voices import VoiceCues
from triage.errors import DataError, Problem
from triage.intake.cleaning import Cleaner, SpellingTables

_NEEDED = ("orthographe", "voix", "dates")


def load_reader(
    rules: Path, tokenizer: Tokenizer, known: Callable[[str], bool], forms_of: Callable[[str], Iterable[str]]
) -> Reader:
    """A reader with the tables under `rules`/cues; `known` and `forms_of` ask the lexicon.

    Raises DataError when a table is missing or misshapen.
    """
    problems: list[Problem] = []
    files = {name: read(rules / "cues" / f"{name}.yaml", problems) for name in _NEEDED}
    if problems:
        raise DataError(problems)
    spelling, voices, dates = (file.data if file else {} for file in files.values())
    tables = SpellingTables(spelling["abbreviations"], spelling["leet"], spelling["lookalikes"])
    maskable = [word for name in spelling["maskable"] for word in forms_of(f"<{name}>")]
    return Reader(
        tokenizer=tokenizer,
        cleaner=Cleaner(tables, known, maskable),
        voices=VoiceCues(
            **{key: tuple(voices[key]) for key in ("headers", "sender_headers", "announcements", "own_names")}
        ),
        dates=DateCues(
            months=dates["months"],
            weekdays=dates["weekdays"],
            units=dates["units"],
            minutes=dates["minutes"],
            roughly=tuple(dates["roughly"]),
            now=tuple(dates["now"]),
            numbers=dates["numbers"],
            relative={words: (first, last) for words, (first, last) in dates["relative"].items()},
            ago=tuple(dates["ago"]),
            since=tuple(dates["since"]),
            next=tuple(dates["next"]),
        ),
    )
