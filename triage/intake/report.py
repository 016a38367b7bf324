"""A report as it was received: the text of somebody who tells what happened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from unicodedata import category

from triage.errors import IntakeError

Kind = Literal["report", "message"]

MAX_CHARACTERS = 50_000
# Control characters but white space and escape, and what stands for a byte that is no letter.
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


@dataclass(frozen=True)
class Report:
    """What the engine is given.

    `kind` is "message" when the text is the attacker's words verbatim (one comment, one SMS).
    `received_at` is the moment that relative dates (« hier soir ») are counted from; without a time zone it is that of
    Paris. `traits` are what the person said of themselves in answer to optional questions (« role:maire »), `began` the
    day on which it began and `named` the type that it is, where they said so apart from the text.
    """

    text: str
    kind: Kind = "report"
    received_at: datetime | None = None
    id: str = ""
    notes: tuple[str, ...] = field(default=())
    traits: tuple[str, ...] = field(default=())
    began: date | None = None
    named: str | None = None


def decode(raw: bytes) -> tuple[str, str | None]:
    """The text in `raw` and a note when the encoding had to be guessed.

    Raises IntakeError for binary content.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace"), None
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        if b"\x00" in raw:
            raise IntakeError("Ce fichier n'est pas un texte. Copiez le récit dans un fichier texte (UTF-8).") from None
    return raw.decode(
        "cp1252", errors="replace"
    ), "Le texte n'était pas en UTF-8 : certains accents ont pu être perdus."


def validate(text: str) -> str:
    """`text` itself, if it can be triaged. Raises IntakeError otherwise."""
    if all(c.isspace() or category(c) == "Cf" for c in text):  # marks that show nothing are nothing
        raise IntakeError("Le récit est vide. Décrivez en quelques mots ce qui s'est passé.")
    if len(text) > MAX_CHARACTERS:
        raise IntakeError(
            f"Le récit compte {len(text)} caractères, la limite est de {MAX_CHARACTERS}. "
            "Gardez l'essentiel et conservez le reste comme preuve."
        )
    unreadable = len(_UNREADABLE.findall(text))
    if unreadable > max(4, len(text) // 10):
        raise IntakeError("Ce contenu n'est pas un texte lisible. Copiez le récit en toutes lettres.")
    return text
