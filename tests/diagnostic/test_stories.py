"""Forty cases that a jurist can read (`tests/stories/`): a report, and what its diagnostic must and must not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from triage.assessment.triaged import Triaged
from triage.diagnostic.clocks import Running
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.forms import as_markdown
from triage.engine import Engine
from triage.intake.report import Report
from triage.threats.fusion import Threat

STORIES = sorted((ROOT / "tests" / "stories").glob("*.yaml"))
FIELDS = {
    "title", "why", "now", "report", "types", "primary", "disposition", "law", "not_law", "clocks", "not_clocks",
    "contacts", "known_miss", "refused", "closed", "measures", "not_measures", "first_step", "says", "never",
}  # fmt: skip


def story(path: Path) -> dict[str, Any]:
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(told) <= FIELDS, f"{path.name} : champs inconnus {set(told) - FIELDS}"
    return told


def moment(told: str | datetime | date) -> datetime:
    if isinstance(told, datetime):
        return told.replace(tzinfo=None)
    return datetime.fromisoformat(str(told))


def test_there_are_forty_stories() -> None:
    assert len(STORIES) >= 40


def told_to(engine: Engine, told: dict[str, Any]) -> Triaged:
    now = moment(told["now"])
    return engine.assess(Report(told["report"], received_at=now), now)


def cases() -> Iterator[Any]:
    """Each story; one that the engine is known to sort wrongly must go on failing until it is mended."""
    for path in STORIES:
        miss = story(path).get("known_miss")
        marks = [pytest.mark.xfail(reason=miss, strict=True)] if miss else []
        yield pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", list(cases()))
def test_the_engine_sorts_it(path: Path, engine: Engine) -> None:
    told = story(path)
    wrong = list(_decision(told, engine.composer.make(told_to(engine, told))))
    assert not wrong, "\n".join([f"« {told['title']} »", *wrong])


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_its_diagnostic_is_right(path: Path, engine: Engine) -> None:
    """What is said of it: the engine's own types and level, or those of the story where the engine is known to miss."""
    told = story(path)
    triaged = told_to(engine, told)
    if "known_miss" in told:
        triaged = _as_told(triaged, told, engine)
    diagnostic = engine.composer.make(triaged)
    wrong = [*_lists(told, diagnostic), *_clocks(told, diagnostic), *_said(told, diagnostic)]
    assert not wrong, "\n".join([f"« {told['title']} »", *wrong, ", ".join(sorted(diagnostic.situation.labels))])


def _as_told(triaged: Triaged, told: dict[str, Any], engine: Engine) -> Triaged:
    types = told.get("types") or [told["primary"]]
    assessment = replace(
        triaged.assessment,
        threats=tuple(Threat(name, 1.0, ()) for name in types),
        primary=types[0],
        level=engine.assessor.policy.level(told["disposition"]),
        flags=tuple(one for one in triaged.assessment.flags if one.probability == 1),
    )
    return replace(triaged, assessment=assessment)


def _decision(told: dict[str, Any], diagnostic: Diagnostic) -> Iterator[str]:
    types = [about.kind.id for about in diagnostic.about]
    if "types" in told and sorted(told["types"]) != sorted(types):
        yield f"types {types}, attendus {told['types']}"
    if "primary" in told and told["primary"] != types[0]:
        yield f"type principal {types[0]}, attendu {told['primary']}"
    if "disposition" in told and told["disposition"] != diagnostic.level.id:
        yield f"niveau {diagnostic.level.id}, attendu {told['disposition']}"


def _lists(told: dict[str, Any], diagnostic: Diagnostic) -> Iterator[str]:
    offered = {one.contact.id for one in diagnostic.contacts}
    closed = {one.contact.id for one in diagnostic.contacts if one.open_now is False}
    law = {note.offence.id for note in diagnostic.law}
    measures = {note.measure.id for note in diagnostic.measures if not note.why_not}
    refused = {one.contact.id for one in diagnostic.refused}
    yield from _among("contact proposé", told.get("contacts", ()), offered)
    yield from _among("contact écarté", told.get("refused", ()), refused)
    yield from _among("contact fermé", told.get("closed", ()), closed)
    yield from _among("droit", told.get("law", ()), law)
    yield from _among("mesure", told.get("measures", ()), measures)
    yield from _apart("contact proposé", told.get("refused", ()), offered)
    yield from _apart("droit", told.get("not_law", ()), law)
    yield from _apart("mesure", told.get("not_measures", ()), measures)
    yield from _apart("délai", told.get("not_clocks", ()), {running.clock.id for running in diagnostic.clocks})


def _among(what: str, expected: Iterable[str], found: set[str]) -> Iterator[str]:
    missing = {str(name) for name in expected} - found
    if missing:
        yield f"{what} : il manque {sorted(missing)} ; trouvé {sorted(found)}"


def _apart(what: str, unwanted: Iterable[str], found: set[str]) -> Iterator[str]:
    present = {str(name) for name in unwanted} & found
    if present:
        yield f"{what} : {sorted(present)} ne devrait pas y être"


def _clocks(told: dict[str, Any], diagnostic: Diagnostic) -> Iterator[str]:
    for name, expected in told.get("clocks", {}).items():
        running = [one for one in diagnostic.clocks if one.clock.id == name]
        if not running:
            yield f"délai {name} absent ; courent : {[one.clock.id for one in diagnostic.clocks]}"
        elif not any(_ends(one, expected) for one in running):
            yield f"délai {name} : {[(str(one.ends), one.days_left) for one in running]}, attendu {expected}"


def _ends(running: Running, expected: dict[str, Any]) -> bool:
    if expected["ends"] is None:
        return running.ends is None
    if running.ends is None:
        return False
    end = moment(expected["ends"])
    same = running.ends.replace(tzinfo=None) == end if running.clock.span.hours else running.ends.date() == end.date()
    return same and expected.get("days_left", running.days_left) == running.days_left


def _said(told: dict[str, Any], diagnostic: Diagnostic) -> Iterator[str]:
    first = diagnostic.steps["now"][0].text
    if told.get("first_step", "").lower() not in first.lower():
        yield f"premier geste « {first} », attendu « {told['first_step']} »"
    written = as_markdown(diagnostic)
    yield from (f"ne dit pas « {words} »" for words in told.get("says", ()) if words not in written)
    yield from (f"dit « {words} »" for words in told.get("never", ()) if words in written)
