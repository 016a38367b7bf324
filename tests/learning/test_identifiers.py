"""What designates somebody is found in labelled sentences, and ordinary words are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.desk.extraction import KINDS, NAMES, ExtractionPolicy
from triage.desk.policies import load_policies
from triage.document.folding import fold
from triage.engine import Engine
from triage.errors import DataError
from triage.learning.identifiers.numbers import said, telephone
from triage.learning.pseudonyms import Identifiers
from triage.learning.recall import Recalled, Sentence, harmless, load_sentences, recalled
from triage.settings import Settings

FILE = Path(__file__).parent / "identifiers.jsonl"
SENTENCES = load_sentences(FILE, KINDS)


@pytest.fixture(scope="module")
def find(engine: Engine) -> Identifiers:
    rules = Settings().rules
    return Identifiers(rules, load_policies(rules, engine))


@pytest.fixture(scope="module")
def policy(engine: Engine) -> ExtractionPolicy:
    return load_policies(Settings().rules, engine).extraction


@pytest.fixture(scope="module")
def aside(find: Identifiers) -> Recalled:
    """What is found in the sentences that nothing was tuned on."""
    return recalled([one for one in SENTENCES if one.half == "essai"], find)


def test_the_set_is_large_and_a_part_of_it_is_kept_aside() -> None:
    assert len(SENTENCES) >= 250
    assert len([one for one in SENTENCES if one.half == "essai"]) >= 150
    assert {kind for one in SENTENCES for kind, _, _ in one.spans} == set(KINDS) - {"numero"}


@pytest.mark.parametrize("half", ["reglage", "essai"])
def test_identifiers_of_a_fixed_shape_are_found(find: Identifiers, policy: ExtractionPolicy, half: str) -> None:
    tried, found = recalled([one for one in SENTENCES if one.half == half], find).of(policy.structured)
    assert tried >= 100
    assert found / tried >= 0.98


def test_the_notice_says_what_is_measured(aside: Recalled, policy: ExtractionPolicy) -> None:
    structured, names = policy.measured.structured, policy.measured.names
    assert aside.of(policy.structured) == (structured.tried, structured.found)
    assert aside.of(NAMES) == (names.tried, names.found)
    assert (aside.words, aside.taken) == (policy.measured.words.tried, policy.measured.words.found)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Appelez le 06 39 98 12 34 ou le 02 61 91 40 32.", "Appelez le # ou le #."),
        ("O6.39.98.12.34 ou +33 (0)6 39 98 12 34", "# ou #"),
        ("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre, merci", "#, merci"),
        ("paulette.grandin arobase exemple point fr", "#"),
        ("m . durand @ exemple . fr et k[at]exemple[.]fr", "# et #"),
        ("mon insta c'est lulu_33, mon facebook c'est privé", "mon insta c'est #, mon facebook c'est privé"),
        ("le lien http://faux.example/a?b=1. Voilà", "le lien #. Voilà"),
        ("il est sur facebook.com et sur impots.gouv.fr", "il est sur facebook.com et sur impots.gouv.fr"),
        ("une Clio AB-123-CD ; il y en a de 200 en tout", "une Clio # ; il y en a de 200 en tout"),
        ("le 14/03/2026, 14 messages, 18 460,50 €", "le 14/03/2026, 14 messages, 18 460,50 €"),
        ("c'est une adresse de dingue, un c@fard", "c'est une adresse de dingue, un c@fard"),
        ("dossier 202603118457, on réclame 1 250 000 000 €", "dossier #, on réclame 1 250 000 000 €"),
        ("Voulez-vous ma plainte ? Auriez-vous un avis ?", "Voulez-vous ma plainte ? Auriez-vous un avis ?"),
        ("j'habite 8 r. du moulin et mme perrucat au 9", "j'habite # et mme # au 9"),
        ("", ""),
    ],
)  # fmt: skip
def test_shapes(find: Identifiers, text: str, left: str) -> None:
    for one in reversed(find(text)):
        text = text[: one.start] + "#" + text[one.end :]
    assert text == left


@pytest.mark.parametrize(
    "told", ["06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "0033 (0)6.39.98.12.34", "O6-39-98-l2-34"]
)
def test_one_telephone_however_it_is_written(told: str) -> None:
    assert telephone(told) == "639981234"


def test_a_telephone_told_in_words(policy: ExtractionPolicy) -> None:
    told = "zéro six trente neuf quatre-vingt-dix-huit soixante douze vingt et un"
    assert telephone(said(told, {fold(word): value for word, value in policy.numbers.items()})) == "639987221"


def test_an_identifier_half_hidden_is_not_found() -> None:
    sentence = Sentence("1", "", "Jean Valmont est là", (("nom", 0, 12),))
    told = recalled([sentence], lambda text: [])
    assert (told.of(["nom"]), told.words, told.taken) == ((1, 0), 2, 0)


def test_sentences_without_capital_nor_digit_are_the_ordinary_ones() -> None:
    texts = ["Il a crié devant la mairie. Il a cité Paul hier soir. J'ai reçu 3 lettres ce jour. Trop court."]
    assert [one.text for one in harmless(texts)] == ["Il a crié devant la mairie."]


def test_faults_of_a_set_are_said_with_their_line(tmp_path: Path) -> None:
    lines = [{"text": "a", "spans": [{"kind": "nom", "start": 0, "end": 9}]}, {"text": "a"}, "x"]
    lines.append({"text": "ab", "spans": [{"kind": "âge", "start": 0, "end": 2}]})
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_sentences(path, KINDS)
    assert [one.where.line for one in caught.value.problems] == [1, 2, 3, 4]
    with pytest.raises(DataError, match="illisible"):
        load_sentences(tmp_path / "b.jsonl", KINDS)
