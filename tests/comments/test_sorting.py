"""One comment: what is kept of it, and what it can decide alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.comments.conftest import KEY
from tests.comments.exports import BEGIN, export_of
from tests.conftest import NOW
from triage.comments.comment import Comment
from triage.comments.policy import CommentsPolicy
from triage.comments.sorting import Sorted, sort_batch, sort_one
from triage.comments.tally import Tally
from triage.engine import Engine


def comment(text: str, author: str = "Jean") -> Comment:
    return Comment(1, author, text, BEGIN, "https://exemple.fr/1")


@pytest.mark.parametrize(
    "text",
    [
        "👍",
        "❤️❤️",
        "Bravo à toute l'équipe !",
        "Vous êtes incompétents, démissionnez.",
        "Vous allez payer aux prochaines élections",
        "Je suis mort de rire",
        "On va se battre contre ce projet au tribunal",
        "https://exemple.fr/page",
    ],
)
def test_harmless(engine: Engine, text: str) -> None:
    assert sort_one(engine, comment(text), NOW) is None


@pytest.mark.parametrize(
    ("text", "kind", "level"),
    [
        ("Je vais te tuer", "menace", "urgent"),
        ("Une balle dans la tête, c'est tout ce que tu mérites", "menace", "urgent"),
        ("Sale arabe, rentre dans ton pays", "haine", "agent"),
        ("Espèce de connard", "injure", "guided"),
        (
            "Sa maison : 8 impasse du Lavoir, portail vert, elle rentre vers 19 h. Faites-vous plaisir.",
            "doxing",
            "urgent",
        ),
    ],
)
def test_hostile(engine: Engine, text: str, kind: str, level: str) -> None:
    found = sort_one(engine, comment(text), NOW)
    assert found is not None
    assert kind in found.types
    assert found.level == level
    assert found.clear
    assert found.url == "https://exemple.fr/1"


def test_the_words_that_tell(engine: Engine) -> None:
    text = "Bonjour 😀 toi, je vais te tuer, salut"
    found = sort_one(engine, comment(text), NOW)
    assert found is not None
    assert any("te tuer" in text[start:end] for start, end in found.evidence)
    assert list(found.evidence) == sorted(found.evidence)


@pytest.mark.parametrize("laugh", [" 😂", " mdr", " 🤣🤣", " lol"])
def test_a_threat_for_laughs_is_kept_and_proves_nothing(engine: Engine, laugh: str) -> None:
    found = sort_one(engine, comment("je vais te tuer" + laugh), NOW)
    assert found is not None
    assert not found.clear
    assert not found.unmistakable


@pytest.mark.parametrize("smile", [" 😉", " ❤️", " ;-)"])
def test_a_wink_excuses_nothing(engine: Engine, smile: str) -> None:
    found = sort_one(engine, comment("Je vais te tuer, ordure" + smile), NOW)
    assert found is not None
    assert found.unmistakable


def test_a_laugh_does_not_take_an_insult_back(engine: Engine) -> None:
    found = sort_one(engine, comment("Espèce de connard 😂"), NOW)
    assert found is not None
    assert found.clear


def test_who_wants_to_die_is_seen_without_any_attack(engine: Engine) -> None:
    found = sort_one(engine, comment("Je n'en peux plus, ce soir j'avale les boîtes, adieu à tous."), NOW)
    assert found is not None
    assert "ideation_suicidaire" in found.flags
    assert found.level == "immediate"


def test_without_a_model_rules_sort(rules_engine: Engine) -> None:
    found = sort_one(rules_engine, comment("Je vais te tuer, ordure"), NOW)
    assert found is not None
    assert found.level in ("urgent", "agent")
    assert found.clear
    assert sort_one(rules_engine, comment("Bravo à tous"), NOW) is None


def test_a_batch_counts_all_and_keeps_the_hostile(engine: Engine, policy: CommentsPolicy) -> None:
    texts = ["Bravo", "Espèce de connard", "je vais te tuer 😂", "\x01\x02\x03\x04\x05\x06"]
    batch = sort_batch(engine, export_of(texts, 3, 3).comments, NOW, KEY, policy)
    assert [one.number for one in batch.kept] == [2, 3]
    assert (batch.tally.total, batch.harmless, batch.tally.unread) == (4, 1, 1)
    assert sum(total for total, _ in batch.tally.hours.values()) == 4
    assert sum(hostile for _, hostile in batch.tally.hours.values()) == 1


def test_a_copy_is_read_once_and_keeps_its_own_author(engine: Engine, policy: CommentsPolicy) -> None:
    seen: dict[str, Sorted | None] = {}
    export = export_of(["Espèce de connard"] * 3, 3, 3)
    batch = sort_batch(engine, export.comments, NOW, KEY, policy, seen)
    assert len(seen) == 1
    assert [(one.number, one.author, one.when) for one in batch.kept] == [
        (one.number, one.author, one.when) for one in export.comments
    ]


def test_what_is_kept_goes_through_json(engine: Engine) -> None:
    found = sort_one(engine, comment("Je sais où tu habites, je vais te planter"), NOW)
    assert found is not None
    assert Sorted.from_json(found.as_json()) == found


class TestTally:
    def test_an_author_has_another_mark_in_another_case(self) -> None:
        comments = [comment("Bravo", "Jean Petit"), comment("Merci", " jean  PETIT ")]
        one, other = (Tally.of(comments, (), 2, 0, key) for key in (b"one", b"other"))
        assert len(one.authors) == 1
        assert not one.authors & other.authors
        assert "jean" not in str(one.as_json()).lower()

    def test_parts_add_up_to_the_whole(self) -> None:
        comments = [
            Comment(i, f"auteur {i % 7}", "Bravo", BEGIN + timedelta(minutes=13 * i) if i % 5 else None, "")
            for i in range(1, 61)
        ]
        hostile = {3, 8, 21, 60}
        whole = Tally.of(comments, hostile, 50, 2, KEY)
        parts = Tally.of(comments[:23], hostile, 20, 1, KEY) + Tally.of(comments[23:], hostile, 30, 1, KEY)
        assert parts == whole
        assert whole + Tally() == whole
        assert Tally.from_json(whole.as_json()) == whole
        assert (whole.undated, len(whole.authors)) == (12, 7)
