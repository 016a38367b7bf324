"""The fixed sentences of a dossier and of its letters (`rules/dossier.yaml`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from pathlib import Path
from string import Formatter
from typing import Literal

from pydantic import Field

from triage.datafiles import DataFile, read
from triage.diagnostic.conditions import faults, holds
from triage.diagnostic.sources import ALWAYS, When
from triage.document.document import BUILTIN_SYMBOLS
from triage.errors import DataError, Problem
from triage.signals.catalogue import load_dimensions
from triage.signals.rule import Strict, build

Style = Literal["notice", "sender", "recipient", "subject", "heading", "body", "quote", "item", "signature"]
# What a part is filled with, from the case: a paragraph for each.
Fill = Literal["told", "facts", "chronology", "offences", "addresses", "exhibits", "clocks", "doubts", "bring"]
PLACEHOLDERS = frozenset({"reference", "operator", "made_on", "told_on", "mandate", "basis"})


class Choice(Strict):
    """A text for the situations in which `when` holds."""

    when: When = Field(default=ALWAYS)
    text: str


class Part(Strict):
    """A part of a letter: a `text`, or what `fill` names; left out unless `when` holds and there is what it `needs`."""

    when: When = Field(default=ALWAYS)
    style: Style = "body"
    text: str = ""
    fill: Fill | None = None
    needs: Fill | None = None


class LetterTexts(Strict):
    """A letter: its `title` and its parts, in order."""

    title: str
    parts: list[Part]


class ProtectionTexts(LetterTexts):
    """The request for the protection that `measure` names; `none` is said when it is not proposed here.

    `clock` names the deadline whose legal basis the letter cites.
    """

    measure: str
    clock: str
    no_basis: str
    none: str
    not_here: str


class DossierTexts(Strict):
    """`rules/dossier.yaml`.

    `mandates` say who the official is; `no_preview` when images are not shown, and why. `indicators` are the kinds that
    the dossier lists, `emoji` the names of those that its fonts lack; `limits` what a dossier does not say.
    """

    warning: str
    mandates: list[Choice]
    no_preview: Choice
    indicators: dict[str, str]
    emoji: dict[str, str]
    offensive: str
    masked: str
    integrity: str
    limits: list[str]
    readme: list[str]
    no_offence: str
    complaint: LetterTexts
    protection: ProtectionTexts

    def mandate(self, labels: Set[str]) -> str:
        """The words for who the official is."""
        return next((one.text for one in self.mandates if holds(one.when, labels)), "")


def load_dossier_texts(rules: Path) -> DossierTexts:
    """The sentences of `rules`. Raises DataError, all problems at once."""
    problems: list[Problem] = []
    known = [trait for dimension in load_dimensions(rules, problems) for trait in dimension.traits]
    file = read(rules / "dossier.yaml", problems)
    texts = build(DossierTexts, file, problems) if file else None
    if file and texts:
        problems += _problems(file, texts, known)
    if problems or texts is None:
        raise DataError(problems)
    return texts


def _problems(file: DataFile, texts: DossierTexts, known: Collection[str]) -> Iterator[Problem]:
    """Conditions about what does not exist, parts that say nothing, placeholders that nothing fills."""
    unknown = set(texts.indicators) - set(BUILTIN_SYMBOLS)
    yield from (file.problem(f"indicateur inconnu « {kind} »", "indicators", kind) for kind in sorted(unknown))
    yield from (file.problem(what, "no_preview", "when") for what in faults(texts.no_preview.when, known))
    for i, choice in enumerate(texts.mandates):
        yield from (file.problem(what, "mandates", i) for what in faults(choice.when, known))
    for name, letter in (("complaint", texts.complaint), ("protection", texts.protection)):
        for i, part in enumerate(letter.parts):
            yield from (file.problem(what, name, "parts", i) for what in _faults(part, known))


def _faults(part: Part, known: Collection[str]) -> Iterator[str]:
    yield from faults(part.when, known)
    if bool(part.text) == bool(part.fill):
        yield "une partie a soit un texte (« text »), soit un contenu du dossier (« fill »)"
    try:
        names = {name for _, name, _, _ in Formatter().parse(part.text) if name is not None}
    except ValueError:
        yield "accolade isolée : écrivez « {nom} », ou doublez l'accolade"
        return
    for name in sorted(names - PLACEHOLDERS):
        yield f"« {{{name}}} » n'est pas connu ; possibles : {', '.join(sorted(PLACEHOLDERS))}"
