"""What the dashboard says of the cases that are no longer there to be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from triage.desk.office import Office
from triage.desk.supervising.cells import Cell, Section
from triage.intake.moment import in_paris
from triage.store import statistics
from triage.store.figures import Cut

_HELP = (
    "Dossiers effacés à leur échéance, comptés sans aucun identifiant par mois de réception. Les autres tableaux ne "
    "comptent que les dossiers encore gardés : ajoutez ceux-ci pour retrouver le total."
)
_WAIT = "Un compte trop petit est fondu dans un plus large, et n'apparaît qu'ensuite."
_SINCE = "Avant {month}, tous les dossiers ne sont plus là : les autres tableaux n'y montrent qu'une part."


def section(office: Office, connection: Connection, cut: Cut) -> Section:
    """The counts of the period, by month and level; those of no month are told once, apart."""
    levels = [(one.id, one.label) for one in reversed(office.engine.assessor.policy.levels)]
    found: dict[str, Counter[str]] = {}
    for (month, departement, _, level, _), count in statistics.settled(connection).items():
        if _within(cut, month) and _theirs(cut, departement):
            found.setdefault(month, Counter())[level] += count
    rows: list[tuple[Cell, ...]] = []
    for month in sorted(found, reverse=True):
        told = [found[month][level] for level, _ in levels]
        rows.append((_named(month), *told, found[month][""], found[month].total()))
    last = max((month for month in found if len(month) == len("2026-11")), default="")
    help_ = " ".join((_HELP, _WAIT, *([_SINCE.format(month=_named(_after(last)))] if last else ())))
    head = ("Reçus en", *(label for _, label in levels), "Niveau non ventilé", "Total")
    return Section("effaces", "Dossiers effacés", help_, head, tuple(rows))


def _within(cut: Cut, month: str) -> bool:
    """Whether the month, or the year, is within the period, in part at least; what has none always is."""
    first, last = in_paris(cut.since), in_paris(cut.until)
    return not month or f"{first:%Y-%m}"[: len(month)] <= month <= f"{last:%Y-%m}"[: len(month)]


def _theirs(cut: Cut, departement: str) -> bool:
    """Whether the count is of a place that is looked at; one of a wider place is, for whoever looks at all of it."""
    asked: Sequence[str] = [cut.departement] if cut.departement else [one.departement for one in cut.scopes]
    return "" in asked or departement in asked


def _named(month: str) -> str:
    year, _, number = month.partition("-")
    return f"{number}/{year}" if number else year or "Date non ventilée"


def _after(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"
