"""How much agents are exposed to: evidence seen in a shift. Names are for those who supervise them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.desk.people.rights import Right, may
from triage.desk.supervising.cells import Bar, Cell, Chart, Section, ranked
from triage.intake.moment import in_paris
from triage.store import figures, people
from triage.store.people import Person

_HELP = (
    "Pièces affichées à l'écran par garde (de {hour} h à {hour} h le lendemain). Ce compte sert à ménager les agents, "
    "jamais à les noter."
)


def exposure(connection: Connection, viewer: Person, since: datetime, now: datetime, starts: int) -> Section:
    """Who has seen how much, for supervisors of their own people; without names, how it is spread, for analysts."""
    first = in_paris(since).replace(hour=starts, minute=0, second=0, microsecond=0)
    first = first if first <= since else first - timedelta(days=1)
    found = figures.exposures(connection, first, now)
    help_ = _HELP.format(hour=starts)
    if may(viewer, Right.SUPERVISE):
        return _named(connection, viewer, found, help_)
    counts = [count for _, _, count in found]
    rows: tuple[tuple[Cell, ...], ...] = ()
    if counts:
        rows = ((len(counts), ranked(counts, 50), ranked(counts, 90), max(counts)),)
    head = ("Gardes", "Médiane", "Neuf gardes sur dix, au plus", "Le plus en une garde")
    return Section("exposition", "Images et pièces vues par garde", help_, head, rows)


def oversees(viewer: Person, other: Person) -> bool:
    """Whether `other` works where `viewer` supervises."""
    return any(viewer.covers(scope.departement, scope.force) for scope in other.scopes)


def _named(connection: Connection, viewer: Person, found: list[tuple[str, int, int]], help_: str) -> Section:
    names = {one.id: one.name for one in people.everybody(connection) if oversees(viewer, one)}
    seen: dict[str, list[int]] = {}
    for person_id, _, count in found:
        if person_id in names:
            seen.setdefault(person_id, []).append(count)
    ordered = sorted(seen.items(), key=lambda one: (-max(one[1]), names[one[0]]))
    rows = tuple((names[one], sum(counts), len(counts), ranked(counts, 50), max(counts)) for one, counts in ordered)
    bars = tuple(Bar(names[one], max(counts), str(max(counts))) for one, counts in ordered)
    charts = (Chart("Le plus en une garde", bars, "pièces vues"),) if bars else ()
    head = ("Agent", "Pièces vues", "Gardes", "Médiane par garde", "Le plus en une garde")
    return Section("exposition", "Images et pièces vues par garde", help_, head, rows, charts)
