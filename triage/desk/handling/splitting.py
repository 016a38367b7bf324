"""Makes a case of a part of a report, when it tells of two things: the engine assesses it by itself.

The part has no code of its own: the official follows everything in the first case. Joining it to that one undoes it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.handling.excluding import follow
from triage.desk.handling.opening import held, permitted
from triage.desk.handling.reasons import said
from triage.desk.inputs import Inputs, pieces_of
from triage.desk.making import as_answer, make
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place
from triage.desk.understanding import Understood
from triage.store import evidence
from triage.store.cases import Answer
from triage.store.people import Person
from triage.store.records import Case, Exhibit, Standing, Told

CHANNEL, CAUSE = "split", "split"


def split(
    office: Office, person: Person, case_id: str, text: str, numbers: Collection[int], reason: str, now: datetime
) -> Standing:
    """A new case with `text`, taken word for word from the report, and copies of the exhibits of those `numbers`.

    Raises DeskError when the text is not from the report, NotHeldError, ForbiddenError, UnknownCaseError.
    """
    reason = said(reason)
    with office.database.read() as connection:
        permitted(office, connection, person, case_id)
        case = office.cases.get(connection, case_id)
    told = _part(case, text)
    chosen = [one for one in case.exhibits if one.number in numbers and one.state != "pending"]
    engine, inputs = office.engine, Inputs(told, case.received_at, now, CAUSE, pieces_of(chosen))
    found = make(engine, inputs)
    answer = as_answer(engine, found, inputs)
    with office.database.write() as connection:
        held(office, connection, person, case_id, now)
        new = _keep(office, connection, case, told, chosen, found, answer, now)
        after = place(office, connection, new, now)
        journal.record(office, connection, person, "split", now, case_id, new, reason)
        journal.record(office, connection, person, "split.part", now, new, case_id)
        return after


def _part(case: Case, text: str) -> Told:
    words = " ".join(text.split())
    if not words:
        raise DeskError("Gardez dans le cadre le passage qui devient un dossier à part.")
    if words not in " ".join(case.told.text.split()):
        raise DeskError("Ce passage n'est pas mot pour mot dans le récit : effacez ce qui n'en fait pas partie.")
    kept = case.told.model_dump(include={"traits", "departement", "force", "commune", "contact", "hours"})
    return Told(text=text.strip(), **kept)


def _keep(
    office: Office,
    connection: Connection,
    case: Case,
    told: Told,
    exhibits: Collection[Exhibit],
    found: Understood,
    answer: Answer,
    now: datetime,
) -> str:
    cases, level = office.cases, found.diagnostic.level
    new = cases.add(connection, told, found.ranking, now, None, None, CHANNEL)
    standing = case.standing
    same = {"commune": standing.commune, "concerns": standing.concerns, "identity": standing.identity}
    cases.stand(connection, new, split_from=case.id, **same)
    follow(office, connection, case.id, new)
    cases.record(connection, new, level.id, answer, now)
    cases.note(connection, new, "received", f"Dossier tiré du dossier {case.reference}. Niveau : {level.label}.", now)
    before, after = cases.sealer(connection, case.id), cases.sealer(connection, new)
    for one in exhibits:
        content = evidence.original(connection, before, one.id)
        shown = evidence.preview(connection, before, one.id)
        copy = evidence.add(connection, after, new, content, one.about, (one.media_type, one.kind), now)
        evidence.settle(connection, after, copy, one.state, one.about, shown)
    return new
