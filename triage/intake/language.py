"""Is the text French? Counted on spaCy's function words, which are the same for any subject."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from triage.intake.report import Report

_LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl", "pl", "ro", "tr")
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 6
# No other language shares so many of its words with French function words.
_SURELY = 0.35


@lru_cache(maxsize=1)
def _function_words() -> dict[str, frozenset[str]]:
    return {code: _stop_words(code) for code in _LANGUAGES}


def _stop_words(code: str) -> frozenset[str]:
    """spaCy's stop words of a language, read apart from its package: importing `spacy.lang.fr` takes seconds."""
    path = Path(str(files("spacy"))) / "lang" / code / "stop_words.py"
    spec = spec_from_file_location(f"stop_words_{code}", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return frozenset(module.STOP_WORDS)


def language_of(text: str) -> str | None:
    """The language of `text` (two letters), "" if it is none that is known, None when it is too short to tell."""
    words = [word.lower() for word in _WORD.findall(text[:4000])]
    if len(words) < _ENOUGH:
        return None
    french = sum(word in _function_words()["fr"] for word in words)
    if french / len(words) > _SURELY:
        return "fr"
    counts = {code: sum(word in known for word in words) for code, known in _function_words().items()}
    best = max(counts, key=lambda code: (counts[code], code == "fr"))
    if counts["fr"] * 1.15 >= counts[best] and counts["fr"] / len(words) > 0.1:
        return "fr"
    return best if counts[best] / len(words) > 0.15 else ""


def understood(report: Report) -> bool:
    """Whether the engine can have read the words of `report`: in Latin letters, and not those of another language.

    A message is too short and too slangy for its language to be sure; one without letters is a reaction.
    """
    latin = any(c.isalpha() and unicodedata.name(c, "").startswith("LATIN") for c in report.text)
    if report.kind == "message":
        return latin or not any(map(str.isalpha, report.text))
    return latin and language_of(report.text) in ("fr", None)
