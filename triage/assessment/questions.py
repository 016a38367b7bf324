"""Follow-up questions: asked only when an answer could change the disposition or a legal clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.assessment.facts import Fact
from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, YesNo, build

MOST_QUESTIONS = 3
CLOCK_WORTH = 0.5


class Answer(Strict):
    """One answer: the facts and red flags that it establishes; a `type` when it says what happened."""

    id: str
    label: str
    facts: dict[str, str] = {}
    flags: list[str] = []
    type: str | None = None


class Question(Strict):
    """A short question. `types`: only for these; `settled_by`: not asked once one of these facts is told.

    `moot_if`: nor once one of these facts has that value. `clock`: an answer moves a legal deadline, even where it
    changes no level.
    """

    id: str
    text: str
    why: str
    types: list[str] = []
    settled_by: list[str] = []
    moot_if: dict[str, YesNo] = {}
    clock: bool = False
    answers: list[Answer]


class QuestionFile(Strict):
    """`rules/questions.yaml`."""

    questions: list[Question]


@dataclass(frozen=True)
class Given:
    """What the person's answers establish."""

    facts: Mapping[str, str]
    flags: tuple[str, ...]
    type: str | None


def load_questions(
    rules: Path, types: Collection[str], flags: Collection[str], facts: Collection[str]
) -> tuple[Question, ...]:
    """Every question of `rules`, checked. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "questions.yaml", problems)
    content = build(QuestionFile, file, problems) if file else None
    if file and content:
        for i, question in enumerate(content.questions):
            problems += _faults(question, i, file, {"types": types, "flags": flags, "facts": facts})
    if problems or content is None:
        raise DataError(problems)
    return tuple(content.questions)


def _faults(question: Question, i: int, file: DataFile, known: Mapping[str, Collection[str]]) -> list[Problem]:
    told = {"types": {*question.types, *(a.type for a in question.answers if a.type)}}
    told["flags"] = {name for answer in question.answers for name in answer.flags}
    told["facts"] = {
        *question.settled_by,
        *question.moot_if,
        *(name for answer in question.answers for name in answer.facts),
    }
    return [
        file.problem(f"question « {question.id} » : « {name} » inconnu parmi {kind}", "questions", i)
        for kind, names in told.items()
        for name in sorted(names - set(known[kind]))
    ]


def given(answers: Mapping[str, str], questions: Sequence[Question]) -> Given:
    """What `answers` (question id → answer id) establish; unknown ids say nothing."""
    facts: dict[str, str] = {}
    flags: list[str] = []
    kind = None
    for question in questions:
        for answer in question.answers:
            if answers.get(question.id) == answer.id:
                facts |= answer.facts
                flags += answer.flags
                kind = answer.type or kind
    return Given(facts, tuple(flags), kind)


@dataclass(frozen=True)
class Considered:
    """A question that could be asked, and the rank of the disposition under each of its answers (by id)."""

    question: Question
    ranks: Mapping[str, int]

    @property
    def worth(self) -> float:
        """How far its answers move the disposition, or half a level where one only moves a legal clock."""
        return max(max(self.ranks.values()) - min(self.ranks.values()), CLOCK_WORTH if self.question.clock else 0)


def consider(
    questions: Sequence[Question],
    types: Collection[str],
    facts: Mapping[str, Fact],
    asked: Collection[str],
    rank_if: Callable[[Answer], int],
) -> tuple[Considered, ...]:
    """The questions whose answer matters and is not known, those first that move the disposition most.

    `rank_if` gives the rank of the disposition if an answer were given.
    """
    found = []
    for question in questions:
        told = {name: fact.value for name, fact in facts.items() if fact.certain}
        settled = not told.keys().isdisjoint(question.settled_by) or bool(told.items() & question.moot_if.items())
        if question.id in asked or settled or (question.types and not set(question.types) & set(types)):
            continue
        found.append(Considered(question, {answer.id: rank_if(answer) for answer in question.answers}))
    return tuple(sorted((one for one in found if one.worth), key=lambda one: -one.worth))
