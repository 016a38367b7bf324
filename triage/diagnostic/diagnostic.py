"""The diagnostic: one typed object, from which every form (page, terminal, Markdown, JSON, calendar) is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.assessment.disposition import Level
from triage.assessment.questions import Question
from triage.diagnostic.advice import SECTIONS, Step
from triage.diagnostic.channels import Channel
from triage.diagnostic.clocks import Running
from triage.diagnostic.contacts import Proposed, Refused
from triage.diagnostic.explain import Quote
from triage.diagnostic.law import LawNote
from triage.diagnostic.measures import MeasureNote
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import Sourced
from triage.signals.rule import Strict
from triage.threats.kinds import Kind


class Texts(Strict):
    """`rules/texts.yaml`: the sentences that every diagnostic carries, and the titles of its parts."""

    not_a_complaint: str
    human: str
    nobody_promised: str
    lawyer: str
    general: str
    maxima: str
    unsettled_start: str
    unknown_start: str
    supposed_start: str
    over: str
    confidence: dict[str, str]
    origins: dict[str, str]
    titles: dict[str, str]


@dataclass(frozen=True)
class Because:
    """A reason in French, the words that decided and the rule behind each."""

    level: Level
    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class About:
    """One type: what it is, in plain words. `probability` is between 0 and 1."""

    kind: Kind
    probability: float
    text: str


@dataclass(frozen=True)
class Change:
    """A fact not told that would change the answer: the `level` that it would give, or the `effect` on a clock."""

    text: str
    level: Level | None = None
    effect: str = ""


@dataclass(frozen=True)
class Diagnostic:
    """All that is said to one person about one report.

    `around` says what the circumstances are, beside the types. `steps` has one tuple per section: now, today, week,
    avoid, evidence. `sources` are the entries behind what is said,
    each with where it comes from. Dates are on the clocks of Paris.
    """

    situation: Situation
    level: Level
    about: tuple[About, ...]
    around: tuple[str, ...]
    reasons: tuple[Because, ...]
    steps: Mapping[str, tuple[Step, ...]]
    channels: tuple[Channel, ...]
    law: tuple[LawNote, ...]
    clocks: tuple[Running, ...]
    contacts: tuple[Proposed, ...]
    refused: tuple[Refused, ...]
    measures: tuple[MeasureNote, ...]
    changes: tuple[Change, ...]
    questions: tuple[Question, ...]
    sources: tuple[Sourced, ...]
    notes: tuple[str, ...]
    texts: Texts

    @property
    def emergencies(self) -> tuple[Proposed, ...]:
        """The contacts to show first and large."""
        return tuple(one for one in self.contacts if one.emergency)

    @property
    def helpers(self) -> tuple[Proposed, ...]:
        """The other contacts."""
        return tuple(one for one in self.contacts if not one.emergency)

    @property
    def sections(self) -> tuple[tuple[str, str, tuple[Step, ...]], ...]:
        """The sections with something in them: their name, title and steps, in the order in which they are read."""
        return tuple((name, title, self.steps[name]) for title, name in SECTIONS.items() if self.steps[name])
