"""The « pack sécurité élu » and other protections (`rules/measures.yaml`): which apply here, and how to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from triage.diagnostic.conditions import holds
from triage.diagnostic.contacts import Ground
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import Sourced, When


class Measure(Sourced):
    """One protection. `asked`: labels that tell that it is asked for already; `asked_text` is then said instead."""

    id: str
    name: str
    text: str
    decided_by: str
    how: str
    bring: list[str] = []
    when: When
    not_for: list[Ground] = []
    asked: When = Field(default=[])
    asked_text: str = ""


@dataclass(frozen=True)
class MeasureNote:
    """A measure for this person: how to ask for it, unless `asked` already; or `why_not`, if it is not for them."""

    measure: Measure
    asked: bool = False
    why_not: str = ""


def measures_for(measures: Iterable[Measure], situation: Situation) -> tuple[MeasureNote, ...]:
    """The measures for this situation, and those that one could think of and that are not for this person."""
    notes = []
    for measure in measures:
        why_not = next((one.why for one in measure.not_for if holds(one.when, situation.labels)), "")
        if why_not:
            notes.append(MeasureNote(measure, why_not=why_not))
        elif holds(measure.when, situation.labels):
            notes.append(MeasureNote(measure, bool(measure.asked) and holds(measure.asked, situation.labels)))
    return tuple(notes)
