"""The transmission as a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import shutil
from pathlib import Path

from triage.desk.handover.content import content, hides_pictures
from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Mask, masked
from triage.desk.office import Office
from triage.dossier.previews import write_previews
from triage.dossier.texts import DossierTexts
from triage.dossier.typeset import TEMPLATES as SHARED
from triage.dossier.typeset import Press, typeset
from triage.scratch import scratch

TEMPLATES = Path(__file__).parent / "templates"
MAIN = "transmission.typ"
_REFUSED = "La transmission n'a pas pu être mise en pages. Le ZIP et le texte restent possibles."


def as_pdf(office: Office, told: Handover, texts: DossierTexts, mask: Mask) -> bytes:
    """The transmission. The same always gives the same bytes. Raises DossierError if it cannot be set.

    Pictures pass through a private folder, in memory where there is one, removed at once.
    """
    with scratch() as folder:
        for path in (*SHARED.glob("*.typ"), *TEMPLATES.glob("*.typ")):
            shutil.copy(path, folder)
        shown = () if hides_pictures(told, texts) else told.file.exhibits
        tree = masked(content(office, told, texts, write_previews(shown, folder)), mask)
        return typeset(Press(folder, MAIN, texts.emoji, told.file.made_at), tree, _REFUSED)
