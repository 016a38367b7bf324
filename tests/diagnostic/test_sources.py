"""Every fact that is shown traces to an entry with its source, the day it was read and what it is worth."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from triage.bootstrap import build_texts
from triage.datafiles import read_markdown
from triage.desk.service import load_service
from triage.diagnostic.advice import load_sheets
from triage.diagnostic.conditions import parse
from triage.diagnostic.consistency import strings
from triage.diagnostic.knowledge import Knowledge
from triage.diagnostic.sources import CONDITIONS, REFERENCE, Sourced
from triage.engine import Engine
from triage.threats.kinds import load_kinds

RULES = ROOT / "rules"
NUMBER = re.compile(r"\d")
_GESTURE = re.compile(r"@\w+")
FIGURES_IN_WORDS = re.compile(r"\b(?:deux mille|vingt-quatre heures|soixante-douze heures)\b")


@pytest.fixture(scope="module")
def knowledge(engine: Engine) -> Knowledge:
    return engine.composer.knowledge


def entries(knowledge: Knowledge) -> Iterator[Sourced]:
    for group in knowledge.sourced.values():
        yield from group.values()


def test_every_entry_has_a_source_or_says_that_it_has_none(knowledge: Knowledge) -> None:
    found = list(entries(knowledge))
    assert len(found) > 100
    assert [e for e in found if not e.sources and (e.confidence == "high" or not e.uncertain)] == []
    assert [e for e in found if e.confidence == "low" and not e.uncertain] == []


def advice_texts() -> Iterator[tuple[str, str]]:
    """What sheets, gestures and changes say, as they are written: no figure may stand there by itself."""
    for path in sorted((RULES / "advice").glob("*.md")):
        body = path.read_text(encoding="utf-8").split("---\n", 2)[2]
        yield from ((path.name, line) for line in body.splitlines())
    for name, key in (("steps", "steps"), ("changes", "changes")):
        for entry in yaml.safe_load((RULES / f"{name}.yaml").read_text(encoding="utf-8"))[key]:
            yield from ((name, text) for field in ("text", "done_text", "effect") if (text := entry.get(field)))
    texts = yaml.safe_load((RULES / "texts.yaml").read_text(encoding="utf-8"))
    yield from (("texts", text) for text in strings(texts))
    for path in sorted((RULES / "channels").glob("*.yaml")):
        channel = yaml.safe_load(path.read_text(encoding="utf-8"))
        removal = channel.get("removal") or {}
        for text in (*channel["capture"], channel.get("careful", ""), removal.get("text", "")):
            yield path.name, text


def test_figures_in_advice_come_only_from_entries() -> None:
    found = list(advice_texts())
    assert len(found) > 500
    bare = [(name, text) for name, text in found if NUMBER.search(_GESTURE.sub("", REFERENCE.sub("", text)))]
    assert bare == []
    assert [(name, text) for name, text in found if FIGURES_IN_WORDS.search(text)] == []


def test_every_sheet_names_its_sources_and_they_exist(knowledge: Knowledge) -> None:
    """A sheet that cites an entry names it among its sources, and each source is a real entry."""
    known = {name for group in knowledge.sourced.values() for name in group}
    assert len(knowledge.library.sheets) >= 26 + 5
    for sheet in knowledge.library.sheets.values():
        assert set(sheet.front.sources) <= known, sheet.path.name
    for gestures in knowledge.library.gestures.values():
        assert all(set(gesture.sources) <= known for gesture in gestures)


def test_every_type_has_its_sheet_with_every_part(knowledge: Knowledge) -> None:
    kinds = load_kinds(RULES)
    assert len(kinds) == 26
    for name in kinds:
        sheet = knowledge.library.sheets[name]
        assert sheet.about, name
        assert len(sheet.sections["now"]) >= 2, name
        assert all(sheet.sections[section] for section in ("today", "week", "avoid", "evidence")), name


def test_nothing_is_written_for_nobody(knowledge: Knowledge) -> None:
    """A contact that is never proposed nor cited, a gesture that no sheet asks for, a procedure without a reader."""
    cited = {f"@{b.shared}" for s in knowledge.library.sheets.values() for bs in s.sections.values() for b in bs}
    assert {f"@{name}" for name in knowledge.library.gestures} - cited == set()
    assert [c.id for c in knowledge.contacts.values() if not c.offer] == []
    sources = {name for sheet in knowledge.library.sheets.values() for name in sheet.front.sources}
    sources |= {name for several in knowledge.library.gestures.values() for g in several for name in g.sources}
    assert set(knowledge.procedures) - sources == set()


def test_every_label_is_told_by_something_and_asked_by_something(engine: Engine) -> None:
    """A condition on what no rule tells never holds; a rule that no condition asks for is for nobody."""
    asked = {label for text in conditions() for label in parse(text).labels()}
    asked |= {f"canal:{name}" for name in engine.composer.knowledge.channels}
    told = {trait for signal in engine.catalogue.signals.values() for trait in signal.traits}
    facts = load_service(RULES, engine.composer).facts
    told |= {trait for one in (*facts.who, *facts.platforms, facts.registered) for trait in one.traits}
    dimensions = engine.composer.observer.dimensions.values()
    derived = {trait for d in dimensions for traits in d.implies.values() for trait in traits}
    derived |= {f"{d.id}:{value}" for d in dimensions for value in d.when} | {"role:inconnu"}
    traits = {trait for d in dimensions for trait in d.traits}
    assert (asked & traits) - told - derived == set()
    by_mechanism = {trait for trait in traits if trait.startswith(("lieu:", "quand:"))}
    assert {trait for trait in told if trait not in asked | by_mechanism | set(derived)} - _implying(engine) == set()


def _implying(engine: Engine) -> set[str]:
    """Labels that stand for a wider one: « role:maire » for « role:elu »."""
    return {f"{d.id}:{value}" for d in engine.composer.observer.dimensions.values() for value in d.implies}


def conditions() -> Iterator[str]:
    """Every condition written anywhere in the rules."""
    for path in sorted(set(RULES.rglob("*.yaml")) - {RULES / "comments.yaml"}):  # its « when » names a column
        if path.parent.name not in ("signals", "cues", "lexicon", "desk", "demo") and path.parent.parent.name not in (
            "signals",
            "facts",
        ):
            yield from _conditions(yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted((RULES / "advice").glob("*.md")):
        file = read_markdown(path, [])
        assert file is not None
        yield from _conditions(file.front.data)
    for sheet in load_sheets(RULES / "advice", (), (), (), []).values():
        yield from (bullet.when for bullets in sheet.sections.values() for bullet in bullets)


def _conditions(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in CONDITIONS and isinstance(value, str | list):
                yield from [value] if isinstance(value, str) else value
            elif key == "when" and isinstance(value, dict) and "zones" not in data:
                yield from (text for text in value.values() if ":" in str(text))
            else:
                yield from _conditions(value)
    elif isinstance(data, list):
        for part in data:
            yield from _conditions(part)


NUMBERS_OF_LAW = re.compile(
    r"\b\d{3}-\d|\b(?:0|\+33) ?\d(?: ?\d\d){4}|\b(?:3114|3018|33700|3218|116 006)\b|\barticle \d|gouv\.fr|https?://(?!exemple\.fr)[\w-]+\.\w"
)


def test_no_number_article_or_address_stands_in_python() -> None:
    found = []
    for path in sorted((ROOT / "triage").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NUMBERS_OF_LAW.search(node.value):
                found.append((path.name, node.lineno, node.value[:60]))
    assert found == []


def test_an_unknown_reference_is_refused_with_its_file(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(RULES, tmp_path / "rules")
    sheet = tmp_path / "rules" / "advice" / "menace.md"
    sheet.write_text(
        sheet.read_text(encoding="utf-8").replace("## Preuves", "- Appelez {contact:personne}.\n\n## Preuves")
    )
    with pytest.raises(Exception, match=r"menace\.md.*contact:personne"):
        build_texts(tmp_path / "rules")
