"""A letter alone as a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from triage.dossier.letter import Letter, as_lines
from triage.dossier.typeset import TEMPLATES, Press, typeset
from triage.scratch import scratch

MAIN = "letter.typ"
_REFUSED = "La lettre n'a pas pu être mise en pages. Prenez-la au format ODT."


def letter_as_pdf(letter: Letter, author: str, emoji: Mapping[str, str]) -> bytes:
    """The pages of `letter`; the same letter always gives the same bytes. Raises DossierError if it cannot be set.

    `emoji` names the signs that no font draws.
    """
    told = {"title": letter.title, "author": author, "paragraphs": as_lines(letter)}
    with scratch() as folder:
        for name in (MAIN, "style.typ"):
            shutil.copy(TEMPLATES / name, folder)
        return typeset(Press(folder, MAIN, emoji, letter.made_at), told, _REFUSED)
