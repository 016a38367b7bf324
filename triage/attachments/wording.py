"""Text out of a file, made fit to be kept: no control character, no half of a character, a bounded length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from triage.attachments.model import Message
from triage.intake.report import MAX_CHARACTERS

CUT = f"Le texte est long : seuls les {MAX_CHARACTERS} premiers caractères ont été lus."
CUT_CHAT = f"La conversation est longue : seuls ses derniers messages ({MAX_CHARACTERS} caractères) ont été lus."
MAX_LINE = 300  # characters of a header, a name…

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DIRECTIONS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def readable(text: str) -> str:
    """`text` without what a database or a page cannot show; lines end with a line feed alone."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def flat(text: str) -> str:
    """`text` on a single line, without marks that change the direction of reading."""
    return " ".join(_DIRECTIONS.sub("", readable(text)).split())


def one_line(text: str) -> str:
    """`text` on a single line of bounded length."""
    return flat(text)[:MAX_LINE]


def tidy(text: str) -> str:
    """`text` readable, with at most one blank line in a row."""
    return _BLANK_LINES.sub("\n\n", readable(text)).strip()


def shortened(text: str) -> tuple[str, tuple[str, ...]]:
    """The beginning of `text` that is kept, and a note when the rest is not."""
    return (text, ()) if len(text) <= MAX_CHARACTERS else (text[:MAX_CHARACTERS], (CUT,))


def line_of(message: Message) -> str:
    """`message` as it is read in the text of a conversation."""
    return f"{message.author} : {message.text}" if message.author else message.text


def latest(messages: Sequence[Message]) -> tuple[tuple[Message, ...], str, tuple[str, ...]]:
    """The last messages that fit, their text, and a note when older ones do not."""
    kept: list[Message] = []
    size = -1
    for message in reversed(messages):
        size += len(line_of(message)) + 1
        if size > MAX_CHARACTERS:
            break
        kept.append(message)
    if messages and not kept:
        return (last := _cut(messages[-1]),), line_of(last), (CUT_CHAT,)
    kept.reverse()
    return tuple(kept), "\n".join(map(line_of, kept)), () if len(kept) == len(messages) else (CUT_CHAT,)


def _cut(message: Message) -> Message:
    return replace(message, text=message.text[: MAX_CHARACTERS - len(line_of(replace(message, text="")))])
