"""What guards the corpus: texts too alike, labels that look wrong."""

from __future__ import annotations

import numpy as np

from triage.learning.corpus import Example
from triage.learning.doubts import doubts
from triage.learning.duplicates import near_duplicates
from triage.learning.training import Material


def example(identifier: str, text: str, primary: str = "injure", flags: str = "", pair: str = "") -> Example:
    axes = {"pair": pair} if pair else {}
    return Example(identifier, text, "report", (primary,), primary, "guided", tuple(flags.split()), axes=axes)


LONG = "Depuis lundi un inconnu écrit sous chaque publication de la mairie que je mens aux habitants du bourg"


def test_near_copies_are_found_and_pairs_are_left_alone() -> None:
    found = near_duplicates(
        [
            example("a-1", LONG),
            example("a-2", "Le site est tombé cette nuit, plus rien ne répond depuis minuit."),
            example("b-1", LONG.upper() + " ."),
            example("c-1", "Ma boîte a été vidée par quelqu'un qui connaît mon mot de passe.", pair="p"),
            example("c-2", "Ma boîte a été vidée par quelqu'un qui connaît mon mot de passe !", pair="p"),
        ]
    )
    assert [(one, other) for one, other, _ in found] == [("a-1", "b-1")]


def test_a_label_that_the_model_finds_absurd_is_shown() -> None:
    names = ["primary:injure", "primary:virus", "flag:arme"]
    texts = [example("a", LONG), example("b", LONG, primary="virus"), example("c", LONG, flags="arme")]
    chances = np.array([[0.9, 0.1, 0.01], [0.95, 0.02, 0.99], [0.9, 0.0, 0.03]], np.float32)
    found = doubts(Material(texts, [], []), names, chances)
    assert {(one.id, one.head, one.instead) for one in found} == {
        ("b", "primary:virus", "primary:injure"),
        ("b", "sans flag:arme", "flag:arme"),
        ("c", "flag:arme", "sans flag:arme"),
    }
