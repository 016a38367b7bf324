"""What a file is, found in its first bytes and never in its name, without parsing it."""

from __future__ import annotations

import csv
import re
import unicodedata

from triage.attachments import refusals
from triage.attachments.chats import is_chat
from triage.attachments.model import MAX_FILE, Kind
from triage.errors import IntakeError
from triage.intake.report import decode

EML, MSG, ZIP, XML = "message/rfc822", "application/vnd.ms-outlook", "application/zip", "application/xml"
_HEAD = 2**16  # bytes looked at
_BEGINNING = 2**10  # bytes in which a PDF may announce itself, and characters in which a text does
_CONTROLS = 0.02  # share of control characters in which a text is no longer one
_ROWS = 20  # of a table, looked at
_SAME_WIDTH = 0.9  # share of the rows that are as wide as the header
_CELL = 40  # characters of a column's name, at most

_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_SCRIPT = re.compile(r"#!|@echo off|<\?php|<%|<script\b|<hta:|<job\b|<svg\b|\[InternetShortcut\]", re.IGNORECASE)
_XML = re.compile(r"<\?xml|<!DOCTYPE (?!html)", re.IGNORECASE)
_HTML = re.compile(  # the group that never gives back keeps a file of nothing but comments from taking for ever
    r"(?>(?:<!--.*?-->\s*)*)<(?:!doctype html|html|head|body|meta|title|table|div|ul|ol|section|article|main|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(r'[\[{]\s*(?:[\[{]\s*)*"[^"\n]{1,200}"\s*[:,\]]')
_HEADER = re.compile(r"(?:From .*\n)?(?:[!-9;-~]+:[ \t]?.*\n(?:[ \t].*\n)*){2,}")
_SENDER = re.compile(r"^From:", re.IGNORECASE | re.MULTILINE)
_TRAVELLED = re.compile(r"^(?:Date|Received|Message-ID|MIME-Version|Return-Path):", re.IGNORECASE | re.MULTILINE)


def sniff(content: bytes) -> tuple[str, Kind]:
    """The media type of `content` and the kind of evidence it is.

    Raises IntakeError for what is empty, too big or not accepted.
    """
    if not content.strip(b"\x00\t\n\r "):
        raise IntakeError(refusals.EMPTY)
    if len(content) > MAX_FILE:
        raise IntakeError(refusals.TOO_BIG)
    return _image(content) or _document(content) or _text(content) or _refuse(content)


def _image(content: bytes) -> tuple[str, Kind] | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", "image"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", "image"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp", "image"
    return ("image/heic", "image") if content[4:8] == b"ftyp" and content[8:12] in _HEIC else None


def _document(content: bytes) -> tuple[str, Kind] | None:
    if b"%PDF-" in content[:_BEGINNING] and content.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):
        return "application/pdf", "pdf"
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "__properties_version1.0".encode("utf-16-le") in content:
            return MSG, "email"
        raise IntakeError(refusals.office(macros="_VBA_PROJECT".encode("utf-16-le") in content))
    return _zip(content) if content.startswith(b"PK\x03\x04") else None


def _zip(content: bytes) -> tuple[str, Kind]:
    """An exported conversation, if the names in the archive allow it; its text is checked when it is read."""
    if b"[Content_Types].xml" in content or b"mimetypeapplication/vnd.oasis" in content[:_BEGINNING]:
        raise IntakeError(refusals.office(macros=b"vbaProject.bin" in content))
    if b"META-INF/MANIFEST.MF" in content or b"AndroidManifest.xml" in content:
        raise IntakeError(refusals.PROGRAM)
    if b".txt" not in content:
        raise IntakeError(refusals.ARCHIVE)
    return ZIP, "chat"


def _text(content: bytes) -> tuple[str, Kind] | None:
    head = content[:_HEAD]
    try:
        text = decode(head)[0].replace("\r\n", "\n").replace("\r", "\n")
    except IntakeError:
        return None
    if sum(unicodedata.category(c) == "Cc" and c not in "\t\n\f\v\x1b" for c in text) > _CONTROLS * len(text):
        return None
    if not text.strip("\ufeff\n\t "):
        raise IntakeError(refusals.EMPTY)
    return _kind_of_text(text.lstrip("\ufeff\n\t "), len(content) > _HEAD)


def _kind_of_text(text: str, cut: bool) -> tuple[str, Kind]:
    beginning = text[:_BEGINNING]
    if beginning.startswith("{\\rtf"):
        raise IntakeError(refusals.office(macros=False))
    if beginning.startswith("%!PS") or _SCRIPT.match(beginning):
        raise IntakeError(refusals.SCRIPT)
    if beginning.startswith("<") and "<smses" in beginning:
        return XML, "chat"
    if _is_email(text):
        return EML, "email"
    if _HTML.match(text) or ("<html" in beginning and _XML.match(beginning)):
        return "text/html", "comments"
    if _XML.match(beginning):
        raise IntakeError(refusals.XML)
    if is_chat(text):
        return "text/plain", "chat"
    if _JSON.match(text):
        return "application/json", "comments"
    return ("text/csv", "comments") if _is_table(text, cut) else ("text/plain", "text")


def _is_email(text: str) -> bool:
    header = _HEADER.match(text + "\n")
    return bool(header and _SENDER.search(header[0]) and _TRAVELLED.search(header[0]))


def _is_table(text: str, cut: bool) -> bool:
    """Whether `text` has a line of column names and rows of the same width; the last row may be `cut`."""
    first = text.partition("\n")[0]
    separator = max(";\t,", key=first.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), delimiter=separator) if row]
    except csv.Error:
        return False
    if not rows:
        return False
    names, below = rows[0], (rows[1:-1] if cut else rows[1:])[:_ROWS]
    given = [name for name in names if name]  # software leaves the first or last one out
    named = len(given) > 1 and len(set(given)) == len(given) and all(map(_is_name, given))
    return named and bool(below) and sum(len(row) == len(names) for row in below) >= _SAME_WIDTH * len(below)


def _is_name(cell: str) -> bool:
    """Whether `cell` may name a column: short, no number alone, and no space first as after a comma in a sentence."""
    return len(cell) <= _CELL and not cell.startswith(" ") and any(c.isalpha() for c in cell)


def _refuse(content: bytes) -> tuple[str, Kind]:
    for signature, message in refusals.SIGNATURES:
        if content.startswith(signature):
            raise IntakeError(message)
    if content[4:8] == b"ftyp":
        raise IntakeError(refusals.PICTURE if content[8:12] == b"avif" else refusals.VIDEO)
    raise IntakeError(refusals.unknown(_guess(content)))


def _guess(content: bytes) -> str:
    """The usual ending of such files (« .sqlite »), "" when it is not known."""
    import puremagic  # its tables take a while to load

    try:
        return puremagic.from_string(content[:_BEGINNING])
    except (puremagic.PureError, ValueError):
        return ""
