"""How a case ends, and begins again. What waits for an answer is never closed away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from triage.desk import journal
from triage.desk.handling.conduct import Outcome
from triage.desk.handling.opening import held, permitted
from triage.desk.handling.reasons import said
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.queue.claiming import end_claim
from triage.desk.queue.placing import place, tell
from triage.store import joined
from triage.store.desk_tables import ALERTS
from triage.store.people import Person
from triage.store.records import FINISHED, Standing
from triage.store.tables import EXHIBITS, MESSAGES, REQUESTS

CLOSED, REOPENED = "closed", "reopened"


def close(office: Office, person: Person, case_id: str, outcome: str, reason: str, now: datetime) -> Standing:
    """Closes the case, which `person` holds, with an outcome of the list. What stands then.

    Raises DeskError for an unknown outcome, a reason that misses, something that waits; NotHeldError, ForbiddenError.
    """
    with office.database.write() as connection:
        return close_within(office, connection, person, case_id, outcome, reason, now)


def close_within(
    office: Office, connection: Connection, person: Person, case_id: str, outcome: str, reason: str, now: datetime
) -> Standing:
    """The same, in the caller's transaction; it writes the audit, last."""
    chosen = office.policies.conduct.outcomes.get(outcome)
    if chosen is None:
        raise DeskError("Choisissez une issue dans la liste.")
    reason = said(reason, "Dites pourquoi : cette issue le demande.") if chosen.reason else reason.strip()
    for one in joined.joined_to(connection, case_id):  # in the order in which what comes in one of them takes both
        office.cases.standing(connection, one, lock=True)
    standing = held(office, connection, person, case_id, now)
    if standing.state in FINISHED or standing.merged_into:
        raise DeskError("Ce dossier est déjà clos, ou joint à un autre.")
    _check_answered(connection, case_id)
    for one in (*joined.joined_to(connection, case_id), case_id):
        _end(office, connection, person, one, chosen, now)
    end_claim(office, connection, case_id, CLOSED, now)
    after = office.cases.standing(connection, case_id)
    tell(connection, CLOSED, after, now)
    journal.record(office, connection, person, "close", now, case_id, outcome, reason)
    return after


def reopen(office: Office, person: Person, case_id: str, reason: str, now: datetime) -> Standing:
    """Opens a closed case again; it is due anew. One that was transmitted, a supervisor only.

    Raises DeskError when it is not closed, ForbiddenError, UnknownCaseError.
    """
    reason = said(reason)
    with office.database.write() as connection:
        standing = permitted(office, connection, person, case_id, lock=True)
        if standing.state not in FINISHED:
            raise DeskError("Ce dossier n'est pas clos.")
        if standing.merged_into:
            raise DeskError("Ce dossier est joint à un autre : rouvrez le dossier principal.")
        if standing.state == "transmitted" and not may(person, Right.SUPERVISE):
            raise DeskError("Ce dossier a été transmis : seul un responsable peut le rouvrir.")
        for one in joined.joined_to(connection, case_id):
            _begin_again(office, connection, one, now)
        after = _begin_again(office, connection, case_id, now)
        journal.record(office, connection, person, "reopen", now, case_id, standing.outcome, reason)
        return after


def _check_answered(connection: Connection, case_id: str) -> None:
    """Raises DeskError while the official waits for something, or what they sent is not read: nobody would see it."""
    family = joined.together(case_id)
    unread = MESSAGES.c.case_id.in_(family) & (MESSAGES.c.by == "official") & MESSAGES.c.read_at.is_(None)
    asked = REQUESTS.c.case_id.in_(family) & (REQUESTS.c.state == "asked")
    if connection.execute(select(MESSAGES.c.id).where(unread).limit(1)).first():
        raise DeskError("Un message de la personne n'a pas été lu : lisez-le dans « Échanges » avant de clore.")
    if connection.execute(select(REQUESTS.c.id).where(asked).limit(1)).first():
        raise DeskError("La personne a demandé une mesure ou l'effacement : répondez-lui avant de clore.")
    pending = EXHIBITS.c.case_id.in_(family) & (EXHIBITS.c.state == "pending")
    if connection.execute(select(EXHIBITS.c.id).where(pending).limit(1)).first():
        raise DeskError(
            "Une pièce n'est pas encore lue par le service : attendez qu'elle le soit, elle peut dire un danger."
        )


def _end(office: Office, connection: Connection, person: Person, case_id: str, outcome: Outcome, now: datetime) -> None:
    """Ends one case, and writes to its official, who is told by e-mail as of any message."""
    standing = office.cases.standing(connection, case_id, lock=True)
    if standing.split_from is None:
        anew = office.policies.conduct.messages.anew.replace("{reference}", standing.reference)
        office.cases.write(connection, case_id, "agent", f"{outcome.told}\n\n{anew}", now, person.id)
    office.cases.set_state(connection, case_id, outcome.state, now)
    ended = {"outcome": outcome.id, "closed_at": now, "snoozed_until": None}
    office.cases.stand(connection, case_id, **ended)
    office.cases.note(connection, case_id, CLOSED, outcome.told, now)
    over = (ALERTS.c.case_id == case_id) & ALERTS.c.ended_at.is_(None)
    connection.execute(update(ALERTS).where(over).values(ended_at=now, ended=CLOSED))
    place(office, connection, case_id, now, quiet=True)


def _begin_again(office: Office, connection: Connection, case_id: str, now: datetime) -> Standing:
    office.cases.set_state(connection, case_id, "open", now)
    anew = {"outcome": "", "closed_at": None, "level_since": now, "taken_at": None}
    office.cases.stand(connection, case_id, **anew)
    office.cases.note(connection, case_id, REOPENED, "Votre dossier est rouvert : un agent le reprend.", now)
    return place(office, connection, case_id, now)
