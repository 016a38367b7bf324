"""A page of a case turned again is not read anew, and says the same as if it were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import NOW
from triage.assessment.triaged import Triaged
from triage.desk import recent
from triage.desk.case import load, reassess, understood
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.diagnostic.compose import Composer
from triage.diagnostic.diagnostic import Diagnostic
from triage.engine import Engine
from triage.intake.moment import in_paris
from triage.intake.report import Report
from triage.store.records import Told

THREAT = "Hier soir un inconnu m'a écrit : « je vais te tuer »."


@pytest.fixture
def read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the engine reads."""
    texts: list[str] = []
    assess = Engine.assess

    def noted(self: Engine, report: Report, *more: object) -> object:
        texts.append(report.text)
        return assess(self, report, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "assess", noted)
    recent.ASSESSED.clear()
    recent.COMPOSED.clear()
    return texts


def test_the_same_case_is_read_once_and_says_the_same(engine: Engine, read: list[str]) -> None:
    report, later = Report(THREAT, received_at=NOW), NOW + timedelta(days=40)
    first = recent.assess(engine, report, NOW, {})
    again = recent.assess(engine, report, later, {})
    assert read == [THREAT]
    assert engine.composer.make(first) == engine.composer.make(engine.assess(report, NOW, {}))
    assert engine.composer.make(again) == engine.composer.make(engine.assess(report, later, {}))


@pytest.mark.parametrize(
    ("report", "answers"),
    [
        (Report(THREAT + " Il a mon adresse.", received_at=NOW), {}),
        (Report(THREAT, received_at=NOW + timedelta(days=1)), {}),
        (Report(THREAT, received_at=NOW, traits=("role:maire",)), {}),
        (Report(THREAT, received_at=NOW), {"danger": "oui"}),
    ],
)
def test_another_text_moment_fact_or_answer_is_read(
    engine: Engine, read: list[str], report: Report, answers: dict[str, str]
) -> None:
    recent.assess(engine, Report(THREAT, received_at=NOW), NOW, {})
    recent.assess(engine, report, NOW, answers)
    assert len(read) == 2


def test_another_engine_reads(engine: Engine, rules_engine: Engine, read: list[str]) -> None:
    for one in (engine, rules_engine, engine):
        assert recent.assess(one, Report(THREAT, received_at=NOW), NOW, {}).model is one.model
    assert len(read) == 2


def test_a_report_without_its_moment_is_read_each_time(engine: Engine, read: list[str]) -> None:
    for day in (datetime(2026, 3, 1), datetime(2026, 4, 1)):
        recent.assess(engine, Report(THREAT), day, {})
    assert len(read) == 2


def test_little_is_kept_and_not_for_long(engine: Engine, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(recent.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(recent, "_MOST", 2)
    for number in range(4):
        recent.assess(engine, Report(f"{THREAT} {number}", received_at=NOW), NOW, {})
    assert len(recent.ASSESSED.values()) == 2
    clock[0] = 301.0
    recent.assess(engine, Report(THREAT, received_at=NOW), NOW, {})
    assert [triaged.document.report.text for _, triaged in recent.ASSESSED.values()] == [THREAT]


def test_reports_that_come_do_not_drive_out_a_case_whose_pages_are_turned(
    engine: Engine, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "_MOST", 3)
    for number in range(5):
        recent.assess(engine, Report(THREAT, received_at=NOW), NOW, {})
        recent.assess(engine, Report(f"{THREAT} {number}", received_at=NOW), NOW, {})
    assert read.count(THREAT) == 1


def test_a_case_whose_pages_are_turned_is_read_again_after_minutes(
    engine: Engine, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(recent.time, "monotonic", lambda: clock[0])
    for seconds in (0.0, 200.0, 299.0, 301.0):
        clock[0] = seconds
        recent.assess(engine, Report(THREAT, received_at=NOW), NOW, {})
    assert len(read) == 2


def test_what_is_shown_is_composed_once_a_minute(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    composed: list[datetime] = []
    make = Composer.make

    def noted(self: Composer, triaged: Triaged) -> Diagnostic:
        composed.append(triaged.now)
        return make(self, triaged)

    monkeypatch.setattr(Composer, "make", noted)
    recent.COMPOSED.clear()
    report = Report(THREAT, received_at=NOW)
    for seconds in (0, 59, 60, 61):
        triaged = recent.assess(engine, report, NOW + timedelta(seconds=seconds), {})
        assert recent.compose(engine, triaged) == make(engine.composer, replace(triaged, now=composed[-1]))
    assert len(composed) == 2


def test_another_answer_is_composed_anew(engine: Engine) -> None:
    """Within the same minute: what is shown is what the case says now."""
    report = Report("Un inconnu publie ma photo et mon adresse sur un faux compte.", received_at=NOW)
    calm = recent.compose(engine, recent.assess(engine, report, NOW, {}))
    pressing = recent.compose(engine, recent.assess(engine, report, NOW, {"danger": "oui"}))
    assert pressing == engine.composer.make(engine.assess(report, NOW, {"danger": "oui"}))
    assert pressing != calm


def test_what_is_kept_is_composed_at_its_own_moment(office: Office) -> None:
    """To the second, whatever was shown in that minute: it is to be found the same again."""
    received = datetime(2026, 3, 18, 21, 30, tzinfo=UTC)
    case_id = submit(office, Told(text=THREAT), [], received).case_id
    later = received + timedelta(seconds=30)
    assert understood(office, load(office, case_id), received).diagnostic.situation.now == in_paris(received)
    assert understood(office, load(office, case_id), later).diagnostic.situation.now == in_paris(received)
    assert reassess(office, case_id, "evidence", later).diagnostic.situation.now == in_paris(later)
