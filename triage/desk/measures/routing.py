"""Whom to turn to for a measure: the units of the directory that fit the place of a case, the surest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.measures.pack import Cycle
from triage.store import directory
from triage.store.directory import Unit
from triage.store.records import Standing

MOST = 8


@dataclass(frozen=True)
class Suggestion:
    """A unit, and `why` it is proposed."""

    unit: Unit
    why: str


def suggest(connection: Connection, cycle: Cycle, case: Standing) -> list[Suggestion]:
    """The units that `cycle` is routed to, for the place of the case; empty when nothing is known of either."""
    commune = directory.commune(connection, case.commune)
    departement = case.departement or (commune.departement if commune else "")
    if not departement:
        return []
    found: dict[str, Suggestion] = {}
    own = directory.unit(connection, commune.unit) if commune else None
    if own and own.kind in cycle.route:
        found[own.id] = Suggestion(own, "compétente pour la commune")
    known = directory.units(connection, cycle.route, departement, case.force)
    known.sort(key=lambda one: cycle.route.index(one.kind))
    if commune:
        for one in known:
            if one.commune == commune.code:
                found.setdefault(one.id, Suggestion(one, "dans la commune"))
    for one in known:
        found.setdefault(one.id, Suggestion(one, "du département"))
    in_order = sorted(found.values(), key=lambda one: cycle.route.index(one.unit.kind))
    return in_order[:MOST]
