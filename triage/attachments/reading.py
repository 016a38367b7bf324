"""Reads what somebody attaches, by content and whatever its name; run by `sandbox`, for files may be hostile."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from triage.attachments import refusals
from triage.attachments.model import MAX_FILE, EmailFacts, Hop, Kind, Message, Reading
from triage.attachments.sniffing import EML, MSG, XML, ZIP, sniff
from triage.errors import IntakeError

__all__ = ["MAX_FILE", "EmailFacts", "Hop", "Kind", "Message", "Reading", "read"]

Reader = Callable[[str, bytes], Reading]


def read(name: str, content: bytes) -> Reading:
    """What is in `content`, whatever its `name` claims. Raises IntakeError when the file is refused or damaged."""
    media_type, kind = sniff(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # libraries warn of what is odd in a file
            return _reader(media_type, kind)(media_type, content)
    except (IntakeError, MemoryError):
        raise
    except Exception as error:  # a damaged file breaks its reader in any way
        raise IntakeError(refusals.UNREADABLE) from error


def _reader(media_type: str, kind: Kind) -> Reader:
    """The function that reads this type; its libraries are imported only when they are needed."""
    if kind == "image":
        from triage.attachments.images import read_image

        return read_image
    if kind == "pdf":
        from triage.attachments.pdf import read_pdf

        return read_pdf
    if kind == "email":
        from triage.attachments import emails

        return {EML: emails.read_eml, MSG: emails.read_msg}[media_type]
    if kind == "comments":
        return lambda media_type, _: Reading(media_type, "comments", "")
    from triage.attachments import conversations

    readers = {XML: conversations.read_sms, ZIP: conversations.read_archive}
    return readers.get(media_type, conversations.read_chat if kind == "chat" else conversations.read_text)
