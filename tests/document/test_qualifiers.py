"""What the words around a fact make of it. The fact is « on m'a menacé », found by a rule of this test."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.conftest import NOW
from triage.bootstrap import build_reader
from triage.document.document import Reader
from triage.intake.report import Report
from triage.settings import Settings
from triage.signals.catalogue import Catalogue
from triage.signals.matching import search

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
