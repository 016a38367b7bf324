"""Evidence: taken in with the report or later, read apart from the request, and told back to the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.attachments.antivirus import scan
from triage.attachments.reading import MAX_FILE, EmailFacts, Reading
from triage.attachments.sandbox import read_safely, sniff
from triage.desk.case import reassess_within
from triage.desk.office import DeskError, Office
from triage.errors import IntakeError
from triage.store import evidence
from triage.store.cases import UnknownCaseError
from triage.store.database import StoreError
from triage.store.evidence import Pending
from triage.store.records import FINISHED, Exhibit, ExhibitState, Read

MAX_CASE = 200 * 2**20
MOST_FILES = 100
_LONGEST_NAME = 200


@dataclass(frozen=True)
class File:
    """A file as it was sent."""

    name: str
    content: bytes


def attach(office: Office, connection: Connection, case_id: str, files: Sequence[File], now: datetime) -> Iterator[str]:
    """Keeps those `files` that can be evidence; yields why each of the others is refused, as it goes.

    A refused file never refuses the report that it came with.
    """
    if not files:  # most reports
        return
    sealer = office.cases.sealer(connection, case_id)
    size = evidence.total_size(connection, case_id)
    kept = len(office.cases.get(connection, case_id).exhibits)
    for file in files:
        why = _refusal(file, size, kept)
        if why:
            yield f"« {shown_name(file.name)} » n'a pas été gardé. {why}"
            continue
        digest = hashlib.sha256(file.content).hexdigest()
        about, found = Read(name=shown_name(file.name), sha256=digest), sniff(file.content)
        evidence.add(connection, sealer, case_id, file.content, about, found, now)
        office.cases.note(connection, case_id, "exhibit", f"Pièce reçue : {about.name}.", now)
        size, kept = size + len(file.content), kept + 1


def add(office: Office, case_id: str, files: Sequence[File], now: datetime) -> list[str]:
    """More evidence for a case that exists; why the refused files are. Raises DeskError, StoreError."""
    with office.database.write() as connection:
        case = office.cases.get(connection, case_id, lock=True)
        if case.state in FINISHED:
            raise DeskError("Ce dossier est clos : il ne reçoit plus de pièce. Commencez un nouveau récit.")
        return list(attach(office, connection, case_id, files, now))


def original(office: Office, case_id: str, number: int) -> tuple[Exhibit, bytes]:
    """An exhibit as it was received. Raises UnknownCaseError, DeskError for one in which malware was recognised."""
    with office.database.read() as connection:
        exhibit = _numbered(office, connection, case_id, number)
        if exhibit.state == "unsafe":
            raise DeskError("Un logiciel malveillant a été reconnu dans cette pièce : elle ne se télécharge pas.")
        sealer = office.cases.sealer(connection, case_id)
        return exhibit, evidence.original(connection, sealer, exhibit.id)


def preview(office: Office, case_id: str, number: int) -> bytes | None:
    """The image to display of an exhibit, if it has one. Raises UnknownCaseError."""
    with office.database.read() as connection:
        exhibit = _numbered(office, connection, case_id, number)
        return evidence.preview(connection, office.cases.sealer(connection, case_id), exhibit.id)


def _numbered(office: Office, connection: Connection, case_id: str, number: int) -> Exhibit:
    for exhibit in office.cases.get(connection, case_id).exhibits:
        if exhibit.number == number:
            return exhibit
    raise UnknownCaseError("Cette pièce n'existe pas dans ce dossier.")


def waiting(office: Office, exports: bool | None = None) -> list[Pending]:
    """The exhibits that wait to be read: all, only `exports` of comments, or none of these.

    Those tried too often are given up first.
    """
    with office.database.write() as connection:
        evidence.give_up(connection)
        return evidence.pending(connection, exports)


def read_exhibit(office: Office, pending: Pending, now: datetime) -> None:
    """Reads one exhibit in a process of its own, keeps what was read, and assesses the case anew.

    Raises ScannerError when the antivirus does not answer: the exhibit waits.
    """
    with office.database.write() as connection:
        evidence.try_once(connection, pending.exhibit_id)
        sealer = office.cases.sealer(connection, pending.case_id)
        exhibits = office.cases.get(connection, pending.case_id).exhibits
        content = evidence.original(connection, sealer, pending.exhibit_id)
    exhibit = next(one for one in exhibits if one.id == pending.exhibit_id)
    state, about, shown = _read(office, exhibit, content)
    with office.database.write() as connection:
        evidence.settle(connection, sealer, exhibit.id, state, about, shown)
        if about.text:  # together: a process that dies in between would leave a threat read, and nobody alerted
            reassess_within(office, connection, pending.case_id, "evidence", now)


def try_anew(office: Office, pending: Pending) -> None:
    """Forgets the tries made: the store or the antivirus failed, not the file. Where it fails still, they stay."""
    with suppress(StoreError), office.database.write() as connection:
        evidence.try_anew(connection, pending.exhibit_id)


def _read(office: Office, exhibit: Exhibit, content: bytes) -> tuple[ExhibitState, Read, bytes | None]:
    found = scan(content, office.clamav) if office.clamav else None
    if found:
        return "unsafe", exhibit.about.model_copy(update={"notes": (f"Logiciel malveillant reconnu : {found}.",)}), None
    try:
        reading = read_safely(exhibit.about.name, content)
    except IntakeError as error:
        return "unread", exhibit.about.model_copy(update={"notes": (str(error),)}), None
    return "read", _told(exhibit.about, reading), reading.preview


def _told(about: Read, reading: Reading) -> Read:
    details = tuple(_headers(reading.email)) if reading.email else ()
    remarks = reading.email.remarks if reading.email else ()
    told = {"text": reading.text, "captured_at": reading.captured_at, "notes": (*remarks, *reading.notes)}
    return about.model_copy(update={**told, "details": details})


def _headers(email: EmailFacts) -> Iterator[tuple[str, str]]:
    labels = {
        "Expéditeur affiché": email.sender,
        "Réponse à": email.reply_to,
        "Retour des erreurs à": email.return_path,
        "Objet": email.subject,
        "Date": email.sent_at.isoformat() if email.sent_at else "",
        "SPF": email.spf,
        "DKIM": email.dkim,
        "DMARC": email.dmarc,
    }
    yield from ((label, value) for label, value in labels.items() if value)
    for number, hop in enumerate(email.hops, 1):
        yield f"Relais {number}", " ".join(part for part in (hop.from_, hop.ip, "→", hop.by) if part)


def _refusal(file: File, size: int, kept: int) -> str:
    if len(file.content) > MAX_FILE:
        return f"Il dépasse {MAX_FILE // 2**20} Mo. Envoyez-en un extrait et gardez l'original."
    if size + len(file.content) > MAX_CASE or kept >= MOST_FILES:
        return f"Un dossier contient au plus {MOST_FILES} pièces et {MAX_CASE // 2**20} Mo. Gardez celle-ci chez vous."
    try:
        sniff(file.content)
    except IntakeError as error:
        return str(error)
    return ""


def shown_name(name: str) -> str:
    """A name as it is shown: its last part, without anything that cannot be read."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:_LONGEST_NAME].strip() or "sans nom"
