"""Cases for the tests of the dossier, triaged by the real engine."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from hashlib import sha256

from PIL import Image, ImageDraw

from tests.conftest import NOW
from triage.dossier.casefile import CaseFile, Comments, Event, Exhibit, Remark
from triage.engine import Engine
from triage.intake.report import Report

MAYOR = (
    "Je suis maire d'une petite commune. Il y a 10 jours, un compte Facebook @corbeau.61 a publié, à la vue de tous : "
    "« ordure, pourriture ».\n"
    "Hier à 14 h, il m'a écrit depuis le 06 12 34 56 78 : « je sais où tu habites, je vais te tuer ». "
    "La page : https://www.facebook.com/groups/1234567890/permalink/98765432109876/?comment_id=1122334455."
)


def picture(number: int = 1, kind: str = "PNG", size: tuple[int, int] = (540, 900)) -> bytes:
    """A drawn screenshot."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for line in range(12):
        draw.text((30, 60 * line + 20), f"Capture {number}, ligne {line} : tu vas payer", fill="black", font_size=24)
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()


def exhibit(number: int = 1, name: str = "Capture d'écran.png", text: str = "Tu vas payer", **more: object) -> Exhibit:
    """An exhibit that is a drawn screenshot, but for what `more` says."""
    content = picture(number)
    values: dict[str, object] = {
        "number": number,
        "name": name,
        "media_type": "image/png",
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        "received_at": NOW,
        "captured_at": NOW - timedelta(hours=number),
        "text": text,
        "preview": content,
        "original": content,
        "notes": (),
        "details": (),
    }
    return Exhibit(**{**values, **more})  # type: ignore[arg-type]


def comments(texts: tuple[str, ...] = ("Je vais te planter ce soir", "Sale ordure")) -> Comments:
    """An export of 1,200 comments of which `texts` were kept."""
    kept = tuple(
        Remark(f"Auteur {i}", NOW - timedelta(minutes=9 * i), text, f"https://x.com/p/{i}", ("Menace",), "Urgent")
        for i, text in enumerate(texts, 1)
    )
    peaks = tuple((NOW.replace(minute=0) - timedelta(hours=i), 10 + i, i % 3) for i in range(6))
    first = NOW - timedelta(hours=6)
    return Comments(
        total=1200,
        harmless=1200 - len(kept),
        by_type=(("Menace", len(kept), len(kept)),),
        authors=300,
        first=first,
        last=NOW,
        peaks=peaks,
        kept=kept,
        reasons=("Un commentaire ne laisse aucun doute.",),
    )


def case(engine: Engine, told: str = MAYOR, *, traits: tuple[str, ...] = (), **more: object) -> CaseFile:
    """The case of one who told `told`, but for what `more` says."""
    triaged = engine.assess(Report(told, received_at=NOW, traits=traits), NOW)
    values: dict[str, object] = {
        "reference": "2026-0318-A7",
        "operator": "Guichet des élus de l'Orne",
        "made_at": NOW,
        "received_at": NOW,
        "told": told,
        "facts": (("Toujours en cours", "oui"),),
        "diagnostic": engine.composer.make(triaged),
        "triaged": triaged,
        "exhibits": (),
        "comments": None,
        "events": (Event(datetime(2026, 3, 18, 22, 30), "Signalement reçu"),),
        "addresses": (),
    }
    return CaseFile(**{**values, **more})  # type: ignore[arg-type]
