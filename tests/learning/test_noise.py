"""Noise makes a text look hurried; it never changes what happened, nor varies from one training to the next."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.learning.noise import Noise, load_noise
from triage.settings import Settings

NOISE = load_noise(Settings().rules)
TOLD = "Il m'a écrit hier soir. Depuis, je ne dors plus. Je voudrais savoir quoi faire."


def test_the_same_seed_gives_the_same_text() -> None:
    assert NOISE.spoil(TOLD, "a-1") == NOISE.spoil(TOLD, "a-1")
    assert len({NOISE.spoil(TOLD, f"a-{i}") for i in range(30)}) > 15


@given(st.text(max_size=200), st.integers())
def test_any_text_can_be_spoiled(text: str, seed: int) -> None:
    assert isinstance(NOISE.spoil(text, seed), str)


@pytest.mark.parametrize("seed", range(40))
def test_what_decides_is_still_there(seed: int) -> None:
    """Most of the words remain, whatever befalls their letters and order."""
    spoiled = NOISE.spoil(TOLD, seed).lower().replace("'", " ")
    kept = [word for word in ("écrit", "hier", "soir", "depuis", "dors", "savoir") if word in spoiled]
    assert len(kept) >= 3


def test_words_are_typed_as_they_sound() -> None:
    noise = Noise({"que": "ke"}, (("-er"[1:], "é"),), ())
    typed = {noise._respell("il faut que je vienne parler", random.Random(i)) for i in range(30)}
    assert "il faut ke je vienne parlé" in typed
