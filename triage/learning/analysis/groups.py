"""Which group a report comes from: who tells, of what gender, which mandate, from where, how it is typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from triage.learning.analysis.agreement import gender_of
from triage.learning.analysis.swaps import CounterfactualFile, bare
from triage.learning.noise import Noise

AXES = ("teller", "gender", "mandate", "overseas", "writing")
GENDERS = {"f": "Femme", "m": "Homme"}
OVERSEAS, MAINLAND = "Outre-mer", "Hexagone ou non dit"
CARELESS, CAREFUL = "Négligée", "Soignée"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def grouped(frame: pd.DataFrame, rules: CounterfactualFile, noise: Noise) -> pd.DataFrame:
    """`frame` with a column for each of `AXES`; empty where the text does not say.

    Gender is the one in which the person writes of themselves, when the text shows it; mandate and who tells come
    from the plan of the corpus (axis « who »), or from the columns `role` and `teller` of own cases.
    """
    who = frame["who"] if "who" in frame else pd.Series("", index=frame.index)
    place = re.compile("|".join(rules.groups.overseas_words), re.IGNORECASE)
    typed = frozenset(form for form in noise.words.values() if form.isalpha())
    texts = frame["text"]
    far = who.isin(rules.groups.overseas) | texts.map(lambda text: bool(place.search(text)))
    return frame.assign(
        teller=frame.get("teller", who.map(_turned(rules.groups.teller)).fillna("")),
        gender=[GENDERS.get(gender_of(text, rules.gender) or "", "") for text in texts],
        mandate=frame.get("role", who.map(_turned(rules.groups.mandate)).fillna("")),
        overseas=far.map({True: OVERSEAS, False: MAINLAND}),
        writing=[CARELESS if careless(text, rules, typed) else CAREFUL for text in texts],
    )


def careless(text: str, rules: CounterfactualFile, typed: frozenset[str]) -> bool:
    """Whether `text` is typed without accents, or with several of the forms that people type on a phone."""
    words = _WORD.findall(text.lower())
    limits = rules.groups.careless
    without = len(words) >= limits.least_words and bare(text) == text
    return without or sum(word in typed for word in words) >= limits.least_forms


def _turned(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {value: name for name, values in groups.items() for value in values}
