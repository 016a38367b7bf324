"""What is said of two cases that have something in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SAME, UNSURE = "same", "maybe"
# What the pages call a ground.
GROUNDS: Mapping[str, str] = {
    "text": "même texte",
    "image": "même image",
    "author": "même compte",
    "link": "même lien",
    "phone": "même numéro de téléphone",
    "mail": "même adresse électronique",
    "iban": "même compte bancaire",
    "crypto": "même portefeuille de cryptomonnaie",
    "hand": "rattaché par un agent",
}


@dataclass(frozen=True)
class Similar:
    """Another case, what it has most in common (`ground`), how much (`score`, up to 1).

    `person` is « same » when both are of one person, « maybe » when they may be.
    """

    case_id: str
    ground: str
    score: float
    person: str = ""

    @property
    def label(self) -> str:
        """The ground, in words."""
        return GROUNDS[self.ground]

    @property
    def reference(self) -> str:
        """What to call the case by, aloud."""
        return f"{self.case_id[:4]}-{self.case_id[4:8]}".upper()
