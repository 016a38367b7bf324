"""An export of comments as it was given, whatever made it: CSV, JSON or HTML, told apart by content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.comments.comment import Comment, Export
from triage.comments.fields import Raw, Table, mended
from triage.comments.moments import read_dates
from triage.comments.nested import read_json
from triage.comments.pages import read_html
from triage.comments.policy import CommentsPolicy, current
from triage.comments.tables import read_csv
from triage.comments.wording import comments_counted, counted
from triage.errors import IntakeError
from triage.intake.report import decode

MAX_COMMENTS = 50_000
MAX_TEXT = 10_000  # characters of one comment: no platform lets write more
_SHOWN = 5  # lines that a note names
_EXAMPLE = 40  # characters of a date that it shows
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype|html|head|body|div|table|ul|ol|section|article)\b",
    re.I | re.S,
)
_JSON = re.compile(r"\s*(?:window\.[\w.]+\s*=\s*|var \w+\s*=\s*)?[\[{]\s*[\[{\]}\"]")

__all__ = ["MAX_COMMENTS", "Comment", "Export", "parse"]


def parse(content: bytes, policy: CommentsPolicy | None = None) -> Export:
    """The comments in `content`. Raises IntakeError: not an export, no comment in it, or too many."""
    policy = policy or current()
    text, note = _text(content)
    table = _read(text, policy)
    return _export(table, (note,) if note else (), policy)


def _text(content: bytes) -> tuple[str, str | None]:
    if not content.strip():
        raise IntakeError("Ce fichier est vide. Refaites l'export des commentaires, puis joignez-le.")
    if content.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff")):
        raise IntakeError(
            "Ce fichier n'est pas un export de commentaires lisible. Enregistrez le tableau au format CSV, "
            "ou joignez l'export d'origine (CSV, JSON ou HTML)."
        )
    if content[1:2] == b"\x00" and content[:1] != b"\x00":  # UTF-16 without its mark
        content = b"\xff\xfe" + content
    text, note = decode(content)
    if "\x00" in text:
        raise IntakeError("Ce fichier n'est pas un texte. Joignez l'export d'origine (CSV, JSON ou HTML).")
    return text, note


def _read(text: str, policy: CommentsPolicy) -> Table:
    if _HTML.match(text):
        return read_html(text, policy)
    if _JSON.match(text):
        return read_json(text, policy)
    return read_csv(text, policy)


def _export(table: Table, notes: tuple[str, ...], policy: CommentsPolicy) -> Export:
    filled = [row for row in table.rows if row.text.strip()]
    if not filled:
        raise IntakeError(
            "Aucun commentaire n'a été trouvé dans ce fichier. Il faut une colonne ou un champ de texte, nommé par "
            "exemple « commentaire » ou « message »."
        )
    if len(filled) > MAX_COMMENTS:
        raise IntakeError(
            f"Cet export compte {len(filled)} commentaires, la limite est de {MAX_COMMENTS}. Partagez-le en plusieurs "
            "fichiers et joignez-les l'un après l'autre."
        )
    moments = read_dates([row.when for row in filled], policy.numbers.months)
    comments = tuple(
        Comment(number, mended(row.author).strip(), mended(row.text).strip()[:MAX_TEXT], when, row.url.strip())
        for number, (row, when) in enumerate(zip(filled, moments, strict=True), 1)
    )
    cut = sum(len(row.text) > MAX_TEXT for row in filled)
    missed = [row.when for row, when in zip(filled, moments, strict=True) if row.when.strip() and when is None]
    return Export(comments, (*notes, *table.notes, *_notes(table.rows, filled, missed, cut)))


def _notes(rows: Iterable[Raw], filled: list[Raw], missed: list[str], cut: int) -> Iterator[str]:
    empty = [row.line for row in rows if not row.text.strip()]
    if empty:
        where = f" ({', '.join(map(str, empty[:_SHOWN]))}{'…' * (len(empty) > _SHOWN)})" if all(empty) else ""
        yield f"{counted(len(empty), 'ligne sans texte passée', 'lignes sans texte passées')}{where}."
    if missed:
        dates = counted(len(missed), "date non reconnue", "dates non reconnues")
        yield f"{dates}, par exemple « {missed[0].strip()[:_EXAMPLE]} »."
    if not any(row.when.strip() for row in filled):
        yield "Cet export ne donne pas de dates : les pics ne peuvent pas être montrés."
    if not any(row.author.strip() for row in filled):
        yield "Cet export ne nomme pas les auteurs : leur nombre n'est pas connu."
    if cut:
        yield f"{comments_counted(cut)} de plus de {MAX_TEXT} caractères : la suite n'a pas été lue."
