"""Labelled texts are checked against the contract, with file and line, all at once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from triage.bootstrap import fact_names
from triage.engine import Engine
from triage.errors import DataError
from triage.learning.corpus import Labels, load
from triage.learning.evaluation import LEVELS
from triage.settings import Settings

GOOD = {
    "id": "x-1",
    "text": "Il m'a insulté.",
    "threats": ["injure"],
    "primary": "injure",
    "disposition": "guided",
    "red_flags": [],
}


@pytest.fixture(scope="module")
def labels(engine: Engine, settings: Settings) -> Labels:
    return Labels(list(engine.composer.kinds), LEVELS, list(engine.assessor.flags), fact_names(settings.rules))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threats": ["insulte"], "primary": "insulte"}, "insulte"),
        ({"primary": "haine"}, "type principal"),
        ({"threats": ["injure", "hors_perimetre"]}, "aucun autre type"),
        ({"disposition": "moyen"}, "disposition inconnue"),
        ({"red_flags": ["feu"]}, "feu"),
        ({"facts": {"couleur": "oui"}}, "couleur"),
        ({"axes": {"humeur": "sombre"}}, "humeur"),
        ({"text": " "}, "vide"),
        ({"kind": "lettre"}, "kind"),
        ({"id": ["x"]}, "« id » : texte attendu"),
        ({"threats": 5}, "« threats » : liste de textes attendu"),
        ({"red_flags": [{}]}, "« red_flags » : liste de textes attendu"),
        ({"facts": ["clique"]}, "« facts » : objet de textes attendu"),
    ],
)
def test_faults(tmp_path: Path, labels: Labels, change: dict[str, object], said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + json.dumps({**GOOD, "id": "x-2", **change}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        load(path, labels)
    assert {problem.where.line for problem in caught.value.problems} == {2}


@pytest.mark.parametrize("line", ["[" * 100_000, '{"id": ' + "9" * 5000 + "}", "5", "null"])
def test_a_line_that_is_no_record_is_said_with_its_place(tmp_path: Path, labels: Labels, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match="JSON") as caught:
        load(path, labels)
    assert [problem.where.line for problem in caught.value.problems] == [2]


def test_duplicates_and_broken_lines(tmp_path: Path, labels: Labels) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(GOOD) + "\n{\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps(GOOD) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load(tmp_path, labels)
    assert sorted(problem.where.path.name for problem in caught.value.problems) == ["a.jsonl", tmp_path.name]


def test_the_shipped_corpus_is_sound(settings: Settings, labels: Labels) -> None:
    examples = load(settings.models / "corpus", labels)
    kinds = Counter(example.kind for example in examples)
    assert kinds["report"] >= 6000
    assert kinds["message"] >= 3000
    assert {name for example in examples for name in example.threats} == set(labels.types)
    assert {name for example in examples for name in example.red_flags} == set(labels.flags)
    assert len({_plain(example.text) for example in examples}) == len(examples)


def test_messages_hold_only_what_words_alone_can_tell(settings: Settings, labels: Labels) -> None:
    """Of the texts whose sender alone speaks, nine in ten hold one of the types that words alone can commit."""
    told = [e.primary for e in load(settings.models / "corpus", labels) if e.kind == "message"]
    alone = ["menace", "injure", "haine", "violence_sexuelle", "chantage", "diffamation", "doxing", "hors_perimetre"]
    assert sum(primary in alone for primary in told) / len(told) > 0.9


def test_the_frozen_set_judges_and_teaches_nothing(settings: Settings, labels: Labels) -> None:
    reports, taught = load(settings.models / "frozen", labels), load(settings.models / "corpus", labels)
    messages = load(settings.models / "frozen" / "messages", labels)
    frozen = [*reports, *messages]
    assert len(reports) >= 600
    assert len(messages) >= 250
    assert {example.group for example in frozen}.isdisjoint(example.group for example in taught)
    assert {_plain(example.text) for example in frozen}.isdisjoint(_plain(example.text) for example in taught)
    levels = Counter(example.disposition for example in reports)
    assert levels["urgent"] + levels["immediate"] >= 150
    assert levels["immediate"] >= 60
    assert {example.primary for example in frozen} == set(labels.types)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
