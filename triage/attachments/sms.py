"""Text messages saved by « SMS Backup & Restore »."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from triage.attachments import refusals
from triage.attachments.model import Message
from triage.attachments.wording import one_line, readable
from triage.errors import IntakeError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

OWNER = "Titulaire du téléphone"
_SENT = "2"  # what both `type` (SMS) and `msg_box` (MMS) say of a message that was sent
_HALVES = re.compile(rb"&#(5[56]\d{3});&#(5[67]\d{3});")  # the application writes an emoji as two impossible characters
_HIGH, _LOW, _BEYOND = 0xD800, 0xDC00, 0x10000
_UNKNOWN = {"", "null", "(Unknown)"}


def messages_of(content: bytes) -> tuple[Message, ...]:
    """The messages in the order of their dates. Raises IntakeError when the file is damaged."""
    try:
        root = fromstring(_HALVES.sub(_whole, content), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise IntakeError(refusals.XML) from None
    found = [message for element in root if (message := _message(element)) and message.text]
    return tuple(sorted(found, key=lambda message: message.when or datetime.min.replace(tzinfo=UTC)))


def _whole(match: re.Match[bytes]) -> bytes:
    high, low = int(match[1]), int(match[2])
    if not (_HIGH <= high < _LOW <= low < 0xE000):
        return match[0]
    return b"&#%d;" % (_BEYOND + (high - _HIGH) * 0x400 + low - _LOW)


def _message(element: Element) -> Message | None:
    if element.tag == "sms":
        return Message(_author(element, "type"), _when(element), readable(element.get("body", "")).strip())
    return Message(_author(element, "msg_box"), _when(element), _parts(element)) if element.tag == "mms" else None


def _author(element: Element, box: str) -> str:
    if element.get(box) == _SENT:
        return OWNER
    name = element.get("contact_name", "")
    return one_line(element.get("address", "") if name in _UNKNOWN else name)


def _when(element: Element) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(element.get("date", "")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parts(element: Element) -> str:
    texts = [part.get("text", "") for part in element.iter("part") if part.get("ct") == "text/plain"]
    return readable("\n".join(texts)).strip()
