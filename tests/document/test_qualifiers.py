"""What the words around a fact make of it. The fact is « on m'a menacé », found by a rule of this test."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import NOW
from triage.bootstrap import build_reader
from triage.document.document import Reader
from triage.engine import Engine
from triage.intake.report import Report
from triage.settings import Settings
from triage.signals.catalogue import Catalogue
from triage.signals.matching import reach_of, search

RULE = f"""
id: menace.essai
title: Essai
type: menace
voice: tous
weight: 1
phrases: ["=menacer", "menace de mort", "menaces de mort", "<url>"]
examples: {{match: ["a", "b"], no_match: ["c", "d"]}}
limits: "Règle d'essai."
checked_on: {date(2026, 1, 1)}
"""


@pytest.fixture(scope="module")
def bench(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, Reader]:
    """The real cues and lexical fields with one rule."""
    root: Path = tmp_path_factory.mktemp("rules")
    for folder in ("cues", "lexicon", "threats"):
        (root / folder).symlink_to(settings.rules / folder)
    (root / "signals" / "menace").mkdir(parents=True)
    (root / "signals" / "menace" / "essai.yaml").write_text(RULE, encoding="utf-8")
    return build_reader(Settings(rules=root, data=settings.data))


@pytest.mark.parametrize(
    ("text", "qualifiers"),
    [
        ("Il m'a menacé hier soir.", set()),
        ("Il ne m'a pas menacé.", {"negation"}),
        ("il ma jamais menacé", {"negation"}),
        ("Aucune menace de mort dans ce courrier.", {"negation"}),
        ("Il n'a pas seulement crié, il m'a menacé.", set()),
        ("Il n'arrête pas de me menacer.", set()),
        ("Il n'a rien cassé mais il m'a menacé.", set()),
        ("J'ai peur qu'il me menace.", {"crainte"}),
        ("S'il me menaçait, que faudrait-il faire ?", {"hypothese"}),
        ("Que faire en cas de menace de mort ?", {"hypothese", "question"}),
    ],
)
def test_qualifiers(bench: tuple[Catalogue, Reader], text: str, qualifiers: set[str]) -> None:
    catalogue, reader = bench
    hits = search(reader.read(Report(text), NOW), catalogue).hits
    assert hits, "la règle d'essai ne trouve rien"
    assert set(hits[-1].qualifiers) == qualifiers


def test_a_denial_outside_a_quotation_does_not_reach_into_it(bench: tuple[Catalogue, Reader]) -> None:
    catalogue, reader = bench
    hits = search(reader.read(Report("Je n'ai pas répondu à « je te menace »."), NOW), catalogue).hits
    assert [(hit.quoted, hit.qualifiers) for hit in hits] == [(True, frozenset())]


LEAST_SHARE = 0.95


def examples(settings: Settings) -> list[tuple[str, set[str]]]:
    """The sentences of `rules/cues/EXEMPLES.md`: the span in brackets, the qualifiers that it must have."""
    rows = []
    for line in (settings.rules / "cues" / "EXEMPLES.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == 3 and "[" in cells[0]:
            rows.append((cells[0], set() if cells[1] == "—" else set(re.split(r"[,; ]+", cells[1]))))
    return rows


def test_the_documented_sentences(engine: Engine, settings: Settings) -> None:
    rows = examples(settings)
    assert len(rows) >= 80
    wrong = [(sentence, told, found) for sentence, told in rows if (found := qualified(engine, sentence)) != told]
    assert len(wrong) <= (1 - LEAST_SHARE) * len(rows), wrong


def qualified(engine: Engine, sentence: str) -> set[str]:
    """The qualifiers of the words in brackets."""
    mark = re.search(r"\[([^\]]+)\]", sentence)
    assert mark is not None
    document = engine.reader.read(Report(sentence.replace("[", "").replace("]", "")), NOW)
    first, last = mark.start(), mark.start() + len(mark[1])
    spans = [document.original_span(i, i + 1) for i in range(len(document.tokens))]
    inside = [i for i, (start, end) in enumerate(spans) if start < last and end > first]
    reach = reach_of(document, engine.catalogue)
    return set(reach.qualifiers(inside[0], inside[-1] + 1, document.tokens, document.quoted))
