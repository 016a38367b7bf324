"""The directory of units and the table of communes, as the operator imported them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, or_, select

from triage.store.desk_tables import COMMUNES, DIRECTORY

_BATCH = 5_000


@dataclass(frozen=True)
class Unit:
    """An entry of the directory. `kind` is one of `rules/desk/directory.yaml`; `commune` the code of its seat."""

    id: str
    kind: str
    name: str
    departement: str
    force: str
    commune: str
    phone: str
    mail: str
    address: str
    referent: str
    checked_on: str


@dataclass(frozen=True)
class Commune:
    """A commune, by Insee's code; `force` acts there, `unit` is its entry of the directory; `folded` for searching."""

    code: str
    name: str
    folded: str
    departement: str
    force: str
    unit: str


def replace_units(connection: Connection, units: Sequence[Unit]) -> None:
    """Puts `units` in place of all that there was."""
    _replace(connection, DIRECTORY, units)


def replace_communes(connection: Connection, communes: Sequence[Commune]) -> None:
    """Puts `communes` in place of all that there was."""
    _replace(connection, COMMUNES, communes)


def unit(connection: Connection, unit_id: str) -> Unit | None:
    """The unit of that id."""
    row = connection.execute(select(DIRECTORY).where(DIRECTORY.c.id == unit_id)).first() if unit_id else None
    return _unit(row) if row else None


def units(connection: Connection, kinds: Iterable[str], departement: str = "", force: str = "") -> list[Unit]:
    """The units of those kinds, of a département and of a force (those that are of neither force too)."""
    query = select(DIRECTORY).where(DIRECTORY.c.kind.in_(list(kinds)))
    if departement:
        query = query.where(DIRECTORY.c.departement == departement)
    if force:
        query = query.where(DIRECTORY.c.force.in_((force, "")))
    return [_unit(row) for row in connection.execute(query.order_by(DIRECTORY.c.name))]


def search_units(connection: Connection, words: str, kind: str, departement: str, limit: int) -> tuple[list[Unit], int]:
    """Units by what their name, id, commune or referent holds; how many there are in all."""
    query = select(DIRECTORY)
    if words:
        columns = (DIRECTORY.c.name, DIRECTORY.c.id, DIRECTORY.c.referent, DIRECTORY.c.address, DIRECTORY.c.commune)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    if kind:
        query = query.where(DIRECTORY.c.kind == kind)
    if departement:
        query = query.where(DIRECTORY.c.departement == departement)
    rows = connection.execute(query.order_by(DIRECTORY.c.departement, DIRECTORY.c.name).limit(limit))
    return [_unit(row) for row in rows], _count(connection, query)


def commune(connection: Connection, code: str) -> Commune | None:
    """The commune of that code."""
    row = connection.execute(select(COMMUNES).where(COMMUNES.c.code == code)).first() if code else None
    return _commune(row) if row else None


def communes_named(connection: Connection, folded: Sequence[str], departement: str = "") -> list[Commune]:
    """The communes of one of those names, folded."""
    query = select(COMMUNES).where(COMMUNES.c.folded.in_(folded))
    if departement:
        query = query.where(COMMUNES.c.departement == departement)
    return [_commune(row) for row in connection.execute(query.order_by(COMMUNES.c.code))]


def search_communes(connection: Connection, folded: str, departement: str, limit: int) -> list[Commune]:
    """The communes whose name, folded, begins so, or of that code."""
    named = COMMUNES.c.folded.startswith(folded, autoescape=True)
    query = select(COMMUNES).where(or_(named, COMMUNES.c.code == folded.upper()))
    if departement:
        query = query.where(COMMUNES.c.departement == departement)
    return [_commune(row) for row in connection.execute(query.order_by(COMMUNES.c.folded).limit(limit))]


def counts(connection: Connection) -> tuple[int, int]:
    """How many units, and how many communes."""
    return _count(connection, select(DIRECTORY)), _count(connection, select(COMMUNES))


def unit_ids(connection: Connection) -> set[str]:
    """The ids of all units."""
    return set(connection.scalars(select(DIRECTORY.c.id)))


def units_of_communes(connection: Connection) -> dict[str, int]:
    """The units that communes name: how many each."""
    query = select(COMMUNES.c.unit, func.count()).where(COMMUNES.c.unit != "").group_by(COMMUNES.c.unit)
    return {row[0]: row[1] for row in connection.execute(query)}


def _replace(connection: Connection, table: Table, rows: Sequence[Unit] | Sequence[Commune]) -> None:
    connection.execute(delete(table))
    for start in range(0, len(rows), _BATCH):
        connection.execute(insert(table), [asdict(one) for one in rows[start : start + _BATCH]])


def _count(connection: Connection, query: Select[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(query.subquery())) or 0


def _unit(row: Row[Any]) -> Unit:
    return Unit(**row._mapping)


def _commune(row: Row[Any]) -> Commune:
    return Commune(**row._mapping)
