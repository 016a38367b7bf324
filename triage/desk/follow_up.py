"""What the person adds after sending: answers, facts, corrections, gestures done, requests, messages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.desk.case import reassess_within
from triage.desk.measures import lifecycle
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place
from triage.desk.understanding import Understood
from triage.store.records import FINISHED, Case, Told

LONGEST_MESSAGE = 5_000
_CLOSED = "Ce dossier est clos : il ne se modifie plus. Commencez un nouveau récit."


def answer(office: Office, case_id: str, answers: Mapping[str, str], now: datetime) -> Understood:
    """Answers to questions (question → answer); an empty answer says that the question is not to be asked again."""
    return _change(office, case_id, lambda told: told.model_copy(update={"answers": {**told.answers, **answers}}), now)


def tell_facts(office: Office, case_id: str, facts: Mapping[str, Any], now: datetime) -> Understood:
    """Optional facts, by the names of the fields of `Told`."""
    return _change(office, case_id, lambda told: told.model_copy(update=dict(facts)), now, "facts")


def complete(office: Office, case_id: str, more: str, now: datetime) -> Understood:
    """More of the report, added to it. Raises IntakeError when it becomes too long."""
    added = more.strip()
    if not added:
        raise DeskError("Le complément est vide. Écrivez ce qui est nouveau, puis envoyez.")

    def change(told: Told) -> Told:
        return told.model_copy(update={"text": f"{told.text}\n\n{added}"})

    return _change(office, case_id, change, now, "complement")


def correct(office: Office, case_id: str, kind: str, comment: str, now: datetime) -> Understood:
    """« Ce n'est pas cela »: the type that the person names, kept as an opinion for analysts. The level never falls."""
    if kind and kind not in office.engine.assessor.policy.base:
        raise DeskError("Ce type n'existe pas. Choisissez-en un dans la liste.")
    if not kind and not comment.strip():
        raise DeskError("Dites ce qui n'est pas juste : choisissez un type ou écrivez quelques mots.")
    with office.database.write() as connection:
        case = _open_case(office, connection, case_id)
        opinion = {"before": list(case.types), "level": case.level, "type": kind, "comment": comment.strip()}
        office.cases.opine(connection, case_id, opinion, now)
        corrections = case.told.corrections | ({"type": kind} if kind else {})
        told = case.told.model_copy(update={"corrections": corrections})
        return reassess_within(office, connection, case_id, "correction", now, told)


def tick(office: Office, case_id: str, shown: Collection[str], done: Collection[str], now: datetime) -> None:
    """Keeps which of the gestures `shown` of the checklist are done, by their keys."""
    with office.database.write() as connection:
        case = _open_case(office, connection, case_id)
        ticks = (*(one for one in case.told.ticks if one not in shown), *sorted(done))
        office.cases.tell(connection, case_id, case.told.model_copy(update={"ticks": ticks}), now)


def ask_measure(office: Office, case_id: str, measure: str, now: datetime) -> None:
    """Asks the agents for a measure, once. Raises DeskError for one that is not asked for here."""
    if measure not in office.service.askable:
        raise DeskError("Cette mesure ne se demande pas ici : suivez la démarche indiquée.")
    name = office.engine.composer.knowledge.measures[measure].name
    with office.database.write() as connection:
        case = _open_case(office, connection, case_id)
        if not any(one.kind == measure for one in case.asked):
            office.cases.ask(connection, case_id, measure, now)
            lifecycle.ask(office, connection, case, measure, now)
            office.cases.note(connection, case_id, "measure", f"Mesure demandée : {name}.", now)
            place(office, connection, case_id, now)


def sendable(text: str) -> str:
    """A message as it is sent. Raises DeskError when there is nothing to send, or too much."""
    text = text.strip()
    if not text:
        raise DeskError("Le message est vide.")
    if len(text) > LONGEST_MESSAGE:
        raise DeskError(f"Le message compte {len(text)} caractères, la limite est de {LONGEST_MESSAGE}.")
    return text


def write(office: Office, case_id: str, by: str, text: str, now: datetime) -> None:
    """A message of the « official » or of an « agent ». Raises DeskError when there is nothing to send."""
    text = sendable(text)
    with office.database.write() as connection:
        _open_case(office, connection, case_id)
        office.cases.write(connection, case_id, by, text, now)
        if by == "official":  # whoever waits for an answer is in the queue; what they write may tell a danger
            office.cases.stand(connection, case_id, snoozed_until=None)
            reassess_within(office, connection, case_id, "message", now)
        else:
            place(office, connection, case_id, now)


def read_messages(office: Office, case_id: str, by: str, now: datetime) -> None:
    """The other side has read what `by` wrote."""
    with office.database.write() as connection:
        office.cases.mark_read(connection, case_id, by, now)
        place(office, connection, case_id, now)


def _change(
    office: Office, case_id: str, change: Callable[[Told], Told], now: datetime, cause: str = "answer"
) -> Understood:
    with office.database.write() as connection:
        case = _open_case(office, connection, case_id)
        return reassess_within(office, connection, case_id, cause, now, change(case.told))


def _open_case(office: Office, connection: Connection, case_id: str) -> Case:
    case = office.cases.get(connection, case_id, lock=True)
    if case.state in FINISHED:
        raise DeskError(_CLOSED)
    return case
