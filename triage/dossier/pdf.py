"""The dossier as a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import shutil

from triage.dossier.casefile import CaseFile
from triage.dossier.content import content, hides_pictures
from triage.dossier.previews import write_previews
from triage.dossier.texts import DossierTexts
from triage.dossier.typeset import TEMPLATES, Press, typeset
from triage.scratch import scratch

MAIN = "dossier.typ"
_REFUSED = "Le dossier n'a pas pu être mis en pages. Téléchargez les pièces et réessayez."


def as_pdf(case: CaseFile, texts: DossierTexts) -> bytes:
    """The whole dossier. The same case always gives the same bytes. Raises DossierError if it cannot be set.

    Pictures pass through a private folder, in memory where there is one, removed at once.
    """
    with scratch() as folder:
        for path in TEMPLATES.glob("*.typ"):
            shutil.copy(path, folder)
        shown = () if hides_pictures(case, texts) else case.exhibits
        told = content(case, texts, write_previews(shown, folder))
        return typeset(Press(folder, MAIN, texts.emoji, case.made_at), told, _REFUSED)
