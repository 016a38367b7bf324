"""Who is on duty: a rota that the operator keeps. Without anybody there, no delay is promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, or_, select

from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.people.sessions import ALIVE, present
from triage.store.cases import new_id
from triage.store.database import Database
from triage.store.named_tables import DUTY_NAMES
from triage.store.people_tables import SESSIONS
from triage.store.sealing import key_of, opened, seal
from triage.store.tables import DUTY, Moment

_NOW = bindparam("now", type_=Moment)
_THERE = (DUTY.c.starts_at <= _NOW) & (DUTY.c.ends_at > _NOW)
_SCOPE = or_(DUTY.c.departement == "", DUTY.c.departement == bindparam("departement")) & or_(
    DUTY.c.force == "", DUTY.c.force == bindparam("force")
)
# Whether the rota has somebody there, and whether anybody at all is at the desk.
_LIVE = SESSIONS.c.live_at > bindparam("since", type_=Moment)
_SOMEBODY = select(exists().where(_THERE & _SCOPE), exists().where(_LIVE))


@dataclass(frozen=True)
class Shift:
    """Somebody's time on duty; an empty `departement` or `force` means all of them."""

    id: str
    who: str
    departement: str
    force: str
    starts_at: datetime
    ends_at: datetime


def add(
    database: Database, who: str, starts_at: datetime, ends_at: datetime, departement: str = "", force: str = ""
) -> None:
    """Adds to the rota. Raises DeskError when it ends before it starts."""
    with database.write() as connection:
        put(connection, who, starts_at, ends_at, departement, force)


def put(
    connection: Connection, who: str, starts_at: datetime, ends_at: datetime, departement: str = "", force: str = ""
) -> str:
    """The same, in the caller's transaction; the id of the shift."""
    if ends_at <= starts_at:
        raise DeskError("La garde finit avant de commencer : vérifiez les deux heures.")
    row = {
        "who": key_of(connection, who),
        "departement": departement,
        "force": force,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    shift_id = new_id()
    connection.execute(insert(DUTY).values(id=shift_id, **row))
    connection.execute(insert(DUTY_NAMES).values(id=shift_id, name=seal(connection, who)))
    return shift_id


def remove(database: Database, shift_id: str) -> bool:
    """Takes a shift off the rota; whether there was one."""
    with database.write() as connection:
        return take_off(connection, shift_id)


def take_off(connection: Connection, shift_id: str) -> bool:
    """The same, in the caller's transaction."""
    return connection.execute(delete(DUTY).where(DUTY.c.id == shift_id)).rowcount > 0


def shifts(database: Database, now: datetime) -> list[Shift]:
    """The shifts that go on or are to come, the next first."""
    with database.read() as connection:
        query = select(DUTY, DUTY_NAMES.c.name).outerjoin(DUTY_NAMES, DUTY_NAMES.c.id == DUTY.c.id)
        rows = connection.execute(query.where(DUTY.c.ends_at > now).order_by(DUTY.c.starts_at)).all()
        return [
            Shift(row.id, opened(connection, row.name), row.departement, row.force, row.starts_at, row.ends_at)
            for row in rows
        ]


def on_duty(office: Office, departement: str, force: str, now: datetime) -> bool:
    """Whether an agent of that scope is there now, by the rota or at the desk. Raises StoreError."""
    with office.database.read() as connection:
        return somebody(connection, departement, force, now)


def somebody(connection: Connection, departement: str, force: str, now: datetime) -> bool:
    """The same, in the caller's transaction. Where place or force is not told, only one for all counts."""
    asked = {"now": now, "departement": departement, "force": force, "since": now - ALIVE}
    rota, desk = connection.execute(_SOMEBODY, asked).one()
    if rota or not desk:
        return bool(rota)
    scopes = [one for person in present(connection, now) if may(person, Right.HANDLE) for one in person.scopes]
    return any(one.departement in ("", departement) and one.force in ("", force) for one in scopes)
