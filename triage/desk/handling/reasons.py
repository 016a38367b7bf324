"""Why somebody does something: in their words, never empty, never too long."""

from __future__ import annotations

from triage.desk.office import DeskError

LONGEST = 5_000


def said(text: str, empty: str = "Dites pourquoi en quelques mots : la raison est gardée avec le dossier.") -> str:
    """What was written, trimmed. Raises DeskError, with the sentence `empty`, when there is nothing."""
    text = text.strip()
    if not text:
        raise DeskError(empty)
    if len(text) > LONGEST:
        raise DeskError(f"Ce texte compte {len(text)} caractères, la limite est de {LONGEST}.")
    return text
