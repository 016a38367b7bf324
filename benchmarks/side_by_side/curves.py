"""How time follows the number of rules, and the length of the text."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import pandas as pd

from benchmarks.side_by_side.contenders import NOW, Work, ours
from benchmarks.side_by_side.timing import timed
from benchmarks.texts import reports, words
from triage.engine import Engine
from triage.intake.report import MAX_CHARACTERS, Report
from triage.settings import Settings
from triage.signals.catalogue import Catalogue, Entry, load
from triage.signals.matching import search
from triage.signals.rule import Signal

RULES = (100, 300, 1_000, 3_000, 10_000)
LENGTHS = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
READ_FIRST, READ = 200, 100
WORDS_A_LENGTH = 20_000
_LITERAL = re.compile(r"(?<![\w<=*’'-])\w+(?![\w>*’'-])")


def rules_curve(engine: Engine) -> pd.DataFrame:
    """The median time of `search` and of `assess`, for each number of rules, on the same texts."""
    contenders: dict[tuple[int, str], Work] = {}
    for number in RULES:
        grown = replace(engine, catalogue=catalogue_of(number, engine.catalogue))
        contenders[number, "recherche seule"] = _search(grown)
        contenders[number, "tri complet"] = ours(grown)
    named = {f"{number} {part}": work for (number, part), work in contenders.items()}
    texts = reports(READ_FIRST + READ)
    timed(named, texts[:READ_FIRST])
    taken = timed(named, texts[READ_FIRST:])
    return pd.DataFrame(
        {"rules": number, "part": part, "ms": pd.Series(taken[f"{number} {part}"]).median() * 1000}
        for number, part in contenders
    )


def _search(engine: Engine) -> Work:
    """Reading and searching, which the number of rules may change."""
    return lambda text: search(engine.reader.read(Report(text), NOW), engine.catalogue)


def catalogue_of(number: int, real: Catalogue) -> Catalogue:
    """`number` rules: real ones, then copies in each of whose phrases a word has become another of the corpus."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("lexicon", "cues"):
            (Path(folder) / name).symlink_to((Settings().rules / name).resolve())
        (Path(folder) / "signals").mkdir()
        grown = load(Path(folder), real.tokenizer)
    for signal in islice(_signals(real), number):
        grown.signals[signal.id] = signal
        entry = Entry(signal, "signal")
        for phrase in signal.phrases:
            grown.phrases.add(phrase, entry)
    return grown


def _signals(real: Catalogue) -> Iterator[Signal]:
    chance = random.Random(7)
    known = [signal for signal in real.signals.values() if signal.phrases]
    chance.shuffle(known)
    yield from known
    others = [word for word in words() if word.isalpha()]
    for turn in count(1):
        for signal in known:
            phrases = [_altered(phrase, chance.choice(others), chance) for phrase in signal.phrases]
            yield signal.model_copy(update={"id": f"{signal.id}_{turn}", "phrases": phrases})


def _altered(phrase: str, word: str, chance: random.Random) -> str:
    literal = list(_LITERAL.finditer(phrase))
    if not literal:
        return f"{phrase} {word}"
    start, end = chance.choice(literal).span()
    return phrase[:start] + word + phrase[end:]


def length_curve(engine: Engine) -> pd.DataFrame:
    """The median time of the whole and of its parts, for each length. `assess` takes texts up to its own limit."""
    assert engine.model is not None
    probabilities = engine.model.classifier.probabilities

    def parts(text: str) -> object:
        document = engine.reader.read(Report(text), NOW)
        return probabilities(document, search(document, engine.catalogue))

    rows = []
    for size in LENGTHS:
        texts = reports(max(3, min(READ, WORDS_A_LENGTH // size)) + 1, size)
        works: dict[str, Work] = {"lecture, recherche et modèle": parts}
        if all(len(text) <= MAX_CHARACTERS for text in texts):
            works["tri complet"] = ours(engine)
        taken = timed(works, _warm(works, texts))
        rows += [{"words": size, "part": name, "ms": pd.Series(taken[name]).median() * 1000} for name in works]
    return pd.DataFrame(rows)


def _warm(works: dict[str, Work], texts: Sequence[str]) -> Sequence[str]:
    """Reads the texts once, so that the words of none are new; gives them back."""
    timed(works, texts)
    return texts
