"""Sets pages as a tagged PDF (PDF/UA-1) with typst, from data: nothing that people wrote is ever read as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from triage.dossier.glyphs import drawn
from triage.errors import TriageError
from triage.intake.moment import in_paris

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Final = "ua-1"


class DossierError(TriageError):
    """The dossier cannot be made; the case itself is not touched."""


@dataclass(frozen=True)
class Press:
    """Where pages are set: the template `main` of `folder`, which holds all that it reads; `emoji` names signs.

    `made_at` is their date: the same data always gives the same bytes.
    """

    folder: Path
    main: str
    emoji: Mapping[str, str]
    made_at: datetime


def typeset(press: Press, told: Any, refused: str) -> bytes:  # noqa: ANN401 (a tree of JSON)
    """The pages of `told`; in Latin letters alone if the fonts draw the rest one by one but not together.

    Raises DossierError, which says `refused`, if they cannot be set even so.
    """
    try:
        return _compiled(press, drawn(told, press.emoji))
    except typst.TypstError:
        try:
            return _compiled(press, drawn(told, press.emoji, plain=True))
        except typst.TypstError as error:
            raise DossierError(refused) from error


def _compiled(press: Press, told: Any) -> bytes:  # noqa: ANN401 (a tree of JSON)
    return typst.compile(
        press.folder / press.main,
        root=press.folder,
        sys_inputs={"data": json.dumps(told, ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        timestamp=int(in_paris(press.made_at).timestamp()),
    )
