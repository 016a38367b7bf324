"""How days, hours and sentences are written in a dossier; moments on the clocks of Paris."""

from __future__ import annotations

from datetime import date, datetime

from triage.diagnostic.hours import clock
from triage.diagnostic.wording import plain_day
from triage.intake.moment import in_paris


def day(when: datetime) -> str:
    """« 18 mars 2026 »."""
    return plain_day(in_paris(when).date())


def moment(when: datetime | None) -> str:
    """« 18 mars 2026 à 22 h 30 »; empty when it is not known."""
    if when is None:
        return ""
    at = in_paris(when)
    return f"{plain_day(at.date())} à {clock(at)}"


def span(first: date, last: date) -> str:
    """« 18 mars 2026 », or « du 1er mars 2026 au 18 mars 2026 »."""
    return plain_day(first) if first == last else f"du {plain_day(first)} au {plain_day(last)}"


def number(value: int) -> str:
    """« 1 940 »."""
    return f"{value:,}".replace(",", " ")


def capital(text: str) -> str:
    """`text` as it begins a sentence."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """`text` as it goes on in a sentence."""
    return text[:1].lower() + text[1:]
