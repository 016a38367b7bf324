"""Imports the directory: nothing is replaced when anything is wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.measures.reading import read_communes, read_units
from triage.desk.measures.sheets import Sheet
from triage.desk.office import Office
from triage.errors import Problem
from triage.store import directory
from triage.store.directory import Unit
from triage.store.people import Person


@dataclass(frozen=True)
class Imported:
    """What was read: how many rows, what is wrong, and whether it now is the directory."""

    rows: int
    problems: tuple[Problem, ...]
    kept: bool


def import_units(
    office: Office, who: Person | str, name: str, content: bytes, now: datetime, *, check: bool = False
) -> Imported:
    """Puts the units of the CSV file `content` in place of the directory; `check`: only says what is wrong."""
    sheet = Sheet(name, office.policies.directory.units)
    units = read_units(sheet, content, office.policies.directory, office.service.departements)
    with office.database.write() as connection:
        if not sheet.problems:
            _missing(connection, sheet, units)
        kept = not sheet.problems and not check
        if kept:
            directory.replace_units(connection, units)
            journal.record(office, connection, who, "directory.units", now, about=f"rows={len(units)}")
    return Imported(len(units), tuple(sorted(sheet.problems)), kept)


def import_communes(
    office: Office, who: Person | str, name: str, content: bytes, now: datetime, *, check: bool = False
) -> Imported:
    """Puts the communes of the CSV file `content` in place of the table; `check`: only says what is wrong."""
    sheet = Sheet(name, office.policies.directory.communes)
    with office.database.read() as connection:
        known: Collection[str] = directory.unit_ids(connection)
    communes = read_communes(sheet, content, office.policies.directory, office.service.departements, known)
    kept = not sheet.problems and not check
    if kept:
        with office.database.write() as connection:
            directory.replace_communes(connection, communes)
            journal.record(office, connection, who, "directory.communes", now, about=f"rows={len(communes)}")
    return Imported(len(communes), tuple(sorted(sheet.problems)), kept)


def _missing(connection: Connection, sheet: Sheet, units: Sequence[Unit]) -> None:
    """Units that communes depend on and that the new file no longer has."""
    left = {one.id for one in units}
    for unit_id, number in sorted(directory.units_of_communes(connection).items()):
        if unit_id not in left:
            sheet.refuse(0, f"l'unité « {unit_id} », dont dépendent {number} communes, n'y est plus")
