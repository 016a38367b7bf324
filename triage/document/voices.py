"""Whose words: quoted or pasted spans are the attacker's, the rest the reporter's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

Span = tuple[int, int]

_QUOTES = re.compile(
    r"«(?P<a>[^«»]{2,4000})»|“(?P<b>[^“”]{2,4000})”|„(?P<c>[^„“”]{2,4000})[“”]"
    r"|(?<!\w)\"(?P<d>(?:[^\"\n]|\n(?!\n)){2,2000})\"|(?<!\w)'(?P<e>[^'\n]{3,400}[^\w\s']?)'(?!\w)|‹(?P<f>[^‹›]{2,2000})›"
)
_QUOTED_LINE = re.compile(r"^(?:[ \t]*>|(?: {4,}|\t)(?=\S)).*$", re.MULTILINE)
_STAMP = r"(?:\[?(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?,?(?: à)? )?\d{1,2}[:hH]\d{2}(?::\d{2})?\]?)"
_CHAT_LINE = re.compile(
    rf"^(?:[-•*] ?)?(?:{_STAMP}\s?[-–—:]?\s?)?"
    r"(?P<author>\+?\d[\d .]{5,16}|(?:@|[A-ZÀ-Ý])[^:\n]{0,30}?)\s?:\s(?P<said>\S.*)$",
    re.MULTILINE,
)
_HAS_STAMP = re.compile(rf"^(?:[-•*] ?)?{_STAMP}")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
# An e-mail that a story of this many words comes before was pasted into it.
_INTRODUCED = 8
_BULLET = re.compile(r"^[ \t]*(?:[-–—•*]|\d{1,2}[.)])[ \t]*(?P<said>\S.*)$")


@dataclass(frozen=True)
class VoiceCues:
    """Words that announce pasted text, from `rules/cues/voix.yaml`."""

    headers: tuple[str, ...] = ()
    sender_headers: tuple[str, ...] = ()
    announcements: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()

    @cached_property
    def header_line(self) -> re.Pattern[str]:
        """A line such as « Objet : … »."""
        names = "|".join(map(re.escape, self.headers)) or r"(?!)"
        return re.compile(rf"^[ \t]*(?P<name>{names})\s?:.*$", re.IGNORECASE | re.MULTILINE)

    @cached_property
    def announcement(self) -> re.Pattern[str]:
        """A line that ends with a colon and announces other people's messages."""
        words = "|".join(map(re.escape, self.announcements)) or r"(?!)"
        return re.compile(rf"\b(?:{words})\b[^\n]*:\s*$", re.IGNORECASE)


def attacker_spans(text: str, cues: VoiceCues) -> list[Span]:
    """The spans of `text` (code points, sorted, apart) that are somebody else's words."""
    found = [m.span(m.lastgroup or 0) for m in _QUOTES.finditer(text)]
    found += [m.span() for m in _QUOTED_LINE.finditer(text)]
    found += list(_chat(text, cues))
    found += list(_mail(text, cues))
    found += list(_lists(text, cues))
    return _merge(found)


def _chat(text: str, cues: VoiceCues) -> Iterator[Span]:
    """What others say in a transcript: two lines « Nom : … » or more, or lines with a time."""
    lines = [m for m in _CHAT_LINE.finditer(text) if not cues.header_line.match(m.group())]
    stamped = [m for m in lines if _HAS_STAMP.match(m.group())]
    for match in stamped if len(stamped) >= 2 else ():
        if match["author"].strip().lower() not in cues.own_names:
            yield match.span("said")


def _mail(text: str, cues: VoiceCues) -> Iterator[Span]:
    """From pasted headers (a sender and one more) to the end of the text."""
    headers = list(cues.header_line.finditer(text))
    for first, second in pairwise(headers):
        names = {first["name"].lower(), second["name"].lower()}
        if text.count("\n", first.end(), second.start()) <= 2 and names & set(cues.sender_headers):
            yield first.start(), len(text)
            return


def unsure_spans(text: str, cues: VoiceCues) -> list[Span]:
    """Where a pasted e-mail may be the reporter's own, or may have ended: both are read in it.

    A report may itself be a letter with headers; and nothing says where a pasted e-mail ends and the story goes on.
    """
    spans = []
    for start, end in _mail(text, cues):
        if len(text[:start].split()) >= _INTRODUCED:
            body = _BLANK_LINE.search(text, start)
            later = _BLANK_LINE.search(text, body.end()) if body else None
            start = later.end() if later else end
        spans.append((start, end))
    return spans


def _lists(text: str, cues: VoiceCues) -> Iterator[Span]:
    """The items of a list that a line such as « Voici les commentaires : » announces."""
    position, announced = 0, False
    for line in text.splitlines(keepends=True):
        item = _BULLET.match(line)
        if announced and item:
            yield position + item.start("said"), position + item.end("said")
        elif line.strip():
            announced = bool(cues.announcement.search(line.rstrip()))
        position += len(line)


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
