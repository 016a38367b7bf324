"""Rules to write: words that come back in the missed texts of a type and hardly anywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd
import yaml
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from triage.learning.analysis.swaps import bare
from triage.learning.intervals import clopper_pearson
from triage.threats.kinds import OUTPUTS

_ONE_WORD = r"(?u)(?:[^\W\d_]{1,2}['’])?[^\W\d_]+(?:-[^\W\d_]+)*"
_LONGEST = 4
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_MOST_WORDS = 30
_TO_WRITE = "À compléter : une phrase qui ressemble, sans être le cas."


def proposals(frame: pd.DataFrame, least: int = 3, precision: float = 0.6, most: int = 40) -> pd.DataFrame:
    """type, words, missed, inside, elsewhere, precision, low: what could be a rule, the most useful first.

    Words (one to four) found in `least` missed texts of a type, by two voices at least; of the texts that hold them,
    a share `precision` at least are of the type, and for certain (95 %) more than of all texts. To be judged by
    somebody: words of a story, not of a threat, come back too.
    None for « hors périmètre »: a rule is not there to calm. `frame`: held-out decisions; never frozen texts.
    """
    lost = {name: _missed(frame, name) for name in sorted({*frame["threats"].explode()} - {*OUTPUTS})}
    wanted = sorted(set().union(*(_frequent(frame[here], least) for here in lost.values())))
    if not wanted:
        return pd.DataFrame(columns=["type", "words", "missed", "inside", "elsewhere", "precision", "low"])
    held = _counter(vocabulary=wanted).transform(frame["text"])
    rows = [row for name, here in lost.items() for row in _of_type(frame, name, here, held, wanted, least)]
    made = pd.DataFrame(rows, columns=["type", "words", "missed", "inside", "elsewhere", "precision", "low", "base"])
    kept = made[(made["precision"] >= precision) & (made["low"] > made["base"])].drop(columns="base")
    order = kept.sort_values(["missed", "low", "words"], ascending=[False, False, True])
    return _longest(order).head(most).reset_index(drop=True)


def draft(frame: pd.DataFrame, kind: str, words: str, today: date) -> str:
    """The YAML of a rule, for `rules/signals/<type>/<name>.yaml`; what the analyst has to write is said in it."""
    name = "_".join(re.findall(r"[a-z]+", bare(words.lower())))
    inside = frame["threats"].map(lambda types: kind in types)
    content = {
        "id": f"{kind}.{name}",
        "title": f"À compléter : ce que dit « {words} »",
        "type": kind,
        "voice": "tous",
        "weight": 1,
        "phrases": [words],
        "examples": {
            "match": _sentences(frame[inside], words, found=True),
            "no_match": _sentences(frame[~inside], words, found=False),
        },
        "limits": "À compléter : ce que la règle ne voit pas.",
        "checked_on": today,
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _missed(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    found = zip(frame["threats"], frame["engine_threats"], strict=True)
    return pd.Series([name in true and name not in told for true, told in found], index=frame.index)


def _counter(**options: object) -> CountVectorizer:
    return CountVectorizer(token_pattern=_ONE_WORD, ngram_range=(1, _LONGEST), binary=True, **options)


def _frequent(frame: pd.DataFrame, least: int) -> set[str]:
    """The words of `least` of the texts, by two voices at least."""
    if len(frame) < least:
        return set()
    counter = _counter()
    held = counter.fit_transform(frame["text"]).tocsc()
    enough = np.flatnonzero(np.asarray(held.sum(axis=0)).ravel() >= least)
    voices, terms = frame["voice"].to_numpy(), counter.get_feature_names_out()
    return {str(terms[i]) for i in enough if len(set(voices[held[:, i].nonzero()[0]])) > 1}


def _of_type(
    frame: pd.DataFrame, name: str, missed: pd.Series[bool], held: csr_matrix, terms: Sequence[str], least: int
) -> Iterator[tuple[str, str, int, int, int, float, float, float]]:
    inside = frame["threats"].map(lambda types: name in types).to_numpy()
    lost, here = (np.asarray(held[where].sum(axis=0)).ravel() for where in (missed.to_numpy(), inside))
    whole = np.asarray(held.sum(axis=0)).ravel()
    for i in np.flatnonzero(lost >= least):
        share, low = here[i] / whole[i], clopper_pearson(int(here[i]), int(whole[i]))[0]
        told = (int(lost[i]), int(here[i]), int(whole[i] - here[i]), float(share), low, float(inside.mean()))
        yield (name, terms[int(i)], *told)


def _longest(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the words that stand in longer ones found as often in the same missed texts."""
    kept: list[int] = []
    for place, row in rows.iterrows():
        longer = rows[
            (rows["type"] == row["type"]) & (rows["missed"] >= row["missed"]) & (rows["words"] != row["words"])
        ]
        if not any(f" {row['words']} " in f" {other} " for other in longer["words"]):
            kept.append(int(str(place)))
    return rows.loc[kept]


def _words(words: str, space: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + space.join(map(re.escape, words.split())) + r"(?!\w)", re.IGNORECASE)


def _sentences(frame: pd.DataFrame, words: str, found: bool) -> list[str]:
    """Two short sentences that hold `words` (marked), or that hold one of them but not all."""
    whole = _words(words, r"[\s,]+")
    some = _words(max(words.split(), key=len), "")
    kept: list[str] = []
    for text in frame["text"]:
        for sentence in _SENTENCE.split(text):
            if len(sentence.split()) > _MOST_WORDS or "[" in sentence:
                continue
            if found and whole.search(sentence):
                kept.append(whole.sub(lambda one: f"[{one[0]}]", sentence, count=1))
                break
            if not found and some.search(sentence) and not whole.search(sentence):
                kept.append(sentence)
                break
        if len(kept) == 2:
            return kept
    return [*kept, *[_TO_WRITE] * (2 - len(kept))]
