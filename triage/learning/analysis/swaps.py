"""A report told otherwise, the facts being the same: another gender, mandate, origin or spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zlib import crc32

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.learning.analysis.agreement import GenderFile, feminine, masculine
from triage.learning.noise import Noise
from triage.signals.rule import Strict, build

How = Literal["feminine", "masculine", "replace", "lead", "accents", "careless", "typos"]
_SENTENCE = re.compile(r"[.,;:!?…]")


class Careless(Strict):
    """From how many words the absence of accents says something; how many typed forms do."""

    least_words: int
    least_forms: int


class GroupsFile(Strict):
    """Axis « who » → who tells, which mandate; words that tell a place overseas; what is careless writing."""

    teller: dict[str, list[str]]
    mandate: dict[str, list[str]]
    overseas: list[str]
    overseas_words: list[str]
    careless: Careless


class Swap(Strict):
    """One change. `lead`: a sentence of `control`, then its match of `instead`, put before the text and compared."""

    id: str
    title: str
    how: How
    replace: list[tuple[str, str]] = []
    control: list[str] = []
    instead: list[str] = []


class CounterfactualFile(Strict):
    """`rules/counterfactual.yaml`."""

    groups: GroupsFile
    gender: GenderFile
    swaps: list[Swap]


@dataclass(frozen=True)
class Pair:
    """The same report twice."""

    one: str
    other: str


def load_counterfactual(rules: Path) -> CounterfactualFile:
    """What is compared, from `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "counterfactual.yaml", problems)
    content = build(CounterfactualFile, file, problems) if file else None
    if file and content:
        for i, swap in enumerate(content.swaps):
            problems += [file.problem(said, "swaps", i) for said in _faults(swap)]
    if problems or content is None:
        raise DataError(problems)
    return content


def swapped(text: str, swap: Swap, gender: GenderFile, noise: Noise) -> Pair | None:
    """`text` and `text` changed; None where there is nothing to change."""
    if swap.how == "lead":
        place = crc32(text.encode()) % len(swap.control)
        return Pair(swap.control[place] + text, swap.instead[place] + text)
    changes: Mapping[How, Callable[[], str]] = {
        "feminine": lambda: feminine(text, gender),
        "masculine": lambda: masculine(text, gender),
        "replace": lambda: _replaced(text, swap.replace),
        "accents": lambda: bare(text),
        "careless": lambda: _SENTENCE.sub("", text).lower(),
        "typos": lambda: noise.spoil(text, text),
    }
    other = changes[swap.how]()
    return Pair(text, other) if other != text else None


def bare(text: str) -> str:
    """`text` without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _replaced(text: str, pairs: list[tuple[str, str]]) -> str:
    for found, instead in pairs:
        text = re.sub(found, instead, text, flags=re.IGNORECASE)
    return text


def _faults(swap: Swap) -> list[str]:
    wrong = []
    if (swap.how == "lead") != bool(swap.control and swap.instead):
        wrong.append("« control » et « instead » vont avec « how: lead », et seulement avec lui")
    if len(swap.control) != len(swap.instead):
        wrong.append("« control » et « instead » ont autant de phrases l'un que l'autre")
    if (swap.how == "replace") != bool(swap.replace):
        wrong.append("« replace » va avec « how: replace », et seulement avec lui")
    for found, _ in swap.replace:
        try:
            re.compile(found)
        except re.error as error:
            wrong.append(f"expression régulière fausse « {found} » : {error}")
    return wrong
