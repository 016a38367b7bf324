"""Disguised spelling is undone, and every clean character still points at the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.cleaning import Cleaner, SpellingTables

KNOWN = {"crever", "tuer", "mort", "salope", "connard", "tuee"}
CLEANER = Cleaner(
    SpellingTables(
        abbreviations={"jvais": "je vais", "pk": "pourquoi"},
        leet={"3": "e", "0": "o", "@": "a", "1": "il", "$": "s"},
        lookalikes={"а": "a", "е": "e"},
    ),
    lambda word: word.lower() in KNOWN,
    maskable=["salope", "connard"],
)


@pytest.mark.parametrize(
    ("told", "clean"),
    [
        ("je vais te cr3v3r", "je vais te crever"),
        ("t u e r", "tuer"),
        ("t.u.e.r et t-u-e-r", "tuer et tuer"),
        ("à l a fin", "à l a fin"),
        ("mooooort", "mort"),
        ("s@lope", "salope"),
        ("c*nnard", "connard"),
        ("j’ai peur", "j'ai peur"),
        ("jvais savoir pk", "je vais savoir pourquoi"),
        ("cr\u200bever", "crever"),
        ("𝓂𝓸𝓻𝓽", "mort"),
        ("crеvеr", "crever"),  # two Cyrillic letters
        ("rendez-vous le 3 mars à 17h30", "rendez-vous le 3 mars à 17h30"),
        ("maire@ville.fr, www.ville.fr", "maire@ville.fr, www.ville.fr"),
        ("code 4521, lot n° 3", "code 4521, lot n° 3"),
    ],
)
def test_plain_spelling(told: str, clean: str) -> None:
    assert CLEANER.clean(told).text == clean


@pytest.mark.parametrize(
    ("told", "word"), [("il dit cr3v3r !", "crever"), ("jvais te t u e r demain", "tuer"), ("ok mooooort ok", "mort")]
)
def test_a_cleaned_word_points_at_the_original(told: str, word: str) -> None:
    copy = CLEANER.clean(told)
    start = copy.text.index(word)
    first, last = copy.original_span(start, start + len(word))
    assert told[first:last].replace(" ", "").lower() in {"cr3v3r", "tuer", "mooooort"}


@given(st.text(max_size=300))
def test_offsets_hold_for_any_text(text: str) -> None:
    copy = CLEANER.clean(text)
    assert len(copy.starts) == len(copy.ends) == len(copy.text)
    for start, end in zip(copy.starts, copy.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert list(copy.starts) == sorted(copy.starts)
