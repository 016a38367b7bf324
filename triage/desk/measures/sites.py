"""Where a case is, as it was told and as the table of communes has it, the differences shown."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.office import Office
from triage.store import directory
from triage.store.directory import Commune, Unit
from triage.store.records import Case

_MOST = 12


@dataclass(frozen=True)
class Site:
    """The commune kept for a case and its unit; `near`: those to choose from; `differs`: what was told otherwise."""

    commune: Commune | None
    unit: Unit | None
    near: tuple[Commune, ...]
    differs: tuple[str, ...]
    known: bool


def site(office: Office, connection: Connection, case: Case, words: str = "") -> Site:
    """Where the case is. `words`: those by which an agent looks for its commune."""
    told, standing = case.told, case.standing
    commune = directory.commune(connection, standing.commune)
    near: tuple[Commune, ...] = ()
    if words.strip():
        folded = office.policies.directory.folded(words)
        near = tuple(directory.search_communes(connection, folded, "", _MOST))
    elif commune is None and told.commune:
        found = office.locator.find(connection, told)
        near = (found.commune, *found.near)[:_MOST] if found.commune else found.near[:_MOST]
    unit = directory.unit(connection, commune.unit) if commune else None
    _, communes = directory.counts(connection)
    return Site(commune, unit, near, tuple(_differences(office, case, commune)), communes > 0)


def _differences(office: Office, case: Case, commune: Commune | None) -> list[str]:
    told, forces, said = case.told, office.policies.directory.forces, []
    if commune and told.departement and told.departement != commune.departement:
        place = f"{commune.name} est dans le département {commune.departement}."
        said.append(f"Département dit : {told.departement}. {place}")
    if commune and told.force and told.force != commune.force:
        said.append(f"Force dite : {forces[told.force].lower()}. D'après la table : {forces[commune.force].lower()}.")
    return said
