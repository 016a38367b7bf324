"""Rule files: every mistake is said, with its file and line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.document.pipeline import FrenchPipeline
from triage.errors import DataError
from triage.settings import Settings
from triage.signals.catalogue import load, load_with_problems

GOOD = """\
id: menace.essai
title: Essai
type: menace
voice: tous
weight: 1
phrases: ["=menacer"]
examples:
  match: ["il [menace]", "[menacé]"]
  no_match: ["rien", "non"]
limits: "Essai."
checked_on: 2026-01-01
"""


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    for folder in ("cues", "lexicon", "threats"):
        (tmp_path / folder).symlink_to(settings.rules / folder)
    (tmp_path / "signals" / "menace").mkdir(parents=True)
    return tmp_path


@pytest.fixture(scope="module")
def pipeline(settings: Settings) -> FrenchPipeline:
    return FrenchPipeline(settings.data / "cache")


def problems_of(root: Path, pipeline: FrenchPipeline, text: str, name: str = "essai") -> list[str]:
    path = root / "signals" / "menace" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    _, problems = load_with_problems(root, pipeline.tokenizer)
    return [f"{problem.where.line} {problem.what}" for problem in sorted(problems) if problem.where.path == path]


def test_a_good_rule_has_no_problem(root: Path, pipeline: FrenchPipeline) -> None:
    assert problems_of(root, pipeline, GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("type: menace", "type: menasse", 3, "« menasse » n'existe pas"),
        ("voice: tous", "voice: moi", 4, "valeur inconnue"),
        ("weight: 1", "weight: 99", 5, "champ « weight »"),
        ('phrases: ["=menacer"]', 'phrases: ["(menace"]', 6, "sans être fermée"),
        ('phrases: ["=menacer"]', 'phrases: ["<nul_ne_sait> x"]', 6, "champ lexical inconnu"),
        ("title: Essai", "titre: Essai", 2, "champ inconnu"),
        ("id: menace.essai", "id: menace.autre", 1, "menace.essai"),
        ('  match: ["il [menace]", "[menacé]"]', '  match: ["il [menace]"]', 8, "pas assez"),
        ("checked_on: 2026-01-01", "checked_on: hier", 11, "checked_on"),
    ],
)
def test_mistakes(root: Path, pipeline: FrenchPipeline, wrong: str, right: str, line: int, said: str) -> None:
    found = problems_of(root, pipeline, GOOD.replace(wrong, right))
    assert any(problem.startswith(f"{line} ") and said in problem for problem in found), found


def test_a_broken_file_is_named_with_its_line(root: Path, pipeline: FrenchPipeline) -> None:
    assert problems_of(root, pipeline, "id: x\n  - y: [") == [
        "2 YAML illisible : mapping values are not allowed in this context"
    ]


def test_all_problems_come_at_once(root: Path, pipeline: FrenchPipeline) -> None:
    problems_of(root, pipeline, GOOD.replace("menace.essai", "menace.un").replace("voice: tous", "voice: x"), "un")
    problems_of(root, pipeline, "- liste\n", "deux")
    with pytest.raises(DataError) as caught:
        load(root, pipeline.tokenizer)
    assert {problem.where.path.stem for problem in caught.value.problems} == {"un", "deux"}


def test_words_that_yaml_takes_for_booleans_stay_words(root: Path, pipeline: FrenchPipeline) -> None:
    assert problems_of(root, pipeline, GOOD.replace('["=menacer"]', "[on menace, oui, no, y]")) == []


def test_a_missing_folder_is_said(tmp_path: Path, pipeline: FrenchPipeline) -> None:
    with pytest.raises(DataError, match="introuvable"):
        load(tmp_path / "nulle-part", pipeline.tokenizer)
