"""How many reports an agent should have seen were not sent to one: estimated from the daily sample, read blind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.supervising.cells import Cell, Section, percent
from triage.dossier.wording import number
from triage.statistics.weighted import Estimate, Stratum, estimate
from triage.store import readings
from triage.store.figures import Cut
from triage.store.readings import Drawn

TOO_SMALL = "échantillon trop petit pour conclure"
_HELP = (
    "Chaque jour, des récits non transmis sont tirés au sort et lus par deux personnes. Chaque récit lu en représente "
    "d'autres : ceux du même jour, répartis entre les récits lus de ce jour. Un récit compte comme manqué quand les "
    "lecteurs, ou la personne qui les départage, y voient le travail d'un agent ; et, tant que ce n'est pas tranché, "
    "dès qu'un lecteur l'y voit."
)


@dataclass(frozen=True)
class UnderTriage:
    """The estimate; how many of the days drawn have not been read yet; whether enough was read to conclude."""

    estimate: Estimate
    days: int
    unread: int
    conclusive: bool


def undertriage(connection: Connection, cut: Cut, acting: Collection[str], least: int) -> UnderTriage:
    """The share of the reports not sent to an agent that one should have seen; `acting`: levels for which one acts.

    `least`: reports read, under which nothing is concluded.
    """
    by_day: dict[str, list[Drawn]] = {}
    for one in readings.drawn(connection, cut):
        by_day.setdefault(one.day, []).append(one)
    strata = [_stratum([one for one in day if one.levels], acting) for day in by_day.values()]
    known = [one for one in strata if one]
    found = estimate(known)
    return UnderTriage(found, len(by_day), len(by_day) - len(known), found.read >= least)


def section(found: UnderTriage) -> Section:
    """The table of the dashboard."""
    head = ("Ce qui est estimé", "Valeur", "Intervalle à 95 %")
    rows = tuple((label, value, interval) for label, value, interval in lines(found))
    return Section("sous-triage", "Récits manqués (estimation)", _HELP, head, rows)


def lines(found: UnderTriage) -> list[tuple[str, Cell, str]]:
    """What is known: label, value, interval."""
    one = found.estimate
    told: list[tuple[str, Cell, str]] = [
        ("Récits non transmis, les jours où au moins un a été lu", round(one.population), ""),
        ("Récits tirés au sort et lus", one.read, ""),
        ("Dont manqués", one.found, ""),
    ]
    if not found.conclusive:
        told.append(("Part des récits manqués", TOO_SMALL, ""))
    else:
        low, high = one.interval
        told += [
            ("Part des récits manqués", percent(one.share), f"{percent(low)} à {percent(high)}"),
            ("Nombre de récits manqués", f"environ {_many(one, one.share)}", f"{_many(one, low)} à {_many(one, high)}"),
        ]
    if found.unread:
        told.append(("Jours tirés au sort dont aucun récit n'a encore été lu", found.unread, ""))
    return told


def _many(one: Estimate, share: float) -> str:
    return number(round(one.population * share))


def _stratum(read: Sequence[Drawn], acting: Collection[str]) -> Stratum | None:
    """A day: weights go by all that was read of it, figures by what the cut holds."""
    mine = [one for one in read if one.mine]
    missed = sum(_missed(one, acting) for one in mine)
    return Stratum(read[0].population, len(read), missed, len(mine)) if read else None


def _missed(one: Drawn, acting: Collection[str]) -> bool:
    return one.ruled in acting if one.ruled else any(level in acting for level in one.levels)
