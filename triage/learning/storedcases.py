"""The cases of the store, to try a change of rules on: judged as they are now, read by those who may only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.assessment.triaged import Triaged
from triage.desk import journal
from triage.desk.case import inputs_of
from triage.desk.decided import all_types
from triage.desk.inputs import Inputs
from triage.desk.making import opinion
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.understanding import with_messages, with_pieces
from triage.engine import Engine
from triage.intake.report import Report
from triage.learning.evaluation import Labelled
from triage.learning.passages import Hide
from triage.learning.pseudonyms import Pseudonyms, identifiers_of
from triage.settings import Settings
from triage.store import decisions, labelled, people
from triage.store.cases import UnknownCaseError
from triage.store.decisions import RAISED, Decision
from triage.store.keys import KeyRingError
from triage.store.people import Person
from triage.store.records import Standing, reference_of

READ = "rules.impact"
_AT_ONCE = 100


@dataclass(frozen=True)
class Stored:
    """A case of the store as it is now, judged by the engine alone, whatever agents decided.

    `gold` is what an agent decided, where one did.
    """

    case_id: str
    inputs: Inputs
    gold: Labelled | None

    @property
    def id(self) -> str:
        """What to call it by: it opens nothing."""
        return reference_of(self.case_id)

    @property
    def now(self) -> datetime:
        """When it came."""
        return self.inputs.received_at

    @property
    def reports(self) -> Sequence[Report]:
        """What was told, and the same with the pieces and the messages that came since."""
        told, pieces = self.inputs.told.text, [one.words for one in self.inputs.pieces]
        whole = with_pieces(with_messages(told, self.inputs.messages), pieces)
        return [Report(text, received_at=self.now) for text in dict.fromkeys((told, whole))]

    def judged(self, engine: Engine) -> Triaged:
        """See `Subject`."""
        return opinion(engine, self.inputs).triaged


def stored(office: Office, now: datetime, most: int = 0) -> tuple[list[Stored], int]:
    """The cases of the store, the last received first, and how many do not open; erased and joined ones are left out.

    `most` 0: all of them. Raises StoreError.
    """
    with office.database.read() as connection:
        states = labelled.states(connection, labelled.received(connection, None, None)).values()
        open_ones = [one for one in states if one.state != "erased" and not one.merged_into]
    ids = [one.id for one in sorted(open_ones, key=lambda one: one.received_at, reverse=True)][: most or None]
    found: list[Stored] = []
    for start in range(0, len(ids), _AT_ONCE):
        with office.database.read() as connection:
            for case_id in ids[start : start + _AT_ONCE]:
                try:
                    case, sealer = office.cases.get(connection, case_id), office.cases.sealer(connection, case_id)
                    decided = decisions.of_case(connection, sealer, case_id)
                except (UnknownCaseError, KeyRingError):
                    continue
                found.append(Stored(case_id, inputs_of(office, case, case.told, now), _decided(decided)))
    return found, len(ids) - len(found)


def reader_of(office: Office, login: str) -> Person:
    """Who wants to read the cases that change: an open account of somebody who handles or analyses them.

    Raises DeskError.
    """
    with office.database.read() as connection:
        person = people.by_login(connection, login)
    if person is None:
        raise DeskError(f"{login} n'a pas de compte : voyez « triage users list ».")
    if not (may(person, Right.HANDLE) or may(person, Right.ANALYSE)):
        raise DeskError(f"Le compte de {login} n'est pas ouvert, ou son rôle ne permet pas de lire des dossiers.")
    return person


def note_trial(office: Office, who: Person | None, rules: str, size: int, now: datetime) -> None:
    """Keeps in the audit that rules were tried on so many cases."""
    with office.database.write() as connection:
        journal.record(office, connection, who or journal.SYSTEM, READ, now, about=f"{rules} {size}")


def readable(office: Office, person: Person, case_ids: Iterable[str], now: datetime) -> set[str]:
    """Which of these cases `person` may read; the audit keeps that they were read."""
    with office.database.write() as connection:
        found = within(connection, person, case_ids)
        for name in sorted(found):
            journal.record(office, connection, person, READ, now, name)
    return found


def within(connection: Connection, person: Person, case_ids: Iterable[str]) -> set[str]:
    """Which of these cases are in the scope of `person`, who is not kept out of them."""
    excluded = labelled.excluded_from(connection, person.id)
    states = labelled.states(connection, case_ids)
    return {name for name, standing in states.items() if name not in excluded and _theirs(person, standing)}


def _theirs(person: Person, standing: Standing) -> bool:
    """Whether the case is in somebody's scope, and not about their own unit."""
    about_theirs = bool(person.unit) and standing.concerns == person.unit
    return standing.state != "erased" and not about_theirs and person.covers(standing.departement, standing.force)


def hidden_from(person: Person, settings: Settings, office: Office) -> Hide | None:
    """What replaces names for somebody who analyses cases and handles none; None for those who read them."""
    if may(person, Right.HANDLE):
        return None
    return Hide(identifiers_of(settings.rules, office), Pseudonyms(office.policies.extraction.labels))


def _decided(decided: Sequence[Decision]) -> Labelled | None:
    """What agents found: types and flags of the last who gave an opinion, the level of the last word on it."""
    judged = next((one for one in decided if one.kind != RAISED), None)
    if judged is None:
        return None
    types = all_types(judged.types)
    return Labelled(frozenset(types), types[0], decided[0].level, frozenset(judged.flags))
