"""The files that agents send with a message, sealed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from triage.store.cases import UnknownCaseError, new_id
from triage.store.desk_tables import MESSAGE_FILES
from triage.store.keys import Sealer


@dataclass(frozen=True)
class Sent:
    """A file sent with a message; `size` in bytes."""

    id: str
    message_id: str
    name: str
    media_type: str
    size: int


def add(
    connection: Connection, sealer: Sealer, case_id: str, message_id: str, name: str, media_type: str, content: bytes
) -> str:
    """Keeps a file; its id."""
    file_id = new_id()
    row = {"id": file_id, "case_id": case_id, "message_id": message_id, "size": len(content), "media_type": media_type}
    sealed = {"name": sealer.seal(name.encode()), "content": sealer.seal(content)}
    connection.execute(insert(MESSAGE_FILES).values(**row, **sealed))
    return file_id


def of_case(connection: Connection, sealer: Sealer, case_id: str) -> list[Sent]:
    """The files of a case, without their contents."""
    files = MESSAGE_FILES.c
    columns = select(files.id, files.message_id, files.name, files.media_type, files.size)
    rows = connection.execute(columns.where(files.case_id == case_id)).all()
    return [Sent(row.id, row.message_id, sealer.open(row.name).decode(), row.media_type, row.size) for row in rows]


def content(connection: Connection, sealer: Sealer, case_id: str, file_id: str) -> tuple[str, bytes]:
    """The name and the content of a file of that case. Raises UnknownCaseError."""
    where = (MESSAGE_FILES.c.case_id == case_id) & (MESSAGE_FILES.c.id == file_id)
    row = connection.execute(select(MESSAGE_FILES.c.name, MESSAGE_FILES.c.content).where(where)).first()
    if row is None:
        raise UnknownCaseError("Ce fichier n'existe pas dans ce dossier.")
    return sealer.open(row.name).decode(), sealer.open(row.content)
