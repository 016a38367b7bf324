"""`rules/desk/letters.yaml`: the letters to the préfecture, and how the facts of a case fill them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from string import Formatter

from triage.datafiles import DataFile, read
from triage.dossier.letter import Letter, Paragraph
from triage.dossier.texts import Style
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

# The fact that only a measure that is granted has.
END = "until"
# What a letter may say of a case; `facts.py` finds each.
VARIABLES = frozenset({
    *("date", "place", "unit", "unit_phone", "agent", "recipient", "recipient_address", "reference", "official"),
    *("mandate", "commune", "departement", "received_on", "types", "level", "flags", "since", END, "asked_on"),
    *("assessment", "assessed_on"),
})  # fmt: skip


class Variable(Strict):
    """A fact that a letter says: its `label` on the form, and the `blank` left where it is not known."""

    label: str
    blank: str


class Part(Strict):
    """A paragraph: a `text`, left out where one of the facts that it `needs` is not known; or the `narrative`."""

    style: Style = "body"
    text: str = ""
    needs: list[str] = []
    narrative: bool = False


class LetterRule(Strict):
    """A letter about one `measure`. `action`: what its link says."""

    id: str
    measure: str
    action: str
    title: str
    parts: list[Part]


class LetterRules(Strict):
    """`rules/desk/letters.yaml`."""

    variables: dict[str, Variable]
    letters: list[LetterRule]

    def about(self, measure: str) -> list[LetterRule]:
        """The letters of a measure."""
        return [one for one in self.letters if one.measure == measure]

    def letter(self, measure: str, name: str) -> LetterRule | None:
        """The letter `name` of a measure."""
        return next((one for one in self.about(measure) if one.id == name), None)

    def offered(self, measure: str, granted: bool) -> list[LetterRule]:
        """Those that can be written now: one that says when the measure ends is of use once it is `granted` alone."""
        return [one for one in self.about(measure) if granted or END not in self.used(one)]

    def used(self, letter: LetterRule) -> list[str]:
        """The facts that a letter says, in the order of the form."""
        said = {name for part in letter.parts for name in _fields(part.text)}
        return [name for name in self.variables if name in said]

    def write(self, letter: LetterRule, values: Mapping[str, str], narrative: str, now: datetime) -> Letter:
        """The letter, with a visible blank for each fact that is not known; `narrative` only where it is given."""
        known = {name: values.get(name, "").strip() for name in self.variables}
        filled = {name: value or self.variables[name].blank for name, value in known.items()}
        return Letter(letter.title, tuple(_paragraphs(letter, known, filled, narrative)), now)


def load_letter_rules(rules: Path, measures: Collection[str]) -> LetterRules:
    """Those in `rules`, about `measures`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "letters.yaml", problems)
    found = build(LetterRules, file, problems) if file else None
    if file and found:
        problems += _problems(file, found, measures)
    if problems or found is None:
        raise DataError(problems)
    return found


def _paragraphs(
    letter: LetterRule, known: Mapping[str, str], filled: Mapping[str, str], narrative: str
) -> Iterator[Paragraph]:
    for part in letter.parts:
        if part.narrative:
            lines = [line.strip() for line in narrative.splitlines() if line.strip()]
            if lines and part.text:
                yield Paragraph("body", part.text.format_map(filled))
            yield from (Paragraph("quote", f"« {line} »") for line in lines)
        elif all(known[name] for name in part.needs):
            yield Paragraph(part.style, part.text.format_map(filled).strip())


def _problems(file: DataFile, found: LetterRules, measures: Collection[str]) -> Iterator[Problem]:
    wrong = sorted(VARIABLES ^ set(found.variables))
    yield from (file.problem(f"fait en trop ou absent : « {name} »", "variables") for name in wrong)
    seen: set[tuple[str, str]] = set()
    for i, letter in enumerate(found.letters):
        if (letter.measure, letter.id) in seen:
            yield file.problem(f"lettre en double : « {letter.id} »", "letters", i)
        seen.add((letter.measure, letter.id))
        if letter.measure not in measures:
            yield file.problem(f"mesure inconnue : « {letter.measure} »", "letters", i)
        for j, part in enumerate(letter.parts):
            for name in sorted({*_fields(part.text), *part.needs} - set(found.variables)):
                yield file.problem(f"« {{{name}}} » n'est pas connu", "letters", i, "parts", j)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
