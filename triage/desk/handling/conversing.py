"""The conversation with the official: what an agent writes, with its files, and what was read on each side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from triage.attachments.antivirus import scan
from triage.attachments.sandbox import sniff
from triage.desk import journal
from triage.desk.evidence import File, shown_name
from triage.desk.follow_up import sendable
from triage.desk.handling.joining import held_together
from triage.desk.handling.opening import permitted
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place, tell
from triage.errors import IntakeError
from triage.store import messagefiles
from triage.store.messagefiles import Sent
from triage.store.people import Person
from triage.store.records import FINISHED, Case, Standing

# What is sent, and what is read, on the live stream of the desks.
MESSAGE, READ = "message", "read"
_VARIABLE = re.compile(r"\{([^{}:]+)\}")


def write(office: Office, person: Person, case_id: str, text: str, files: Sequence[File], now: datetime) -> None:
    """A message to the official. Raises DeskError when it cannot be sent as it is, NotHeldError, ForbiddenError."""
    text = _sendable(office, text)
    kinds = _checked(office, files)
    with office.database.write() as connection:
        standing = held_together(office, connection, person, case_id, now)
        if standing.state in FINISHED:
            raise DeskError(office.policies.conduct.messages.closed)
        if standing.split_from:
            raise DeskError("Ce dossier est une partie d'un autre : écrivez à la personne depuis le dossier d'origine.")
        message_id = office.cases.write(connection, case_id, "agent", text, now, person.id)
        sealer = office.cases.sealer(connection, case_id)
        for file, kind in zip(files, kinds, strict=True):
            messagefiles.add(connection, sealer, case_id, message_id, shown_name(file.name), kind, file.content)
        after = place(office, connection, case_id, now)
        tell(connection, MESSAGE, after, now, "agent")
        journal.record(office, connection, person, "message", now, case_id, f"{message_id} {len(files)}")


def read_by_agent(office: Office, person: Person, case_id: str, now: datetime) -> bool:
    """Whoever holds the case has read what the official wrote; whether there was something new.

    Nobody else's reading counts: the official would believe that their message is being dealt with.
    """
    with office.database.read() as connection:
        standing = permitted(office, connection, person, case_id)
        if not _unread(office.cases.get(connection, case_id), "official"):
            return False
        main = office.cases.standing(connection, standing.merged_into) if standing.merged_into else standing
    if main.held_by(now) != person.id:
        return False
    with office.database.write() as connection:
        held_together(office, connection, person, case_id, now)
        office.cases.mark_read(connection, case_id, "official", now)
        tell(connection, READ, place(office, connection, case_id, now), now)
        journal.record(office, connection, person, "message.read", now, case_id)
    return True


def files_of(office: Office, case_id: str) -> dict[str, list[Sent]]:
    """The files that agents sent, by message."""
    with office.database.read() as connection:
        sent = messagefiles.of_case(connection, office.cases.sealer(connection, case_id), case_id)
    found: dict[str, list[Sent]] = {}
    for one in sent:
        found.setdefault(one.message_id, []).append(one)
    return found


def file_of(office: Office, case_id: str, file_id: str) -> tuple[str, bytes]:
    """The name and the content of a file of that case. Raises UnknownCaseError."""
    with office.database.read() as connection:
        return messagefiles.content(connection, office.cases.sealer(connection, case_id), case_id, file_id)


def opened(office: Office, person: Person, case_id: str, file_id: str, now: datetime) -> tuple[str, bytes]:
    """The same, for somebody at the desk. Raises ForbiddenError besides."""
    with office.database.write() as connection:
        permitted(office, connection, person, case_id)
        found = _content(office, connection, case_id, file_id)
        journal.record(office, connection, person, "message.file", now, case_id, file_id)
    return found


def drafted(office: Office, case: Case, template: str, person: Person) -> str:
    """The text of a template for this case, with marks where the agent has to complete; empty for none of that name."""
    messages, known = office.policies.conduct.messages, office.policies.conduct.templates.get(template)
    if known is None:
        return ""
    place_ = office.service.departements.get(case.standing.departement)
    values = {
        "reference": case.reference,
        "commune": case.told.commune,
        "departement": place_.name if place_ else "",
        "signature": messages.signatures.get(_force(case.standing, person), messages.signature),
    }
    blank = messages.blank
    return _VARIABLE.sub(lambda m: values.get(m[1]) or blank.replace("{nom}", m[1]), known.text).strip()


def _force(standing: Standing, person: Person) -> str:
    """That of the agent where they have only one, else that of the case."""
    forces = {scope.force for scope in person.scopes}
    return forces.pop() if len(forces) == 1 and "" not in forces else standing.force


def _content(office: Office, connection: Connection, case_id: str, file_id: str) -> tuple[str, bytes]:
    return messagefiles.content(connection, office.cases.sealer(connection, case_id), case_id, file_id)


def _unread(case: Case, by: str) -> bool:
    return any(one.by == by and one.read_at is None for one in case.messages)


def _sendable(office: Office, text: str) -> str:
    text = sendable(text)
    if office.policies.conduct.messages.blank.partition("{nom}")[0] in text:
        raise DeskError("Il reste un passage à compléter : remplacez-le ou effacez-le, puis envoyez.")
    return text


def _checked(office: Office, files: Sequence[File]) -> list[str]:
    """The media type of each file. Raises DeskError with why one cannot be sent."""
    messages = office.policies.conduct.messages
    if len(files) > messages.files:
        raise DeskError(f"Un message porte au plus {messages.files} fichiers : envoyez les autres dans un second.")
    if sum(len(one.content) for one in files) > messages.megabytes * 2**20:
        raise DeskError(f"Les fichiers d'un message font au plus {messages.megabytes} Mo en tout.")
    return [_kind(office, one) for one in files]


def _kind(office: Office, file: File) -> str:
    try:
        media_type, _ = sniff(file.content)
    except IntakeError as error:
        raise DeskError(f"« {shown_name(file.name)} » ne s'envoie pas. {error}") from error
    if office.clamav and scan(file.content, office.clamav):
        raise DeskError(f"« {shown_name(file.name)} » contient un logiciel malveillant : il n'a pas été envoyé.")
    return media_type
