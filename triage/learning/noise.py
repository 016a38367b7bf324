"""Noise added to clean texts at training time: typing errors, phone spelling, idle sentences, another order."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

# How often a word is hurt, once a text is chosen to be.
_SLIPS = 0.06
_RESPELT = 0.4
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


class NoiseTables(Strict):
    """`rules/noise.yaml`: words (or, after a hyphen, endings) and how they are typed; sentences beside the point."""

    spellings: dict[str, str]
    idle: list[str]


@dataclass(frozen=True)
class Noise:
    """Writes a text as somebody tired, hurried or talkative would."""

    words: dict[str, str]
    endings: tuple[tuple[str, str], ...]
    idle: Sequence[str]

    def spoil(self, text: str, seed: int | str) -> str:
        """`text` with one to three kinds of noise; the same for the same seed."""
        dice = random.Random(seed)  # noqa: S311 (not a secret: noise that can be repeated)
        kinds = [self._slips, self._respell, self._wander, self._shuffle, self._careless]
        for change in dice.sample(kinds, dice.choice((1, 2, 2, 3))):
            text = change(text, dice)
        return text

    def _slips(self, text: str, dice: random.Random) -> str:
        """Letters swapped, dropped or doubled."""

        def slip(found: re.Match[str]) -> str:
            word = found[0]
            if len(word) < 4 or dice.random() > _SLIPS * 2:
                return word
            i = dice.randrange(1, len(word) - 2)
            return dice.choice(
                (
                    word[:i] + word[i + 1] + word[i] + word[i + 2 :],
                    word[:i] + word[i + 1 :],
                    word[:i] + word[i] + word[i:],
                )
            )

        return _WORD.sub(slip, text)

    def _respell(self, text: str, dice: random.Random) -> str:
        """Words written as they sound, or shortened."""

        def spelt(found: re.Match[str]) -> str:
            word = found[0]
            if dice.random() > _RESPELT:
                return word
            known = self.words.get(word.lower().replace("’", "'"))
            if known:
                return known
            return next((word[: -len(end)] + new for end, new in self.endings if _ends(word, end)), word)

        return _WORD.sub(spelt, text)

    def _wander(self, text: str, dice: random.Random) -> str:
        """One to three sentences that have nothing to do with it."""
        sentences = _SENTENCE.split(text)
        for idle in dice.sample(list(self.idle), min(len(self.idle), dice.choice((1, 2, 3)))):
            sentences.insert(dice.randrange(len(sentences) + 1), idle)
        return " ".join(sentences)

    def _shuffle(self, text: str, dice: random.Random) -> str:
        """The same sentences, one of them told earlier or later."""
        sentences = _SENTENCE.split(text)
        if len(sentences) > 2:
            sentences.insert(dice.randrange(len(sentences)), sentences.pop(dice.randrange(len(sentences))))
        return " ".join(sentences)

    def _careless(self, text: str, dice: random.Random) -> str:
        """No capitals, no punctuation, or no apostrophes."""
        return dice.choice((text.lower, lambda: re.sub(r"[.,;:]", "", text), lambda: re.sub(r"['’]", " ", text)))()


def load_noise(rules: Path) -> Noise:
    """The noise of `rules`. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "noise.yaml", problems)
    tables = build(NoiseTables, file, problems) if file else None
    if problems or tables is None:
        raise DataError(problems)
    words = {written: typed for written, typed in tables.spellings.items() if not written.startswith("-")}
    endings = tuple((w[1:], typed) for w, typed in tables.spellings.items() if w.startswith("-"))
    return Noise(words, endings, tables.idle)


def _ends(word: str, end: str) -> bool:
    return len(word) > len(end) + 2 and word.lower().endswith(end)
