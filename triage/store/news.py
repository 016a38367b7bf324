"""What happened, as the connected desks read it: in the order in which it was kept, with who may not hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from triage.store.desk_tables import EXCLUSIONS, NEWS
from triage.store.people import Person
from triage.store.tables import CASES

_MOST = 5_000


@dataclass(frozen=True)
class News:
    """Something that happened to a case, or to none. `holder` is whoever holds it; `kept_from` may not hear of it."""

    seq: int
    kind: str
    case_id: str
    level: str
    departement: str
    force: str
    about: str
    holder: str
    concerns: str
    kept_from: frozenset[str]

    def reaches(self, person: Person) -> bool:
        """Whether `person` may hear of it."""
        about_theirs = bool(person.unit) and self.concerns == person.unit
        return not about_theirs and person.id not in self.kept_from and person.covers(self.departement, self.force)


def tell(connection: Connection, kind: str, now: datetime, about: str = "") -> None:
    """Says to every connected desk that something happened, to no case."""
    nowhere = {"case_id": "", "level": "", "departement": "", "force": ""}
    connection.execute(insert(NEWS).values(at=now, kind=kind, about=about, **nowhere))


def last(connection: Connection) -> int:
    """The number of the last news."""
    return connection.scalar(select(func.max(NEWS.c.seq))) or 0


def since(connection: Connection, seq: int) -> Sequence[News]:
    """The news after that number, in order."""
    query = (
        select(NEWS, CASES.c.claimed_by, CASES.c.concerns)
        .outerjoin(CASES, CASES.c.id == NEWS.c.case_id)
        .where(NEWS.c.seq > seq)
        .order_by(NEWS.c.seq)
        .limit(_MOST)
    )
    rows = connection.execute(query).all()
    ids = {row.case_id for row in rows if row.case_id}
    excluded = (
        connection.execute(select(EXCLUSIONS.c.case_id, EXCLUSIONS.c.person_id).where(EXCLUSIONS.c.case_id.in_(ids)))
        if ids
        else ()
    )
    kept: dict[str, set[str]] = {}
    for row in excluded:
        kept.setdefault(row.case_id, set()).add(row.person_id)
    return [
        News(
            *(row.seq, row.kind, row.case_id, row.level, row.departement, row.force, row.about),
            *(row.claimed_by or "", row.concerns or "", frozenset(kept.get(row.case_id, ()))),
        )
        for row in rows
    ]
