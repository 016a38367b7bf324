"""What is done with a case instead of handling it now: put off, raised, sent elsewhere. Always with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.handling.excluding import readers
from triage.desk.handling.opening import NotHeldError, held, permitted
from triage.desk.office import DeskError, Office
from triage.desk.queue import leases
from triage.desk.queue.placing import place, tell
from triage.store import decisions, history
from triage.store.cases import Ranking
from triage.store.decisions import RAISED, Decision
from triage.store.people import Person
from triage.store.records import FINISHED, Standing

LONGEST_REASON = 2_000


def snooze(office: Office, person: Person, case_id: str, until: datetime, reason: str, now: datetime) -> Standing:
    """Puts the case off; it comes back by itself, or as soon as the official writes.

    Raises DeskError beyond what its level allows, without a reason; NotHeldError, ForbiddenError, UnknownCaseError.
    """
    reason = _said(reason)
    with office.database.write() as connection:
        standing = held(office, connection, person, case_id, now)
        if standing.held_by(now) is None:
            raise NotHeldError("Prenez d'abord ce dossier, puis mettez-le en attente.")
        longest = office.policies.queue.longest_snooze(standing.level)
        if longest is None:
            raise DeskError("Ce niveau ne se met pas en attente : rendez le dossier, ou passez-le à quelqu'un.")
        if not now < until <= now + longest:
            hours = int(longest.total_seconds()) // 3600
            raise DeskError(f"Choisissez une heure à venir, dans les {hours} heures au plus pour ce niveau.")
        after = leases.end(office, connection, standing, "snoozed", now, until)
        journal.record(office, connection, person, "snooze", now, case_id, about=until.isoformat(), why=reason)
        return after


def escalate(
    office: Office, person: Person, case_id: str, level: str, reason: str, now: datetime, keep: bool = False
) -> Standing:
    """Raises the level of the case, whoever holds it; it is due anew. `keep`: the person goes on with it.

    Raises DeskError for a level that is not higher, without a reason; ForbiddenError, UnknownCaseError.
    """
    reason = _said(reason)
    policy = office.engine.assessor.policy
    with office.database.write() as connection:
        standing = permitted(office, connection, person, case_id, lock=True)
        if standing.state in FINISHED:
            raise DeskError("Ce dossier est clos : rouvrez-le, puis relevez son niveau.")
        rank = policy.rank(level) if level in {one.id for one in policy.levels} else -1
        if rank <= standing.rank:
            raise DeskError("Choisissez un niveau plus élevé : celui d'un dossier ne s'abaisse pas ici.")
        office.cases.rank(connection, case_id, Ranking(level, rank, standing.types, standing.flags), now)
        office.cases.stand(connection, case_id, decided=level)
        _keep_raise(office, connection, person, standing, level, reason, now)
        before = policy.level(standing.level).label
        text = f"Niveau relevé par un agent : {before} → {policy.level(level).label}."
        office.cases.note(connection, case_id, "level", text, now)
        after = _again(office, connection, person, standing, now, keep)
        journal.record(office, connection, person, "escalate", now, case_id, about=level, why=reason)
        return after


def refer(
    office: Office, person: Person, case_id: str, departement: str, force: str, reason: str, now: datetime
) -> Standing:
    """Sends the case to the queue of another place or force, where it is due as it was here.

    Raises DeskError for a place that nobody covers, without a reason; NotHeldError, ForbiddenError, UnknownCaseError.
    """
    reason = _said(reason)
    if departement and departement not in office.service.departements:
        raise DeskError("Ce département n'existe pas : choisissez-en un dans la liste.")
    if force not in office.policies.queue.forces:
        raise DeskError("Choisissez la police ou la gendarmerie.")
    with office.database.write() as connection:
        standing = held(office, connection, person, case_id, now)
        if (departement, force) == (standing.departement, standing.force):
            raise DeskError("Le dossier est déjà là : choisissez un autre département ou l'autre force.")
        if not readers(connection, replace(standing, departement=departement, force=force)):
            raise DeskError("Aucun compte actif ne couvre ce ressort : le dossier y serait oublié. Gardez-le.")
        told = office.cases.get(connection, case_id).told
        moved = told.model_copy(update={"departement": departement, "force": force})
        office.cases.tell(connection, case_id, moved, now)
        leases.end(office, connection, standing, leases.REFERRED, now)
        place_ = office.service.departements.get(departement)
        where = office.policies.queue.forces[force] + (f", {place_.name}" if place_ else "")
        office.cases.note(connection, case_id, "referred", f"Dossier confié à un autre service ({where}).", now)
        office.cases.stand(connection, case_id, taken_at=None, snoozed_until=None)
        after = place(office, connection, case_id, now)
        tell(connection, "queue", after, now)
        journal.record(office, connection, person, "refer", now, case_id, about=f"{departement} {force}", why=reason)
        return after


def _keep_raise(
    office: Office, connection: Connection, person: Person, was: Standing, level: str, reason: str, now: datetime
) -> None:
    """Keeps that somebody raised the level, over what the rules and the model of the last assessment had found."""
    last = next(iter(history.assessments(connection, was.id)[-1:]), None)
    raised = Decision(
        at=now,
        by=person.id,
        kind=RAISED,
        level_before=was.level,
        level=level,
        types_before=(),
        types=(),
        flags_before=(),
        flags=(),
        sources="",
        rules=last.rules if last else "",
        model=last.model if last else None,
        reason=reason,
    )
    decisions.add(connection, office.cases.sealer(connection, was.id), was.id, raised, None)


def _again(
    office: Office, connection: Connection, person: Person, was: Standing, now: datetime, keep: bool
) -> Standing:
    """A case whose level was raised is due anew: its holder leaves it to whoever is free first, or goes on with it."""
    if was.held_by(now) == person.id and not keep:
        return leases.end(office, connection, office.cases.standing(connection, was.id), "escalated", now)
    if was.held_by(now):
        office.cases.stand(connection, was.id, taken_at=now)
    after = place(office, connection, was.id, now)
    tell(connection, "queue", after, now)
    return after


def _said(reason: str) -> str:
    """The reason, as it is kept. Raises DeskError when there is none, or too long a one."""
    reason = reason.strip()
    if not reason:
        raise DeskError("Dites pourquoi, en quelques mots : la personne qui reprendra le dossier le lira.")
    if len(reason) > LONGEST_REASON:
        raise DeskError(f"Le motif compte {len(reason)} caractères, la limite est de {LONGEST_REASON}.")
    return reason
