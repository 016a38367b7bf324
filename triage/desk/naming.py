"""What the details of the audit are called, for whoever reads it: names, references and labels in place of ids.

The audit itself keeps ids and closed values only; what is no longer known, or was never named, stays as it was kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import Connection

from triage.desk.campaigns.similar import GROUNDS
from triage.desk.measures.pack import Cycle
from triage.desk.office import Office
from triage.diagnostic.wording import plain_day
from triage.dossier.wording import moment
from triage.store import named
from triage.store.records import reference_of
from triage.store.trail import Line

_ID = re.compile(r"[0-9a-f]{32}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_STEP = re.compile(r"(\w+):(\w*)>(\w+)")
Labels = Mapping[str, str]


def details(office: Office, connection: Connection, lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """The detail of each line, a part for each thing that it is about."""
    words = {word for one in lines for word in one.about.split()}
    ids = named.by_id(connection, {one for one in words if _ID.fullmatch(one)})
    units = named.units(connection, {one for line in lines if _names_units(line) for one in line.about.split()})
    closed = _closed(office)
    return [tuple(_said(office, one, word, ids, units, closed) for word in one.about.split()) for one in lines]


def _said(office: Office, line: Line, word: str, ids: Labels, units: Labels, closed: Mapping[str, Labels]) -> str:
    act = line.what.partition(".")[0]
    if _ID.fullmatch(word):
        return ids.get(word) or f"n° {reference_of(word)}"
    if word in closed.get(act, {}):
        return closed[act][word]
    if _names_units(line) and word in units:
        return units[word]
    if step := _STEP.fullmatch(word):
        return _step(office, step[1], step[2], step[3])
    return _files(int(word)) if line.what == "message" and word.isdecimal() else _dated(word)


def _names_units(line: Line) -> bool:
    return line.what in ("concerns", "measure.step")


def _closed(office: Office) -> Mapping[str, Labels]:
    """What the closed values are called, by the act that they are the detail of."""
    policies, conduct = office.policies, office.policies.conduct
    levels = {one.id: one.label for one in office.engine.assessor.policy.levels}
    outcomes = {one.id: one.label for one in conduct.outcomes.values()}
    results = {one.id: one.label for cycle in policies.pack.cycles.values() for one in cycle.results}
    letters = {f"{one.measure}.{one.id}": one.title for one in policies.letters.letters}
    raised = {**levels, "raised": "niveau relevé"}
    return {
        **dict.fromkeys(("escalate", "decide", "raid"), levels),
        **dict.fromkeys(("close", "reopen"), outcomes),
        "sample": raised,
        "teaching": raised,
        "identity": {one.id: one.label for one in conduct.results.values()},
        "refer": {**{code: one.name for code, one in office.service.departements.items()}, **policies.queue.forces},
        "measure": {
            **results,
            **{name: one.name for name, one in policies.pack.cycles.items()},
            "none": "aucun rappel",
        },
        "concerns": {"-": "aucune"},
        "campaign": GROUNDS,
        "export": {**letters, "narrative": "récit joint"},
        "purge": {rule.id: rule.label for rule in policies.retention.cases},
    }


def _files(number: int) -> str:
    return ("sans fichier", "1 fichier")[number] if number < 2 else f"{number} fichiers"


def _step(office: Office, kind: str, before: str, to: str) -> str:
    """« Bouton d'appel : Demandé au préfet → Accordé »."""
    cycle: Cycle | None = office.policies.pack.cycles.get(kind)
    if cycle is None:
        return f"{kind}:{before}>{to}"
    return f"{cycle.name} : {cycle.state(before).label} → {cycle.state(to).label}"


def _dated(word: str) -> str:
    """A day or a moment as they are written in a sentence; any other word as it is."""
    if not _DAY.match(word):
        return word
    with suppress(ValueError):
        return plain_day(date.fromisoformat(word)) if _DAY.fullmatch(word) else moment(datetime.fromisoformat(word))
    return word
