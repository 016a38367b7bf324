"""The same thing is the same mark throughout an export, and the marks of two exports do not meet."""

from __future__ import annotations

import time

import pytest

from triage.desk.policies import load_policies
from triage.engine import Engine
from triage.learning.pseudonyms import Identifiers, Pseudonyms
from triage.settings import Settings


@pytest.fixture(scope="module")
def find(engine: Engine) -> Identifiers:
    return Identifiers(Settings().rules, load_policies(Settings().rules, engine))


@pytest.fixture
def marks(engine: Engine) -> Pseudonyms:
    return Pseudonyms(load_policies(Settings().rules, engine).extraction.labels)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Au 06 39 98 12 34, puis au +33639981234.", "Au [TÉLÉPHONE 1], puis au [TÉLÉPHONE 1]."),
        ("M. Jean Perrucat crie. Perrucat boit. PERRUCAT !", "M. [NOM 1] crie. [NOM 1] boit. [NOM 1] !"),
        ("Lucie Ferrand et M. Kergoat ; Lucie pleure.", "[NOM 1] et M. [NOM 2] ; [NOM 1] pleure."),
        ("A.B@exemple.fr, a.b @ exemple.fr", "[COURRIEL 1], [COURRIEL 1]"),
        ("https://www.faux.example/a et faux.example/a/", "[LIEN 1] et [LIEN 1]"),
        ("@zorglub_34 dit @Zorglub_34", "[COMPTE 1] dit [COMPTE 1]"),
        ("plaque AB-123-CD, plaque ab 123 cd", "plaque [PLAQUE 1], plaque [PLAQUE 1]"),
    ],
)
def test_variants_are_one_thing(find: Identifiers, marks: Pseudonyms, text: str, left: str) -> None:
    assert marks(text, find(text)) == left


def test_from_one_text_to_the_next(find: Identifiers, marks: Pseudonyms) -> None:
    told = ["Appel du 06 39 98 12 34.", "Appel du 06 39 98 55 66.", "Encore le 0639981234."]
    assert [marks(text, find(text)) for text in told] == [
        "Appel du [TÉLÉPHONE 1].",
        "Appel du [TÉLÉPHONE 2].",
        "Encore le [TÉLÉPHONE 1].",
    ]
    assert marks.replaced == {"telephone": 3}


@pytest.mark.parametrize("hostile", ["a.", "Aa-", "www.", "("])
def test_a_text_made_to_last_takes_no_longer_than_another(find: Identifiers, hostile: str) -> None:
    size = 10_000

    def seconds(text: str) -> float:
        begun = time.process_time()
        find(text[:size])
        return time.process_time() - begun

    ordinary = "Je suis maire et Jean Perrucat me menace au 06 39 98 12 34, écrit a.b@exemple.fr. "
    assert seconds(hostile * size) < 5 * seconds(ordinary * size)


def test_the_secret_of_an_export_is_its_own(engine: Engine) -> None:
    labels = load_policies(Settings().rules, engine).extraction.labels
    one, other = Pseudonyms(labels), Pseudonyms(labels)
    assert one.keyed("case", "a") == one.keyed("case", "a") != other.keyed("case", "a")


def test_no_mark_keeps_what_it_stands_for(find: Identifiers, marks: Pseudonyms) -> None:
    marks("Jean Perrucat, 06 39 98 12 34", find("Jean Perrucat, 06 39 98 12 34"))
    assert "perrucat" not in repr(vars(marks)).lower() and "39981234" not in repr(vars(marks))
