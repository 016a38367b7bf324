"""What a rule file says, validated field by field."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem

Voice = Literal["attaquant", "declarant", "tous"]
Qualifier = Literal["negation", "hypothese", "crainte", "question", "passe", "tiers", "expression", "ancien"]
YesNo = Literal["oui", "non"]
Model = TypeVar("Model", bound="Strict")

_FRENCH = {
    "missing": "champ obligatoire absent",
    "extra_forbidden": "champ inconnu : vérifiez l'orthographe dans rules/README.md",
    "too_short": "pas assez d'éléments",
    "string_type": "un texte est attendu (mettez-le entre guillemets)",
    "list_type": "une liste est attendue",
    "literal_error": "valeur inconnue",
    "date_from_datetime_parsing": "date attendue sous la forme AAAA-MM-JJ",
}


class Strict(BaseModel):
    """A data file's content: unknown fields are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Examples(Strict):
    """Sentences that the rule must find, the words between square brackets, and must not find."""

    match: list[str] = Field(min_length=2)
    no_match: list[str] = Field(min_length=2)


class Signal(Strict):
    """One thing that a text can say, in the many ways in which people say it.

    It counts for a threat `type`, raises `flags`, establishes decisive `facts`; `negated_facts` are what its
    negation establishes (« je n'ai pas cliqué »). `traits` are what it tells of the person's situation, for the advice
    only: no level and no model depends on them. `opening`: only the very first words of a report count. A qualifier of
    `void_if` cancels a hit, one of `lower_if` halves its weight; `void_if` is by default all that makes it not told.
    """

    id: str
    title: str
    type: str | None = None
    flags: list[str] = []
    facts: dict[str, YesNo] = {}
    negated_facts: dict[str, YesNo] = {}
    traits: list[str] = []
    opening: bool = False
    voice: Voice
    weight: float = Field(default=1.0, gt=0, le=5)
    phrases: list[str] = []
    patterns: list[list[dict[str, Any]]] = []
    void_if: list[Qualifier] | None = None
    lower_if: list[Qualifier] = []
    examples: Examples
    limits: str
    checked_on: date

    @property
    def voiding(self) -> frozenset[str]:
        """The qualifiers that cancel a hit."""
        if self.void_if is not None:
            return frozenset(self.void_if)
        if self.voice == "attaquant":
            return frozenset({"negation", "question", "tiers"})
        return frozenset({"negation", "hypothese", "crainte", "question", "tiers"})


class Dimension(Strict):
    """One question about the situation (`rules/situation/<id>.yaml`): its possible `values`, with their labels.

    A value tells the traits that it `implies` too; `when` makes a value of a condition on other labels; `zones` are the
    time zones of places.
    """

    id: str
    title: str
    values: dict[str, str]
    implies: dict[str, list[str]] = {}
    when: dict[str, str] = {}
    zones: dict[str, str] = {}

    @property
    def traits(self) -> list[str]:
        """« role:maire » and the like."""
        return [f"{self.id}:{value}" for value in self.values]


class Cue(Strict):
    """Words that change what is told around them: negation, fear, question…

    `preceding` and `following` act within `window` words of the same sentence, `sentence` on the whole sentence and
    `text` on the whole report; `pseudo` look like cues and are not; `termination` ends their reach. A preceding cue
    among the words of a hit counts too, unless the phrase of the rule has one of the words `inside` itself.
    """

    id: Qualifier
    title: str
    window: int = Field(default=7, ge=1, le=30)
    window_following: int = Field(default=2, ge=1, le=30)
    preceding: list[str] = []
    following: list[str] = []
    sentence: list[str] = []
    text: list[str] = []
    pseudo: list[str] = []
    termination: list[str] = []
    inside: list[str] = []


class Fields(Strict):
    """Lexical fields of one theme: name → entries in the phrase language."""

    id: str
    title: str
    fields: dict[str, list[str]]


class Conjugation(Strict):
    """Regular endings (« er » → « e », « es »…) and the forms that no table has."""

    id: str
    title: str
    endings: dict[str, list[str]]
    irregular: dict[str, list[str]] = {}


def build(
    model: type[Model], file: DataFile, problems: list[Problem], within: tuple[str | int, ...] = ()
) -> Model | None:
    """`file` as a `model`; what does not fit adds to `problems` and gives None.

    `within` is where in the file the data stand, when they are only a part of it.
    """
    try:
        return model.model_validate(file.data)
    except ValidationError as error:
        for issue in error.errors():
            place = [part for part in issue["loc"] if isinstance(part, str | int)]
            field = ".".join(str(part) for part in place)
            what = _FRENCH.get(issue["type"], f"valeur incorrecte ({issue['msg']})")
            if issue["type"] == "literal_error":
                what += f" ; attendu : {issue.get('ctx', {}).get('expected', '')}"
            problems.append(file.problem(f"champ « {field} » : {what}", *within, *place))
        return None


def load(path: Path, model: type[Model]) -> Model:
    """The file at `path` as a `model`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(path, problems)
    found = build(model, file, problems) if file else None
    if problems or found is None:
        raise DataError(problems)
    return found
