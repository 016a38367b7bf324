"""How dates, delays and hours are said in French."""

from __future__ import annotations

from datetime import date, datetime
from math import ceil

from triage.diagnostic.clocks import Running
from triage.diagnostic.hours import clock
from triage.intake.moment import PARIS

DAYS_IN_A_YEAR = 366
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def day(told: date) -> str:
    """« mardi 8 décembre 2026 », « dimanche 1er mars 2026 »."""
    return f"{_DAYS[told.weekday()]} {plain_day(told)}"


def plain_day(told: date) -> str:
    """« 8 décembre 2026 », « 1er mars 2026 »."""
    number = "1er" if told.day == 1 else str(told.day)
    return f"{number} {_MONTHS[told.month - 1]} {told.year}"


def moment(told: datetime) -> str:
    """« lundi 30 novembre 2026 à 9 h 15 », by the clocks of Paris."""
    at = told.astimezone(PARIS)
    return f"{day(at)} à {clock(at)}"


def end(running: Running) -> str:
    """The end of a clock, to the hour for those that are counted in hours."""
    if running.ends is None:
        return ""
    return moment(running.ends) if running.clock.span.hours else day(running.ends)


def left(running: Running) -> str:
    """« il reste 11 jours », « il reste 49 heures », « c'est aujourd'hui »; empty without an end or past it."""
    if running.ends is None or running.over:
        return ""
    if running.clock.span.hours and running.hours_left is not None:
        return (
            f"il reste {_counted(running.hours_left, 'heure')}" if running.hours_left else "il reste moins d'une heure"
        )
    days = running.days_left or 0
    years = f", soit près de {ceil(days / DAYS_IN_A_YEAR)} ans" if days > 2 * DAYS_IN_A_YEAR else ""
    return f"il reste {_counted(days, 'jour')}{years}" if days else "c'est aujourd'hui"


def _counted(number: int, unit: str) -> str:
    return f"{number:,}".replace(",", " ") + f" {unit}{'s' if number > 1 else ''}"


def start(running: Running) -> str:
    """« à partir de la première mise en ligne », « à partir du jour des faits »."""
    return f"à partir de {running.clock.start_text}".replace(" de le ", " du ").replace(" de les ", " des ")
