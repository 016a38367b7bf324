"""What is made of two blind readings: what they agree on, and what somebody else decides where they do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.handling.deciding import Opinion, check
from triage.desk.handling.opening import permitted
from triage.desk.handling.reasons import said
from triage.desk.handling.sampling import check_seen, may_read, raise_case, seen_of
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, require
from triage.store import samples
from triage.store.cases import UnknownCaseError
from triage.store.keys import KeyRingError
from triage.store.people import Person
from triage.store.records import Case
from triage.store.samples import Purpose, Reading, Sample

# How far back the page goes, in reports that all their readers have read.
MOST_SHOWN = 200
_EVERY = 1_000_000


@dataclass(frozen=True)
class Compared:
    """A report that all its readers have read, what each found, and what was decided between them.

    `reasons`: why it was chosen, when it was not drawn at random.
    """

    sample: Sample
    reference: str
    readings: tuple[Reading, ...]
    ruling: Reading | None = None
    reasons: tuple[str, ...] = ()

    @property
    def agreed(self) -> bool:
        """Whether they found the same of the same words: level, main type, other types, flags."""
        found = {(one.level, one.types[:1], frozenset(one.types), frozenset(one.flags)) for one in self.readings}
        return len(found) == 1 and len({one.seen for one in self.readings}) == 1

    @property
    def settled(self) -> Reading | None:
        """What the report is, for good: what was decided, else what all readers found; None while they disagree."""
        return self.ruling or (self.readings[0] if self.agreed else None)


def compared(office: Office, person: Person, purpose: Purpose, now: datetime) -> tuple[list[Compared], int]:
    """The reports of one's scope that all their readers have read, those on which they disagree first.

    And how many do not open any more. Remarks are shown: the audit keeps that they were read.
    """
    needed = office.policies.conduct.sampling.readers
    with office.database.write() as connection:
        read = samples.read_ones(connection, needed, MOST_SHOWN, purpose)
        found, closed = _opened(office, connection, person, read)
        if found:
            journal.record(office, connection, person, "sample.compare", now, about=str(len(found)))
    return sorted(found, key=lambda one: one.settled is not None), closed


def disputed(office: Office, person: Person) -> tuple[list[Compared], int]:
    """The reports of one's scope that others read differently, and of which nobody has decided yet.

    And how many do not open any more.
    """
    needed = office.policies.conduct.sampling.readers
    with office.database.read() as connection:
        read = [one for one in samples.unruled(connection, needed) if person.id not in one.readers]
        found, closed = _opened(office, connection, person, read)
    return [one for one in found if not one.agreed], closed


def open_disputed(office: Office, person: Person, sample_id: str, now: datetime) -> tuple[Compared, Case]:
    """A report and what its readers found, for whoever decides between them. Raises as `settle` does."""
    with office.database.write() as connection:
        sample = samples.get(connection, sample_id)
        permitted(office, connection, person, sample.case_id, right=Right.LABEL)
        found = _disputed(office, connection, person, sample_id)
        case = office.cases.get(connection, sample.case_id)
        journal.record(office, connection, person, "view", now, sample.case_id, "sample")
    return found, case


def settle(
    office: Office, person: Person, sample_id: str, opinion: Opinion, reason: str, now: datetime, shown: str = ""
) -> bool:
    """Decides what a report is, of which its readers disagree; whether it raised the case.

    Raises DeskError for somebody who read it, when nothing is to be decided, for unknown ids or without a reason;
    ForbiddenError, UnknownCaseError.
    """
    reason = said(reason)
    check(office, opinion)
    with office.database.write() as connection:
        sample = samples.get(connection, sample_id)
        standing = permitted(office, connection, person, sample.case_id, lock=True, right=Right.LABEL)
        _disputed(office, connection, person, sample_id)
        case = office.cases.get(connection, sample.case_id)
        check_seen(case, shown)
        sealer = office.cases.sealer(connection, sample.case_id)
        ruling = Reading(person.id, now, opinion.level, opinion.types, reason, opinion.flags, seen_of(case))
        samples.add_ruling(connection, sealer, sample, ruling)
        raised = raise_case(office, connection, standing, opinion, now)
        about = f"{sample_id} {opinion.level}{' raised' if raised else ''}"
        journal.record(office, connection, person, "sample.settle", now, sample.case_id, about, reason)
    return raised


def settled_readings(office: Office, connection: Connection) -> dict[str, tuple[Reading, datetime]]:
    """Case → what its readings made of it, and since when it is read, where they agree or were decided: labelled data.

    A case read twice, in the sample and to teach, is what was settled last. One that does not open any more is left.
    """
    needed = office.policies.conduct.sampling.readers
    read, _ = _opened(office, connection, None, samples.read_ones(connection, needed, _EVERY))
    settled = [(one.sample.case_id, (one.settled, one.readings[0].at)) for one in read if one.settled]
    return dict(sorted(settled, key=lambda pair: pair[1][0].at))


def _opened(
    office: Office, connection: Connection, person: Person | None, found: Iterable[Sample]
) -> tuple[list[Compared], int]:
    """Those that `person` may read, all of them without one; and how many of them do not open: one stops no list."""
    opened, closed = list[Compared](), 0
    for one in found:
        if person is None or may_read(office, connection, person, one):
            try:
                opened.append(_compared(office, connection, one))
            except (KeyRingError, UnknownCaseError):
                closed += 1
    return opened, closed


def _disputed(office: Office, connection: Connection, person: Person, sample_id: str) -> Compared:
    """The report, as it is to be decided. Raises DeskError, ForbiddenError."""
    require(person, Right.ANALYSE)
    sample = samples.get(connection, sample_id)
    if person.id in sample.readers:
        raise DeskError("Vous avez lu ce récit : une autre personne doit départager les lectures.")
    found = _compared(office, connection, sample)
    if len(found.readings) < office.policies.conduct.sampling.readers:
        raise DeskError("Ce récit n'a pas encore été lu par toutes les personnes attendues.")
    if found.settled:
        raise DeskError("Il n'y a rien à départager : les lectures s'accordent, ou quelqu'un a déjà décidé.")
    return found


def _compared(office: Office, connection: Connection, sample: Sample) -> Compared:
    sealer = office.cases.sealer(connection, sample.case_id)
    return Compared(
        sample,
        office.cases.standing(connection, sample.case_id).reference,
        tuple(samples.readings(connection, sealer, sample.id)),
        samples.ruling(connection, sealer, sample.id),
        samples.reasons(connection, sealer, sample.id),
    )
