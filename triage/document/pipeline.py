"""spaCy's French tokenizer, without the seconds that `blank("fr")` takes to build it."""

from __future__ import annotations

import re
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import spacy
from spacy.lang.char_classes import ALPHA, ALPHA_LOWER
from spacy.language import BaseDefaults
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.vocab import create_vocab

CACHE_NAME = f"tokenizer-fr-{version('spacy')}-2.bin"
_LETTER = r"[^\W\d_]"
# spaCy looks at the whole of a word again for each sign that it takes off: five thousand « ! » in a row take seconds.
_ENDLESS = re.compile(r"\S{100}(?=\S)")


class FrenchPipeline:
    """Tokens and sentences of French text.

    A serialised tokenizer loads in 0.1 s where building one takes 2 to 4 s: the first call writes it to
    `cache` (a folder) and later ones read it back. An unreadable cache is built again.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._tokenizer = _load(cache / CACHE_NAME) if cache else None
        if self._tokenizer is None:
            self._tokenizer = _build()
            if cache:
                _save(self._tokenizer, cache / CACHE_NAME)

    @property
    def tokenizer(self) -> Tokenizer:
        """The spaCy tokenizer; calling it on a text gives a `Doc`."""
        assert self._tokenizer is not None
        return self._tokenizer


def tokenize(tokenizer: Tokenizer, text: str) -> Doc:
    """`text` in tokens; what goes on and on without a space is cut first, whatever it is."""
    cuts = [0, *(match.end() for match in _ENDLESS.finditer(text)), len(text)]
    docs: list[Doc] = [tokenizer(text[start:end]) for start, end in pairwise(cuts)]
    if len(docs) == 1:
        return docs[0]
    tokens = [token for doc in docs for token in doc]
    return Doc(tokenizer.vocab, [token.text for token in tokens], [bool(token.whitespace_) for token in tokens])


def _build() -> Tokenizer:
    """The tokenizer of `blank("fr")`, its expression for whole words spelt shorter.

    spaCy writes out every letter of every script some 480 times (1.4 MB, 1.9 s to compile at each start); « a letter »
    says the same of French words in 13 kB.
    """
    tokenizer: Tokenizer = spacy.blank("fr").tokenizer
    expression = tokenizer.token_match.__self__.pattern
    for letters in (ALPHA_LOWER, ALPHA):
        spelt_out = re.compile(rf"\[([^\[\]]*){re.escape(letters)}([^\[\]]*)\]")
        expression = spelt_out.sub(_shorter, expression)
    tokenizer.token_match = re.compile(expression).match
    return tokenizer


def _shorter(spelt_out: re.Match[str]) -> str:
    others = spelt_out[1] + spelt_out[2]
    return f"(?:[{others}]|{_LETTER})" if others else _LETTER


def _load(path: Path) -> Tokenizer | None:
    if not path.is_file():
        return None
    try:
        return Tokenizer(create_vocab("fr", BaseDefaults)).from_disk(path)
    except Exception:  # a cache cut short by a crash: any error means "build it again"
        return None


def _save(tokenizer: Tokenizer, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        tokenizer.to_disk(unfinished)
        unfinished.replace(path)
    except OSError:
        return  # a read-only disk costs two seconds at every start, nothing more
