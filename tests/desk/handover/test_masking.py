"""What is masked is nowhere any more, however it is written; the same person is always the same mark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from triage.desk.handover.folded import folded, words
from triage.desk.handover.masking import Cut, Mask, Term, masked
from triage.desk.handover.names import Finder
from triage.desk.handover.policy import RedactionRules
from triage.desk.office import DeskError
from triage.desk.policies import load_policies
from triage.engine import Engine
from triage.settings import Settings

PASSAGES = yaml.safe_load((Path(__file__).parent / "names.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rules(engine: Engine) -> RedactionRules:
    return load_policies(Settings().rules, engine).handover.redaction


def mask(rules: RedactionRules, *terms: tuple[str, str]) -> Mask:
    return Mask([Term(kind, text) for kind, text in terms], rules.labels, rules.within, rules.particles)


def plain(text: str) -> str:
    return " ".join(words(text))


@pytest.mark.parametrize(
    "text, left",
    [
        ("Jeanne Valmont est là.", "[personne 1] est là."),
        ("JEANNE VALMONT, jeanne-valmont, Jéanne\nVALMONT", "[personne 1], [personne 1], [personne 1]"),
        ("Mme Valmont et Jeanne", "Mme [personne 1] et [personne 1]"),
        ("écris à @jeannevalmont42 ou jeanne_valmont.jpg", "écris à @[personne 1] ou [personne 1].jpg"),
        ("V\u200balm\u00adont et Va\u0301lmont et 𝐕𝐚𝐥𝐦𝐨𝐧𝐭", "[personne 1] et [personne 1] et [personne 1]"),
        ("la Valmontoise", "la [personne 1]"),
        ("au val, au mont", "au val, au mont"),
    ],
)
def test_a_person_is_masked_however_written(rules: RedactionRules, text: str, left: str) -> None:
    assert mask(rules, ("personne", "Jeanne Valmont"))(text) == left


def test_a_short_name_is_masked_alone_only(rules: RedactionRules) -> None:
    assert mask(rules, ("personne", "Luc"))("Luc, LUC et la réluctance de Lucie") == (
        "[personne 1], [personne 1] et la réluctance de Lucie"
    )


def test_a_particle_is_not_masked_alone(rules: RedactionRules) -> None:
    hidden = mask(rules, ("personne", "Hugues de la Tour"))
    assert hidden("la tour de Hugues de la Tour") == "la [personne 1] de [personne 1]"


@pytest.mark.parametrize(
    "text", ["06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "06.39.98.12.34", "(0033)639981234"]
)
def test_a_number_is_masked_however_spaced(rules: RedactionRules, text: str) -> None:
    left = mask(rules, ("telephone", "06 39 98 12 34"))(f"appelez {text} vite")
    assert "39" not in left and "[téléphone 1]" in left and left.endswith(" vite")


def test_an_iban_is_masked_with_and_without_spaces(rules: RedactionRules) -> None:
    hidden = mask(rules, ("iban", "FR76 3000 6000 0112 3456 7890 189"))
    assert hidden("fr7630006000011234567890189 / FR76 3000 6000 0112 3456 7890 189") == "[IBAN 1] / [IBAN 1]"


def test_those_who_share_a_name_are_told_apart(rules: RedactionRules) -> None:
    hidden = mask(rules, ("personne", "Jeanne Valmont"), ("personne", "Paul Valmont"), ("personne", "Valmont"))
    assert hidden("Jeanne Valmont, Paul Valmont, Paul") == "[personne 1], [personne 2], [personne 2]"


def test_terms_that_overlap_leave_nothing(rules: RedactionRules) -> None:
    hidden = mask(rules, ("personne", "Jean Durand"), ("nom", "Durand Menuiserie"))
    assert "menuiserie" not in hidden("Jean Durand Menuiserie").lower()


def test_a_piece_cut_out_of_a_text_keeps_no_half_of_an_address(rules: RedactionRules) -> None:
    hidden = mask(rules, ("adresse", "12 rue des Lilas"))
    assert hidden(Cut("j'habite 12 rue des")) == "j'habite [adresse 1]"
    assert hidden(Cut("Lilas, et après")) == "[adresse 1], et après"
    assert hidden(Cut("… ilas est loin, au 12 ru …")) == "… est loin, au [adresse 1] …"


def test_trees_are_masked_leaf_by_leaf(rules: RedactionRules) -> None:
    tree = {"Valmont": ["Valmont", ("x", {"y": "M. Valmont"})], "n": 3, "b": True}
    assert masked(tree, mask(rules, ("nom", "Valmont"))) == {
        "Valmont": ["[nom 1]", ["x", {"y": "M. [nom 1]"}]],
        "n": 3,
        "b": True,
    }


def test_nothing_masked_changes_nothing(rules: RedactionRules) -> None:
    assert mask(rules)("Jeanne Valmont") == "Jeanne Valmont" and not mask(rules)


@pytest.mark.parametrize("typed, said", [("a", "trop court"), ("!!", "trop court"), ("Personne", "remplace")])
def test_what_cannot_be_masked_is_said(rules: RedactionRules, typed: str, said: str) -> None:
    with pytest.raises(DeskError, match=said):
        mask(rules, ("mot", typed))


WORD = st.text("abcdeéèEÉ -'.12\n", min_size=1, max_size=14).filter(lambda one: len("".join(words(one))) > 1)


LABEL = r"\[zz \d+\]"


@example(["1.1"], ["11"])
@example(["1.bcb"], ["", "bcb"])
@given(st.lists(WORD, min_size=1, max_size=4), st.lists(WORD | st.text(max_size=10), max_size=8))
def test_no_masked_word_is_ever_left(engine: Engine, terms: list[str], others: list[str]) -> None:
    labels = {"mot": "zz"}
    hidden = Mask([Term("mot", one) for one in terms], labels, 6)
    text = " ".join(part for pair in zip(others, terms * len(others), strict=False) for part in pair)
    left = f" {plain(re.sub(LABEL, ' zz ', hidden(text)))} "  # the number of a label is no word of the text
    assert not [one for one in terms if f" {plain(one)} " in left]
    assert not [one for one in terms if len("".join(words(one))) >= 6 and plain(one) in left]


@given(st.text())
def test_folding_never_loses_its_place(text: str) -> None:
    told = folded(text)
    assert len(told.text) == len(told.origins) and all(0 <= place < len(text) for place in told.origins)
    assert list(told.origins) == sorted(told.origins)


# --- What is proposed ---------------------------------------------------------------------------------------------


def missed(rules: RedactionRules, passage: dict[str, object]) -> tuple[list[str], list[str]]:
    """What is left of what was to be proposed, and what is masked that was not to be."""
    text = str(passage["text"])
    left = plain(Mask(Finder(rules)(text), rules.labels, rules.within, rules.particles)(text))
    kept, gone = passage.get("find", []), passage.get("not", [])
    return [one for one in kept if plain(one) in left], [one for one in gone if plain(one) not in left]  # type: ignore[attr-defined]


def test_what_the_page_says_of_itself_is_what_is_measured(rules: RedactionRules) -> None:
    tried = sum(len(one["find"]) for one in PASSAGES)
    left = [name for one in PASSAGES for name in missed(rules, one)[0]]
    assert (rules.measured.tried, rules.measured.found) == (tried, tried - len(left)), left
    assert rules.measured.found / tried > 0.9


def test_common_words_are_not_proposed(rules: RedactionRules) -> None:
    assert [name for one in PASSAGES for name in missed(rules, one)[1]] == []


def test_a_long_text_is_searched_quickly(rules: RedactionRules) -> None:
    """Twice the text takes about twice the time: a whole correspondence is searched while a page is made."""
    from time import process_time

    def seconds(times: int) -> float:
        text = "".join(one["text"] + " " for one in PASSAGES) * times
        start = process_time()
        list(Finder(rules)(text))
        return process_time() - start

    seconds(1)
    assert seconds(8) < 6 * max(seconds(4), 0.02)
