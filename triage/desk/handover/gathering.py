"""Gathers all that is handed over of a case, and takes out of it what is masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.dossier import case_file
from triage.desk.handover.masking import Mask
from triage.desk.office import Office
from triage.dossier.casefile import CaseFile, Exhibit
from triage.store import decisions, history, joined, people
from triage.store.decisions import Decision
from triage.store.people import Person
from triage.store.records import Case, Message


@dataclass(frozen=True)
class Handover:
    """One case, handed over by `by` to the service `to`, as it stood at `file.made_at`.

    `names`: the agents who decided and wrote, by id. `rules` and `model`: the versions behind the last assessment.
    `masked`: some of it was masked, and what cannot be masked is left out, but the images `shown`.
    """

    case: Case
    file: CaseFile
    by: str
    to: str
    decisions: tuple[Decision, ...]
    names: Mapping[str, str]
    rules: str
    model: str
    joined: tuple[str, ...]
    contact: tuple[tuple[str, str], ...]
    messages: tuple[Message, ...]
    masked: bool = False
    shown: frozenset[int] = frozenset()


def gather(office: Office, case: Case, person: Person, to: str, operator: str, now: datetime) -> Handover:
    """All that is handed over; the originals of the exhibits stay in the store, to be read one at a time."""
    file = case_file(office, case, operator, now, originals=False)
    with office.database.read() as connection:
        return _gathered(office, connection, case, file, person, to)


def _gathered(office: Office, connection: Connection, case: Case, file: CaseFile, person: Person, to: str) -> Handover:
    decided = decisions.of_case(connection, office.cases.sealer(connection, case.id), case.id)[::-1]
    last = history.assessments(connection, case.id)[-1:]
    who = {one.by for one in decided} | {one.author for one in case.messages if one.author}
    others = joined.joined_to(connection, case.id)
    told = case.told
    contact = (("Coordonnées", told.contact), ("Adresse électronique", told.mail), ("Horaires", told.hours))
    return Handover(
        case=case,
        file=file,
        by=person.name,
        to=to,
        decisions=tuple(decided),
        names=people.names(connection, who),
        rules=last[0].rules if last else "",
        model=(last[0].model or "") if last else "",
        joined=tuple(office.cases.standing(connection, one).reference for one in others),
        contact=tuple(pair for pair in contact if pair[1]),
        messages=case.messages,
    )


def redacted(told: Handover, mask: Mask, shown: frozenset[int]) -> Handover:
    """`told` without what `mask` hides, whole texts before they are cut into lines.

    What says who the person is goes too; the exhibits are told without their files, but the images `shown`.
    """
    file = told.file
    clean = replace(
        file,
        told=mask(file.told),
        facts=tuple((label, mask(value)) for label, value in file.facts),
        exhibits=tuple(_exhibit(one, mask, one.number in shown) for one in file.exhibits),
        comments=None,
        events=(),
        addresses=tuple(mask(one) for one in file.addresses),
    )
    return replace(told, file=clean, by="", names={}, contact=(), messages=(), masked=True, shown=shown)


def _exhibit(one: Exhibit, mask: Mask, shown: bool) -> Exhibit:
    return replace(
        one,
        name=mask(one.name),
        text=mask(one.text),
        preview=one.preview if shown else None,
        notes=tuple(map(mask, one.notes)),
        details=tuple((label, mask(value)) for label, value in one.details),
    )
