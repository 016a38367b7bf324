"""Whether a word is an ordinary French one: a capital at its beginning names nobody then."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from triage.datafiles import read
from triage.desk.handover.folded import words
from triage.document.folding import fold
from triage.errors import DataError, Problem
from triage.signals.lexicon import Inflections
from triage.signals.rule import Conjugation, build


class Dictionary:
    """The words of spacy-lookups-data (about 300,000), the verbs of `rules` in all their forms, and `more`."""

    def __init__(self, rules: Path, more: Iterable[str]) -> None:
        self._words = _words(rules) | {part for one in more for part in words(one)}

    def __call__(self, told: str) -> bool:
        """Whether each word of `told` is in it, accents and capitals aside; numbers and single letters are."""
        return all(word.isdigit() or len(word) == 1 or word in self._words for word in words(told))


@cache
def _words(rules: Path) -> frozenset[str]:
    folder = files("spacy_lookups_data") / "data"
    lookup, index = (
        json.loads(gzip.decompress((folder / f"fr_lemma_{name}.json.gz").read_bytes())) for name in ("lookup", "index")
    )
    known = {fold(form) for form in lookup}
    for forms in (*index.values(), *(one if isinstance(one, list) else [one] for one in lookup.values())):
        known.update(map(fold, forms))
    conjugation = _conjugation(rules)
    of = Inflections(conjugation.endings, conjugation.irregular).of
    known.update(form for lemma in {*index["verb"], *conjugation.irregular} for form in of(lemma))
    return frozenset(part for form in known for part in words(form))


def _conjugation(rules: Path) -> Conjugation:
    problems: list[Problem] = []
    file = read(rules / "lexicon" / "conjugaison.yaml", problems)
    found = build(Conjugation, file, problems) if file else None
    if problems or found is None:
        raise DataError(problems)
    return found
