"""Lexical fields and inflections: which classes of words a word belongs to."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from importlib.resources import files

from triage.document.folding import fold

_SHORTEST_PREFIX = 3
_CACHE_LIMIT = 50_000


class Lexicon:
    """Answers, for a folded word, every symbol that it can stand for in a phrase.

    Symbols are the folded word itself, « =lemme », « préfixe* » and « <champ> ». What no phrase uses is not kept.
    """

    def __init__(self) -> None:
        self._by_form: dict[str, set[str]] = {}
        self._prefixes: dict[str, set[str]] = {}
        self._cache: dict[str, frozenset[str]] = {}

    def add_form(self, form: str, symbol: str) -> None:
        """Let the folded word `form` stand for `symbol`."""
        self._by_form.setdefault(form, set()).add(symbol)

    def add_prefix(self, prefix: str, symbol: str) -> None:
        """Let every word that begins with the folded `prefix` stand for `symbol`."""
        self._prefixes.setdefault(prefix, set()).add(symbol)

    @property
    def words(self) -> frozenset[str]:
        """All that it knows (see `knows`)."""
        return frozenset(self._by_form)

    def knows(self, form: str) -> bool:
        """Whether some phrase has `form` as one of its words (prefixes do not count)."""
        return form in self._by_form

    def forms_of(self, symbol: str) -> list[str]:
        """The words that stand for `symbol`."""
        return [form for form, symbols in self._by_form.items() if symbol in symbols]

    def symbols(self, form: str) -> frozenset[str]:
        """Every symbol that the folded word `form` stands for; empty for a word that no phrase has."""
        known = self._cache.get(form)
        if known is None:
            found = set(self._by_form.get(form, ()))
            for end in range(_SHORTEST_PREFIX, len(form) + 1):
                if more := self._prefixes.get(form[:end]):
                    found |= more
            known = frozenset(found)
            if len(self._cache) < _CACHE_LIMIT:
                self._cache[form] = known
        return known


class Inflections:
    """Every inflected form of a lemma, from spaCy's lookup table and the regular endings of `endings`.

    The table gives an ambiguous form to one lemma only (« tue » to « taire »), hence the endings for the verbs
    that follow a regular pattern: {"er": ["e", "es", …]}.
    """

    def __init__(self, endings: dict[str, list[str]], irregular: dict[str, list[str]]) -> None:
        self._endings = endings
        self._irregular = irregular

    def of(self, lemma: str) -> set[str]:
        """The folded forms of `lemma`, itself included."""
        forms = {fold(lemma), *(fold(form) for form in self._irregular.get(lemma, ()))}
        forms.update(fold(form) for form in _table().get(lemma, ()))
        for ending, replacements in self._endings.items():
            if lemma.endswith(ending) and len(lemma) > len(ending) + 1:
                stem = fold(lemma)[: -len(ending)]
                forms.update(_soften(stem, suffix) for suffix in replacements)
        return forms


def forget_inflections() -> None:
    """Lets go of spaCy's table, which is read again when a lemma is asked for."""
    _table.cache_clear()


def _soften(stem: str, suffix: str) -> str:
    """`stem` + `suffix`, with the e that keeps a soft g: « bouge » + « ons » → « bougeons »."""
    return f"{stem}e{suffix}" if stem.endswith("g") and suffix[:1] in ("a", "o") else stem + suffix


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    """Lemma → forms, from spacy-lookups-data (about 217,000 forms, read once)."""
    source = files("spacy_lookups_data") / "data" / "fr_lemma_lookup.json.gz"
    lookup = json.loads(gzip.decompress(source.read_bytes()))
    table: dict[str, list[str]] = {}
    for form, lemma in lookup.items():
        for one in lemma if isinstance(lemma, list) else (lemma,):
            table.setdefault(one, []).append(form)
    return table
