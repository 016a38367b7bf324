"""`rules/comments.yaml`: every problem at once, with its line; and the table that is written."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.comments.exports import BEGIN
from triage.comments.export import HEADER, as_csv
from triage.comments.policy import CommentsPolicy, current, load_policy
from triage.comments.sorting import Sorted
from triage.comments.verdict import worst_first
from triage.engine import Engine
from triage.errors import DataError
from triage.settings import Settings


@pytest.fixture
def edited(settings: Settings, tmp_path: Path) -> Callable[..., Path]:
    def edit(*changes: tuple[str, str]) -> Path:
        for name in ("threats", "red_flags"):
            (tmp_path / name).symlink_to(settings.rules / name)
        shutil.copy(settings.rules / "dispositions.yaml", tmp_path)
        text = (settings.rules / "comments.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "comments.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return edit


def test_the_real_rules_are_sound(policy: CommentsPolicy) -> None:
    assert policy == current()
    assert [level.id for level in policy.levels] == ["advice", "guided", "agent", "urgent", "immediate"]


def test_the_rules_that_tell_a_joke_exist(policy: CommentsPolicy, engine: Engine) -> None:
    assert set(policy.numbers.jokes.signals) <= set(engine.catalogue.signals)


def test_every_problem_at_once_with_its_line(edited: Callable[..., Path]) -> None:
    rules = edited(
        ("types: [menace,", "types: [menasse,"),
        ("flags: [arme,", "flags: [armes,"),
        ("{level: urgent, of: urgent,", "{level: grave, of: urgent,"),
        ("{authors: 15, share: 0.3}", "{authors: 1, share: 3}"),
        ("type: raid\n", "type: rade\n"),
        ("janvier: 1,", "janvier: 13,"),
    )
    with pytest.raises(DataError) as caught:
        load_policy(rules)
    said = str(caught.value)
    for word in ("menasse", "armes", "grave", "au moins deux auteurs", "rade", "janvier"):
        assert word in said, word
    assert all(problem.where.line > 1 for problem in caught.value.problems)


def test_an_unknown_field_is_told(edited: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="champ inconnu"):
        load_policy(edited(("kept:", "gardé: {}\nkept:")))


def test_a_missing_file_is_told(edited: Callable[..., Path]) -> None:
    rules = edited()
    (rules / "comments.yaml").unlink()
    with pytest.raises(DataError, match="illisible"):
        load_policy(rules)


def one(number: int, level: str, text: str = "…", clear: bool = True, alone: str = "", author: str = "Jean") -> Sorted:
    return Sorted(number, author, text, BEGIN, "", ("menace",), 0.9, level, ("arme",), (), clear, alone)


def test_worst_first(policy: CommentsPolicy) -> None:
    kept = [one(1, "guided"), one(2, "urgent", clear=False), one(3, "urgent"), one(4, "urgent", alone="urgent")]
    assert [sorted_.number for sorted_ in worst_first(kept, policy)] == [4, 3, 1, 2]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(policy: CommentsPolicy, start: str) -> None:
    kept = [one(1, "urgent", text=f'{start}cmd|"; vraiment', author=f"{start}Jean")]
    rows = list(csv.DictReader(io.StringIO(as_csv(kept, policy), newline=""), delimiter=";"))
    assert list(rows[0]) == list(HEADER)
    assert rows[0]["texte"] == f"'{start}cmd|\"; vraiment"
    assert rows[0]["auteur"] == f"'{start}Jean"
    assert rows[0]["niveau"] == "Urgent"
    assert rows[0]["types"] == "Menace de mort ou de violence"
