"""`rules/desk/directory.yaml`: kinds of units, names of columns, ways of writing the name of a commune."""

from __future__ import annotations

import re
from pathlib import Path

from triage.datafiles import read
from triage.document.folding import fold
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build
from triage.store.directory import Commune, Unit

_NOT_WORD = re.compile(r"[^a-z0-9]+")


class DirectoryRules(Strict):
    """What a directory may hold. `units`, `communes`: field → names of its column, the first being the one shown.

    `words` are written out in the names of communes; `before` are words that stand before them.
    """

    kinds: dict[str, str]
    forces: dict[str, str]
    units: dict[str, list[str]]
    communes: dict[str, list[str]]
    words: dict[str, str]
    before: list[str]

    def folded(self, name: str) -> str:
        """`name` as communes are compared: « Saint-Aubin-s/-Mer » and « st aubin sur mer » are one."""
        words = plain(name).split()
        return " ".join(self.words.get(word, word) for word in words)

    def spellings(self, name: str) -> tuple[str, ...]:
        """`name`, folded, and what it may be without the words before it: « mairie de Rennes »."""
        whole = self.folded(name)
        shorter = (whole.removeprefix(f"{self.folded(one)} ") for one in self.before)
        return tuple(dict.fromkeys([whole, *shorter]))


def plain(text: str) -> str:
    """`text` in lower case, letters and digits alone, without accents."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def load_directory_rules(rules: Path) -> DirectoryRules:
    """Those in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "directory.yaml", problems)
    found = build(DirectoryRules, file, problems) if file else None
    if file and found:
        wanted = {"units": set(Unit.__dataclass_fields__), "communes": set(Commune.__dataclass_fields__) - {"folded"}}
        for part, fields in wanted.items():
            named = found.units if part == "units" else found.communes
            wrong = sorted(fields ^ set(named))
            problems += [file.problem(f"colonne en trop ou absente : « {one} »", part) for one in wrong]
            problems += [file.problem(f"colonne sans nom : « {one} »", part, one) for one in named if not named[one]]
    if problems or found is None:
        raise DataError(problems)
    return found
