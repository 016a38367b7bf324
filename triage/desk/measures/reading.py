"""The two tables of the directory, as their files are read: units, and communes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date

from sqlalchemy.sql.sqltypes import String

from triage.desk.measures.names import DirectoryRules
from triage.desk.measures.sheets import Row, Sheet
from triage.store.desk_tables import COMMUNES, DIRECTORY
from triage.store.directory import Commune, Unit

_CODE = re.compile(r"(?:\d\d|2[AB])\d{3}")
_SHORT = re.compile(r"\d{4}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?[\d .()/-]{2,40}")
_OVERSEAS = "97", "98"
# Fields whose values are already among a few, or of a fixed length.
_CHECKED = ("code", "commune", "departement", "force", "kind")


def departement_of(code: str) -> str:
    """The département of a commune's code: « 35 », « 2A », « 974 »."""
    return code[:3] if code.startswith(_OVERSEAS) else code[:2]


def read_units(sheet: Sheet, content: bytes, rules: DirectoryRules, departements: Collection[str]) -> list[Unit]:
    """The units of `content`; problems are in `sheet`."""
    found: list[Unit] = []
    lines: dict[str, int] = {}
    for row in sheet.rows(content):
        values = row.values
        _once(sheet, row, "id", lines)
        kinds = ", ".join(rules.kinds)
        sheet.check(
            row, "kind", lambda v: v in rules.kinds, f"« {{}} » n'est pas une sorte d'unité ; possibles : {kinds}"
        )
        sheet.check(row, "name", bool(values["name"]), "le nom manque")
        _departement(sheet, row, departements)
        _force(sheet, row, rules, empty=True)
        if values["commune"]:
            _code(sheet, row, "commune")
        sheet.check(row, "phone", _empty_or(_PHONE), "« {} » n'est pas un numéro de téléphone")
        sheet.check(row, "mail", _empty_or(_MAIL), "« {} » n'est pas une adresse électronique")
        sheet.check(row, "checked_on", _is_day, "« {} » n'est pas une date : écrivez AAAA-MM-JJ")
        _lengths(sheet, row, {one.name: one.type for one in DIRECTORY.c})
        found.append(Unit(**values))
    return found


def read_communes(
    sheet: Sheet, content: bytes, rules: DirectoryRules, departements: Collection[str], units: Collection[str]
) -> list[Commune]:
    """The communes of `content`, whose units are among `units`; problems are in `sheet`."""
    found: list[Commune] = []
    lines: dict[str, int] = {}
    for row in sheet.rows(content):
        values = row.values
        _once(sheet, row, "code", lines)
        sheet.check(row, "name", bool(values["name"]), "le nom manque")
        _force(sheet, row, rules, empty=False)
        known = _departement(sheet, row, departements)
        if _code(sheet, row, "code") and known and departement_of(values["code"]) != values["departement"]:
            sheet.refuse(row.line, f"le code {values['code']} n'est pas de ce département", "departement")
        if values["unit"]:
            sheet.check(
                row, "unit", lambda v: v in units, "« {} » n'est pas dans l'annuaire : importez d'abord les unités"
            )
        _lengths(sheet, row, {one.name: one.type for one in COMMUNES.c})
        found.append(Commune(**values, folded=rules.folded(values["name"])[:200]))
    return found


def _once(sheet: Sheet, row: Row, field: str, lines: dict[str, int]) -> None:
    """Something that names the row, and no other."""
    value = row.values[field]
    if not value:
        sheet.refuse(row.line, "l'identifiant manque", field)
    elif value in lines:
        sheet.refuse(row.line, f"« {value} » est déjà à la ligne {lines[value]}", field)
    else:
        lines[value] = row.line


def _departement(sheet: Sheet, row: Row, known: Collection[str]) -> bool:
    return sheet.check(
        row, "departement", lambda v: v in known, "« {} » n'est pas un code de département (35, 2A, 974…)"
    )


def _force(sheet: Sheet, row: Row, rules: DirectoryRules, *, empty: bool) -> None:
    possible = [*rules.forces, *([""] if empty else [])]
    what = f"« {{}} » n'est pas une force ; possibles : {', '.join(rules.forces)}"
    sheet.check(row, "force", lambda v: v in possible, what)


def _code(sheet: Sheet, row: Row, field: str) -> bool:
    lost = _SHORT.fullmatch(row.values[field])
    what = "le tableur a retiré le zéro de tête" if lost else "ce n'est pas un code Insee"
    return sheet.check(row, field, lambda v: bool(_CODE.fullmatch(v)), f"« {{}} » : {what}")


def _lengths(sheet: Sheet, row: Row, types: Mapping[str, object]) -> None:
    """What the store would cut or refuse."""
    for field, value in row.values.items():
        kind = types[field]
        most = kind.length if isinstance(kind, String) else None
        if most and len(value) > most and field not in ("code", "commune", "departement", "force", "kind"):
            sheet.refuse(row.line, f"{len(value)} caractères, la limite est de {most}", field)


def _empty_or(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: not value or bool(pattern.fullmatch(value))


def _is_day(value: str) -> bool:
    try:
        return not value or bool(date.fromisoformat(value))
    except ValueError:
        return False
