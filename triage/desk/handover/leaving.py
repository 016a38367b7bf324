"""What leaves, written in the audit before it does; and the confirmation that it reached the investigating unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from triage.desk import journal
from triage.desk.handling.opening import held, permitted
from triage.desk.handling.outcomes import close_within
from triage.desk.handover.archive import Package, check_images, package
from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Mask
from triage.desk.handover.pages import as_pdf
from triage.desk.office import DeskError, Office
from triage.dossier.texts import DossierTexts
from triage.dossier.wording import moment
from triage.store.people import Person
from triage.store.records import Standing

LONGEST_UNIT = 200
_TRANSMITTED = "transmitted"
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class Leaving:
    """A PDF about to leave, and its digest."""

    data: bytes
    digest: str


def pdf(office: Office, person: Person, told: Handover, texts: DossierTexts, mask: Mask) -> Leaving:
    """The transmission as a PDF, noted. Raises ForbiddenError, UnknownCaseError, DossierError, DeskError."""
    check_images(told, texts, mask)
    data = as_pdf(office, told, texts, mask)
    made = Leaving(data, sha256(data).hexdigest())
    note(office, person, told.case.id, "export.pdf", told.file.made_at, about(told.masked, made.digest))
    return made


def archive(office: Office, person: Person, told: Handover, texts: DossierTexts, mask: Mask) -> Package:
    """The transmission as a ZIP, noted with the digest of its manifest. Raises as `pdf` does."""
    made = package(office, told, texts, mask)
    note(office, person, told.case.id, "export.zip", told.file.made_at, about(told.masked, made.digest))
    return made


def note(office: Office, person: Person, case_id: str, what: str, now: datetime, said: str) -> None:
    """Writes in the audit that something of a case leaves, for somebody who may see it."""
    with office.database.write() as connection:
        permitted(office, connection, person, case_id)
        journal.record(office, connection, person, what, now, case_id, said)


def note_file(office: Office, person: Person, case_id: str, what: str, now: datetime, data: bytes) -> None:
    """The same, of a file that is at hand."""
    note(office, person, case_id, what, now, f"sha256:{sha256(data).hexdigest()}")


def about(masked: bool, digest: str) -> str:
    """What the audit says of an export: closed values only."""
    return f"{'masked' if masked else 'whole'} sha256:{digest}"


def confirm(office: Office, person: Person, case_id: str, to: str, when: datetime, now: datetime) -> Standing:
    """The case has been transmitted to the unit `to`, says the agent who holds it; where it stands then.

    Raises DeskError for a unit or a moment that does not fit, something that waits for an answer; NotHeldError,
    ForbiddenError.
    """
    to = " ".join(to.split())
    if not to or len(to) > LONGEST_UNIT:
        raise DeskError("Dites à quel service le dossier a été transmis, en 200 caractères au plus.")
    outcome = next(one.id for one in office.policies.conduct.outcomes.values() if one.state == _TRANSMITTED)
    with office.database.write() as connection:
        standing = held(office, connection, person, case_id, now)
        if not standing.received_at - _AHEAD <= when <= now + _AHEAD:
            raise DeskError("La date de transmission est avant le récit, ou dans l'avenir. Vérifiez-la.")
        said = f"Transmis à {to} le {moment(when)}."
        office.cases.note(connection, case_id, _TRANSMITTED, said, now)
        return close_within(office, connection, person, case_id, outcome, said, now)
