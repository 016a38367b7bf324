"""Plain texts and conversations, made into readings."""

from __future__ import annotations

from triage.attachments import archives, chats, sms
from triage.attachments.model import Message, Reading
from triage.attachments.wording import latest, shortened, tidy
from triage.intake.report import decode

NO_MESSAGE = "Aucun message n'a été trouvé dans cette sauvegarde."


def read_text(media_type: str, content: bytes) -> Reading:
    """A plain text."""
    decoded, note = decode(content)
    text, cut = shortened(tidy(decoded))
    return Reading(media_type, "text", text, notes=((note,) if note else ()) + cut)


def read_chat(media_type: str, content: bytes) -> Reading:
    """A conversation exported from WhatsApp as text."""
    text, note = decode(content)
    return _conversation(media_type, chats.messages_of(text), (note,) if note else ())


def read_archive(media_type: str, content: bytes) -> Reading:
    """A conversation exported from WhatsApp with its photos and sounds, which are not read."""
    text, notes = archives.conversation(content)
    return _conversation(media_type, chats.messages_of(text), notes)


def read_sms(media_type: str, content: bytes) -> Reading:
    """A backup of SMS and MMS."""
    return _conversation(media_type, sms.messages_of(content), ())


def _conversation(media_type: str, messages: tuple[Message, ...], notes: tuple[str, ...]) -> Reading:
    kept, text, cut = latest(messages)
    empty = () if messages else (NO_MESSAGE,)
    return Reading(media_type, "chat", text, messages=kept, notes=notes + empty + cut)
