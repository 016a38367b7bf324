"""What the law says of it (`rules/law/`): articles and maximum penalties, as they were in force on the day told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from triage.diagnostic.conditions import holds
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import ALWAYS, Sourced, Value, When


class Offence(Sourced):
    """One article. `settled`: until it holds, the entry is shown after `if_not_settled`.

    `official` says what holding office changes and who counts; `read` which version was read; `clock` names the
    deadline.
    """

    id: str
    name: str
    article: str
    article_long: str
    when: When
    settled: When = Field(default=ALWAYS)
    if_not_settled: str = ""
    text: str
    penalties: list[Value]
    official: str = ""
    clock: str | None = None
    red_flag: bool = False
    rank: int
    read: str


@dataclass(frozen=True)
class LawNote:
    """An article that may apply, with the penalties that concern this person and the facts' date."""

    offence: Offence
    settled: bool
    penalties: tuple[Value, ...]


def applicable(offences: Iterable[Offence], situation: Situation, day: date | None) -> tuple[LawNote, ...]:
    """The articles for this situation, in their order; penalties are those in force on `day`, the date of the facts."""
    found = [one for one in offences if holds(one.when, situation.labels)]
    return tuple(_note(one, situation, day) for one in sorted(found, key=lambda one: one.rank))


def _note(offence: Offence, situation: Situation, day: date | None) -> LawNote:
    penalties = tuple(
        value for value in offence.penalties if value.in_force(day) and holds(value.when, situation.labels)
    )
    return LawNote(offence, holds(offence.settled, situation.labels), penalties)
