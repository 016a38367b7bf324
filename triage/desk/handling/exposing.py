"""Spares agents the images of a case: shown one at a time, when asked, for a few minutes; each time is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import evidence, journal
from triage.desk.handling.opening import permitted
from triage.desk.office import DeskError, Office
from triage.store import evidence as kept
from triage.store import exposures
from triage.store.cases import UnknownCaseError
from triage.store.people import Person
from triage.store.records import Case, Exhibit

_PICTURED = ("image", "pdf")


class NotShownError(DeskError):
    """An image is asked for that was not asked to be shown, or too long ago."""


@dataclass(frozen=True)
class Exposed:
    """How many images somebody has seen since their shift began; `much`: a rest is due."""

    images: int
    since: datetime
    much: bool


def exposed(office: Office, person: Person, now: datetime) -> Exposed:
    """What somebody has had to see during this shift."""
    policy = office.policies.handling
    with office.database.read() as connection:
        since = exposures.shift_began(connection, person.id, person.login, now - policy.longest, now)
        images = exposures.count(connection, person.id, since)
    return Exposed(images, since, images >= policy.images)


def has_image(exhibit: Exhibit) -> bool:
    """Whether there is an image of the exhibit to show."""
    return exhibit.state == "read" and exhibit.kind in _PICTURED


def numbered(case: Case, number: int) -> Exhibit:
    """The exhibit of that number. Raises UnknownCaseError."""
    for one in case.exhibits:
        if one.number == number:
            return one
    raise UnknownCaseError("Cette pièce n'existe pas dans ce dossier.")


def show(office: Office, person: Person, case_id: str, number: int, now: datetime) -> None:
    """Notes that somebody asked to see an image, which may then be shown. Raises ForbiddenError, DeskError."""
    with office.database.write() as connection:
        permitted(office, connection, person, case_id)
        exhibit = numbered(office.cases.get(connection, case_id), number)
        if not has_image(exhibit):
            raise DeskError("Cette pièce n'a pas d'image à montrer. Téléchargez l'original s'il vous est utile.")
        exposures.add(connection, case_id, person.id, exhibit.id, now)
        journal.record(office, connection, person, "exhibit.show", now, case_id, exhibit.id)


def is_shown(office: Office, connection: Connection, person: Person, exhibit: Exhibit, now: datetime) -> bool:
    """Whether somebody asked for that image a short while ago."""
    asked = exposures.last(connection, person.id, exhibit.id)
    return asked is not None and now - asked <= office.policies.handling.stays


def image(office: Office, person: Person, case_id: str, number: int, now: datetime) -> bytes:
    """The image that somebody has just asked to see. Raises NotShownError, ForbiddenError, UnknownCaseError."""
    with office.database.read() as connection:
        permitted(office, connection, person, case_id)
        exhibit = numbered(office.cases.get(connection, case_id), number)
        if not is_shown(office, connection, person, exhibit, now):
            raise NotShownError("Cette image est masquée. Demandez à la voir depuis la page des pièces.")
        found = kept.preview(connection, office.cases.sealer(connection, case_id), exhibit.id)
    if not found:
        raise NotShownError("Cette pièce n'a pas d'image à montrer.")
    return found


def original(office: Office, person: Person, case_id: str, number: int, now: datetime) -> tuple[Exhibit, bytes]:
    """An exhibit as it was received; one that is an image counts as seen.

    Raises DeskError for one in which malware was recognised, ForbiddenError, UnknownCaseError.
    """
    with office.database.read() as connection:
        permitted(office, connection, person, case_id)
    exhibit, content = evidence.original(office, case_id, number)
    with office.database.write() as connection:
        permitted(office, connection, person, case_id)
        if has_image(exhibit):
            exposures.add(connection, case_id, person.id, exhibit.id, now)
        journal.record(office, connection, person, "export.exhibit", now, case_id, exhibit.id)
    return exhibit, content
