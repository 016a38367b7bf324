"""The archive in which WhatsApp exports a conversation: only its text is read."""

from __future__ import annotations

import io
import zipfile
import zlib

from triage.attachments import refusals
from triage.attachments.chats import is_chat
from triage.attachments.model import MAX_FILE
from triage.errors import IntakeError
from triage.intake.report import decode

MEDIA = "Les photos, sons et documents joints à la discussion n'ont pas été lus : envoyez à part ceux qui comptent."
_MAX_MEMBERS = 20_000
_MAX_TEXTS = 20
_SIGNATURE = 16  # bytes


def conversation(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of the conversation in the archive `content`, and notes.

    Raises IntakeError when there is none, when it is too big, and when a program is hidden beside it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _conversation(archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError, zlib.error):
        raise IntakeError(refusals.ARCHIVE_LOCKED) from None


def _conversation(archive: zipfile.ZipFile) -> tuple[str, tuple[str, ...]]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > _MAX_MEMBERS:
        raise IntakeError(refusals.ARCHIVE_HUGE)
    for member in members:
        if _begin(archive, member).startswith(refusals.PROGRAMS):
            raise IntakeError(refusals.PROGRAM)
    texts = [member for member in members if member.filename.lower().endswith(".txt")]
    for member in texts[:_MAX_TEXTS]:
        text, note = decode(_whole(archive, member))
        if is_chat(text):
            return text, (*([note] if note else []), *([MEDIA] if len(members) > 1 else []))
    raise IntakeError(refusals.ARCHIVE)


def _begin(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as opened:
        return opened.read(_SIGNATURE)


def _whole(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as opened:
        raw = opened.read(MAX_FILE + 1)
    if len(raw) > MAX_FILE:
        raise IntakeError(refusals.ARCHIVE_HUGE)
    return raw
