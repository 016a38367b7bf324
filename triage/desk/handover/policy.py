"""`rules/desk/handover.yaml`: what leaving files say, what may go to PHAROS, what is proposed to be masked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from string import Formatter
from typing import Literal

from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

Fill = Literal["told", "facts", "words", "chronology", "addresses", "exhibits", "offences", "findings"]
PLACEHOLDERS = frozenset({"reference", "received", "made", "identity", "force", "agent"})
_ADVICE = frozenset({"tried", "found"})
_KINDS = frozenset({"personne", "nom", "adresse", "lieu", "telephone", "courriel", "compte", "iban", "mot"})
_REASONS = frozenset({"private", "service", "own", "whole", "local", "nature"})


class TransmissionTexts(Strict):
    """The fixed sentences of the transmission file; `units`: the sorts of units of the directory that receive one."""

    units: list[str]
    title: str
    masked_title: str
    indication: str
    masked: str
    withheld: str
    unverified: str
    no_contact: str
    no_decision: str
    limits: list[str]
    readme: list[str]


class PharosRules(Strict):
    """Which addresses may be signalled: `contact` says to whom, `reasons` why one is left aside.

    `private` and `services` are hosts, or hosts with the beginning of a path; `own`: words before one's own site.
    """

    contact: str
    how: str
    not_here: str
    no_ground: str
    natures: list[str]
    private: list[str]
    services: list[str]
    own: list[str]
    reasons: dict[str, str]


class Passage(Strict):
    """A part of the text for the minutes: a `text`, or what `fill` names; left out unless there is what it `needs`."""

    text: str = ""
    fill: Fill | None = None
    needs: Fill | None = None


class Measured(Strict):
    """How many names and addresses were tried, and found."""

    tried: int
    found: int


class RedactionRules(Strict):
    """How names, addresses and places are found, and what stands in their place (`labels`)."""

    labels: dict[str, str]
    titles: dict[str, str]
    within: int
    advice: str
    measured: Measured
    civilities: list[str]
    offices: list[str]
    called: list[str]
    relatives: list[str]
    particles: list[str]
    not_names: list[str]
    streets: list[str]
    stops: list[str]
    before_places: list[str]


class HandoverPolicy(Strict):
    """The whole file."""

    transmission: TransmissionTexts
    pharos: PharosRules
    minutes: list[Passage]
    redaction: RedactionRules


def load_handover_policy(
    rules: Path, contacts: Collection[str], types: Collection[str], units: Collection[str]
) -> HandoverPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "handover.yaml", problems)
    policy = build(HandoverPolicy, file, problems) if file else None
    if file and policy:
        problems += _problems(file, policy, contacts, types)
        unknown = sorted(set(policy.transmission.units) - set(units))
        problems += [file.problem(f"sorte d'unité inconnue « {name} »", "transmission", "units") for name in unknown]
    if problems or policy is None:
        raise DataError(problems)
    return policy


def _problems(
    file: DataFile, policy: HandoverPolicy, contacts: Collection[str], types: Collection[str]
) -> Iterator[Problem]:
    pharos, redaction = policy.pharos, policy.redaction
    if pharos.contact not in contacts:
        yield file.problem(f"contact inconnu « {pharos.contact} »", "pharos", "contact")
    for name in sorted(set(pharos.natures) - set(types)):
        yield file.problem(f"type inconnu « {name} »", "pharos", "natures")
    yield from _names(file, _REASONS, pharos.reasons, "pharos", "reasons")
    yield from _names(file, _KINDS, redaction.labels, "redaction", "labels")
    yield from _names(file, _KINDS - {"mot"}, redaction.titles, "redaction", "titles")
    yield from _placeholders(file, redaction.advice, _ADVICE, "redaction", "advice")
    for i, passage in enumerate(policy.minutes):
        if bool(passage.text) == bool(passage.fill):
            yield file.problem("une partie a soit un texte (« text »), soit un contenu (« fill »)", "minutes", i)
        yield from _placeholders(file, passage.text, PLACEHOLDERS, "minutes", i)


def _names(file: DataFile, expected: Collection[str], told: Collection[str], *place: str) -> Iterator[Problem]:
    for name in sorted(set(expected) ^ set(told)):
        yield file.problem(f"« {name} » est {'en trop' if name in told else 'absent'}", *place)


def _placeholders(file: DataFile, text: str, known: Collection[str], *place: str | int) -> Iterator[Problem]:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        yield file.problem("accolade isolée : écrivez « {nom} », ou doublez l'accolade", *place)
        return
    for name in sorted(names - set(known)):
        yield file.problem(f"« {{{name}}} » n'est pas connu ; possibles : {', '.join(sorted(known))}", *place)
