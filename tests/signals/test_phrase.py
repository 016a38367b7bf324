"""The phrase language: what can be written, and what is said of mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.document.folding import fold
from triage.signals.automaton import Edges
from triage.signals.lexicon import Inflections, Lexicon
from triage.signals.phrase import PhraseError, parse
from triage.signals.trie import PhraseTrie


def finds(phrase: str, text: str) -> list[str]:
    """The words of `text` that `phrase` finds; sentences end at « . »."""
    lexicon = Lexicon()
    inflections = Inflections({"er": ["e", "es", "é", "erai", "er"]}, {})
    trie: PhraseTrie[str] = PhraseTrie(lexicon, inflections, lambda word: word.split("-"), {"<famille>"})
    trie.add(phrase, "x")
    for word in ("femme", "fils"):
        lexicon.add_form(word, "<famille>")
    words = text.split()
    forms = [fold(word) for word in words]
    edges = Edges([lexicon.symbols(form) for form in forms])
    stops = [next((j + 1 for j in range(i, len(words)) if words[j] == "."), len(words)) for i in range(len(words))]
    return [" ".join(words[start:end]) for _, start, end in trie.walk(edges, stops)]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("te tuer", "je vais Te Tuer demain", ["Te Tuer"]),
        ("=tuer", "il tue et tuerai", ["tue", "tuerai"]),
        ("menac*", "des menaces menaçantes", ["menaces", "menaçantes"]),
        ("ta <famille>", "ta femme et ta maison", ["ta femme"]),
        ("(je|on) te (vois|suis)", "on te suis", ["on te suis"]),
        ("je (ne|) dors (plus|pas)", "je dors plus", ["je dors plus"]),
        ("je (ne|) dors (plus|pas)", "je ne dors pas", ["je ne dors pas"]),
        ("il … tuer", "il veut bien me tuer", ["il veut bien me tuer"]),
        ("il … tuer", "il veut vraiment bien me tuer", []),
        ("il …6 tuer", "il veut vraiment bien me tuer", ["il veut vraiment bien me tuer"]),
        ("il … tuer", "il part . tuer", []),
        ("(tout de suite|maintenant) ici", "viens tout de suite ici", ["tout de suite ici"]),
    ],
)
def test_finds(phrase: str, text: str, found: list[str]) -> None:
    assert finds(phrase, text) == found


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("", "vide"),
        ("(a|b", "sans être fermée"),
        ("a)", "sans être ouverte"),
        ("a|b", "entre parenthèses"),
        ("… tuer", "ne commence ni ne termine"),
        ("tuer …40 toi", "de 1 à 12"),
        ("ab*", "au moins 3 lettres"),
        ("<Famille>", "en minuscules"),
        ("(a|)", "facultatif"),
    ],
)
def test_mistakes_are_explained(phrase: str, said: str) -> None:
    with pytest.raises(PhraseError, match=said):
        parse(phrase)


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(PhraseError, match="<inconnu>"):
        finds("<inconnu> x", "y")


@given(st.text(alphabet="abé (|)…<>=*3 ", max_size=25))
def test_any_phrase_parses_or_says_why(phrase: str) -> None:
    try:
        assert parse(phrase)
    except PhraseError as error:
        assert str(error)
