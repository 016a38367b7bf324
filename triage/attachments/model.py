"""What reading an attachment gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["image", "pdf", "email", "chat", "text", "comments"]

MAX_FILE = 25 * 2**20  # bytes


@dataclass(frozen=True)
class Hop:
    """One server that a mail went through, as its `Received` header tells it; `ip` is the sender's address."""

    by: str
    from_: str
    when: datetime | None
    ip: str


@dataclass(frozen=True)
class EmailFacts:
    """What the headers of a mail say. `spf`, `dkim` and `dmarc` are "pass", "fail"… or "" when nobody says.

    `hops` go from the recipient's server back to the sender's. `remarks` are French sentences on impersonation.
    """

    sender: str
    reply_to: str
    return_path: str
    subject: str
    sent_at: datetime | None
    spf: str
    dkim: str
    dmarc: str
    hops: tuple[Hop, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    `author` is "" for what the application itself wrote; `when` without a zone is the telephone's own time.
    """

    author: str
    when: datetime | None
    text: str


@dataclass(frozen=True)
class Reading:
    """What was found in a file.

    `media_type` is known by content, `text` is "" when no words could be read, `preview` is a picture to show without
    any metadata, `captured_at` the date that the camera wrote, `notes` French sentences on what could not be read.
    """

    media_type: str
    kind: Kind
    text: str
    messages: tuple[Message, ...] = ()
    preview: bytes | None = None
    captured_at: datetime | None = None
    email: EmailFacts | None = None
    notes: tuple[str, ...] = ()
