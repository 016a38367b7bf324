"""Conversations exported from WhatsApp, as Android and iOS write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from triage.attachments.model import Message
from triage.attachments.wording import one_line, readable

_START = re.compile(
    r"[\u200e\u200f\ufeff]*(?P<open>\[)?(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<year>\d{4}|\d{2})"
    r"(?:,|,? à)?\s(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?(open)\]\s|\s[-–]\s)(?P<said>.*)"
)
_AUTHOR = re.compile(r"(?P<author>[^:\n]{1,80}?)\s?:(?:\s(?P<text>.*)|$)", re.DOTALL)
_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e]")
_CENTURY = 2000
_LINES_LOOKED_AT = 50
_ENOUGH = 2  # lines that start a message, in a conversation


def is_chat(text: str) -> bool:
    """Whether `text` begins as an exported conversation does: one dated line, another soon after (or nothing)."""
    lines = [line for line in text.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT] if line.strip()]
    dated = sum(bool(_START.match(line)) for line in lines)
    return bool(lines) and bool(_START.match(lines[0])) and (dated >= _ENOUGH or len(lines) == 1)


def messages_of(text: str) -> tuple[Message, ...]:
    """The messages of a conversation, in order; a line without a date goes on with the one before."""
    starts = list(_blocks(readable(text)))
    month_first = _month_first([start for start, _ in starts])
    return tuple(_message(start, said, month_first) for start, said in starts)


def _blocks(text: str) -> Iterator[tuple[re.Match[str], str]]:
    start: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        if found := _START.match(line):
            if start:
                yield start, "\n".join(lines)
            start, lines = found, [found["said"]]
        else:
            lines.append(line)
    if start:
        yield start, "\n".join(lines)


def _month_first(starts: list[re.Match[str]]) -> bool:
    """Whether dates are written as in America: a month above 12 says no, a day above 12 or a half-day yes."""
    if any(int(start["a"]) > 12 for start in starts):
        return False
    return any(int(start["b"]) > 12 or start["half"] for start in starts)


def _message(start: re.Match[str], said: str, month_first: bool) -> Message:
    said = _MARKS.sub("", said).strip()
    found = _AUTHOR.match(said)
    if not found:
        return Message("", _when(start, month_first), said)
    return Message(one_line(found["author"]), _when(start, month_first), (found["text"] or "").strip())


def _when(start: re.Match[str], month_first: bool) -> datetime | None:
    day, month = (start["b"], start["a"]) if month_first else (start["a"], start["b"])
    year = int(start["year"]) + (_CENTURY if len(start["year"]) == 2 else 0)
    hour = int(start["hour"])
    if start["half"]:
        hour = hour % 12 + (12 if start["half"] in "Pp" else 0)
    try:
        return datetime(year, int(month), int(day), hour, int(start["minute"]), int(start["second"] or 0))
    except ValueError:
        return None
