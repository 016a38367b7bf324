"""`rules/service.yaml`: what the service says of itself, the optional facts it offers to tell, and the guided path."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.datafiles import DataFile, read
from triage.diagnostic.compose import Composer
from triage.diagnostic.sources import resolve
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build


class Alert(Strict):
    """What is said of the agents: `on_duty` when one is there, `nobody` when none is, `calm` where none has to act.

    `distress`: nobody is there and somebody may want to die; `unsaved`: a report could not be kept; `down`: the store
    does not answer, `away`: and had nothing to keep; `full`: too much evidence comes at once; `too_many`: to be slowed
    down; `wrong_codes`: too many codes were tried. `delays`: level → how long an agent has, in words.
    """

    on_duty: str
    nobody: str
    distress: str
    immediate: str
    calm: str
    unsaved: str
    down: str
    away: str
    full: str
    too_many: str
    wrong_codes: str
    delays: dict[str, str]


class Choice(Strict):
    """An answer to tap; `traits` are what it tells, `answers` the questions that it settles (question → answer)."""

    id: str
    label: str
    traits: list[str] = []
    answers: dict[str, str] = {}


class Happening(Strict):
    """What happens, and the sentence that the report then begins with."""

    id: str
    label: str
    text: str


class Touched(Strict):
    """What is touched, and what can happen to it."""

    id: str
    label: str
    happens: list[Happening]


class Guided(Strict):
    """The guided path: who is concerned, what is touched, what happens; `who_text`: how the report then begins."""

    who: list[Choice]
    who_text: dict[str, str]
    touched: list[Touched]


class Facts(Strict):
    """The optional facts."""

    who: list[Choice]
    platforms: list[Choice]
    going_on: list[Choice]
    registered: Choice


class Departement(Strict):
    """A département or a collectivity overseas; `trait` where its clocks are not those of Paris."""

    code: str
    name: str
    trait: str = ""


class ServiceFile(Strict):
    """`rules/service.yaml`."""

    alert: Alert
    facts: Facts
    guided: Guided
    exit: str
    askable: list[str]
    no_upload_if: list[list[str]]


class Places(Strict):
    """`rules/departements.yaml`."""

    departements: list[Departement]


@dataclass(frozen=True)
class Service:
    """The service's texts, references filled in.

    `exit`: a neutral site to leave for. `askable`: the measures that can be asked for here. `no_upload_if`: sets of red
    flags and types under which no file is asked for.
    """

    alert: Alert
    facts: Facts
    guided: Guided
    exit: str
    askable: frozenset[str]
    no_upload_if: tuple[frozenset[str], ...]
    departements: Mapping[str, Departement]


def load_service(rules: Path, composer: Composer) -> Service:
    """The service that `rules` describe. Raises DataError with every problem."""
    problems: list[Problem] = []
    files = [read(rules / name, problems) for name in ("service.yaml", "departements.yaml")]
    content = build(ServiceFile, files[0], problems) if files[0] else None
    places = build(Places, files[1], problems) if files[1] else None
    if content and places and files[0] and files[1]:
        problems += _unknown(content, composer, files[0])
        traits = {one.trait for one in places.departements if one.trait}
        problems += _missing(traits, _traits(composer), "situation", files[1])
    if problems or content is None or places is None:
        raise DataError(problems)
    values = composer.knowledge.references
    alert = Alert.model_validate(
        {k: resolve(v, values) if isinstance(v, str) else v for k, v in content.alert.model_dump().items()}
    )
    return Service(
        alert,
        content.facts,
        content.guided,
        content.exit,
        frozenset(content.askable),
        tuple(frozenset(one) for one in content.no_upload_if),
        {one.code: one for one in places.departements},
    )


def _unknown(content: ServiceFile, composer: Composer, file: DataFile) -> list[Problem]:
    facts, guided = content.facts, content.guided
    choices = [*facts.who, *facts.platforms, *facts.going_on, facts.registered, *guided.who]
    traits = {trait for choice in choices for trait in choice.traits}
    kinds = {name for names in content.no_upload_if for name in names}
    return [
        *_missing(traits, _traits(composer), "situation", file),
        *_missing(content.askable, composer.knowledge.measures, "mesure", file),
        *_missing(kinds, {*composer.kinds, *composer.flags}, "type ou drapeau", file),
        *_missing(content.alert.delays, [level.id for level in composer.policy.levels], "niveau", file),
    ]


def _traits(composer: Composer) -> set[str]:
    return {trait for dimension in composer.observer.dimensions.values() for trait in dimension.traits}


def _missing(names: Collection[str], known: Collection[str], what: str, file: DataFile) -> list[Problem]:
    return [file.problem(f"{what} inconnu : « {name} »") for name in sorted(set(names) - set(known))]
