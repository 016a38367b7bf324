"""Which commune a case is about, from what was told, and what it says of the département and of the force."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.measures.names import DirectoryRules
from triage.desk.measures.reading import departement_of
from triage.store import directory
from triage.store.directory import Commune
from triage.store.records import Place, Told

_CODE = re.compile(r"\b(?:\d\d|2[AB])\d{3}\b", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()\n]*\)")


@dataclass(frozen=True)
class Found:
    """The commune that what was told names, when it names one alone; otherwise those `near`, to choose from."""

    commune: Commune | None
    near: tuple[Commune, ...] = ()


class Locator:
    """Finds communes. What was told is never overridden: it is only completed."""

    def __init__(self, rules: DirectoryRules, departements: Collection[str]) -> None:
        self._rules, self._departements = rules, departements

    def __call__(self, connection: Connection, told: Told, kept: str = "") -> Place:
        """Where a case is. `kept`: the code of the commune that an agent chose, or that was found before."""
        commune = directory.commune(connection, kept) or self.find(connection, told).commune
        if commune is None:  # a département that is only hinted at could be wrong: such a case is seen everywhere
            return Place(told.departement, told.force, "")
        return Place(told.departement or commune.departement, told.force or commune.force, commune.code)

    def find(self, connection: Connection, told: Told) -> Found:
        """The commune named: by its name, with a code or a département where several have that name.

        A code alone may be a postal code, which is another commune's in Insee's list: it is only near.
        """
        code = _CODE.search(told.commune)
        name = _CODE.sub(" ", _IN_BRACKETS.sub(" ", told.commune))
        coded = directory.commune(connection, code[0].upper()) if code else None
        spellings = self._rules.spellings(name) if name.strip() else ()
        if coded and coded.folded in spellings:
            return Found(coded) if self._agrees(told, coded) else Found(None, (coded,))
        departement = told.departement or self._hinted(told.commune)
        named = directory.communes_named(connection, spellings, departement) if spellings else []
        if len(named) == 1:
            return Found(named[0])
        elsewhere = named or (directory.communes_named(connection, spellings) if spellings else [])
        return Found(None, tuple(elsewhere or ([coded] if coded else [])))

    def _agrees(self, told: Told, commune: Commune) -> bool:
        return told.departement in ("", commune.departement)

    def _hinted(self, text: str) -> str:
        """The département that is told beside a name: « Saint-Martin (35) », « 35740 Saint-Martin »."""
        code = _CODE.search(text)
        words = [departement_of(code[0].upper())] if code else []
        words += [word.strip("() ").upper() for word in _IN_BRACKETS.findall(text)]
        return next((word for word in words if word in self._departements), "")
