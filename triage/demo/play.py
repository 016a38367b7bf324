"""Plays the demonstration in an empty store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select

from triage.demo.cast import Badge, fill_directory, invite
from triage.demo.history import relive
from triage.demo.scenes import SCENES
from triage.demo.script import Cast, Scripted
from triage.desk.campaigns.finding import try_index
from triage.desk.office import DeskError, Office
from triage.desk.submit import submit
from triage.learning.corpus import Example
from triage.store.people_tables import PEOPLE
from triage.store.records import Told
from triage.store.tables import CASES


def play(
    office: Office,
    cast: Cast,
    reports: Sequence[Scripted],
    past: Sequence[Example],
    now: datetime,
    say: Callable[[str], None],
) -> dict[str, Badge]:
    """Fills the store; how to enter as each of the cast. Raises DeskError when the store is not empty."""
    _check_empty(office)
    draw = Random(2026)  # noqa: S311 (a stage set, the same each time)
    fill_directory(office, cast, now)
    badges = invite(office, cast, now)
    agents = [one.person for one in badges.values() if one.person.role == "agent"]
    say(f"{len(cast.people)} comptes, un annuaire.")
    say(f"{relive(office, agents, past, cast.lines['correct'], now, draw)} récits des semaines passées.")
    for one in sorted(reports, key=lambda one: -one.ago):
        at = now - timedelta(hours=one.ago)
        case_id = submit(office, _told(office, one), [], at).case_id
        try_index(office, case_id, at)
        scene = SCENES.get(one.scene)
        if scene:
            agent = next(person for person in agents if person.covers(one.departement, one.force))
            scene(office, agent, case_id, at + timedelta(minutes=20), cast.lines)
    say(f"{len(reports)} récits d'hier et d'aujourd'hui.")
    return badges


def _check_empty(office: Office) -> None:
    with office.database.read() as connection:
        held = [connection.scalar(select(func.count()).select_from(table)) for table in (CASES, PEOPLE)]
    if any(held):
        raise DeskError(
            "Ce registre contient déjà des dossiers ou des comptes : la démonstration n'y touche pas. "
            "Donnez-lui un répertoire à elle, par exemple TRIAGE_DATA=var/demo triage demo."
        )


def _told(office: Office, one: Scripted) -> Told:
    traits = next((tuple(who.traits) for who in office.service.facts.who if who.id == one.who), ())
    return Told(
        text=one.text,
        traits=traits,
        departement=one.departement,
        force=one.force,
        commune=one.commune,
        contact=one.contact,
        hours=one.hours,
    )
