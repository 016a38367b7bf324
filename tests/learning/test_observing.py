"""Every night: a damaged engine is told of within one, and a sound one all but never, however often it is looked at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from tests.desk.alerts.conftest import case, person
from triage.cli.app import app
from triage.desk.alerts.raising import look
from triage.desk.alerts.showing import open_alerts
from triage.desk.office import Office
from triage.desk.supervising.dashboard import Asked, dashboard
from triage.desk.supervising.observed import QualityPolicy
from triage.engine import Engine, without_model
from triage.learning import noticing, observing
from triage.learning.accepting import accept
from triage.learning.build import gold_of
from triage.learning.corpus import Example
from triage.learning.evaluation import Labelled
from triage.learning.observing import Observer, observe
from triage.settings import Settings
from triage.statistics.cusum import grown
from triage.store import quality
from triage.store.cases import new_id
from triage.store.desk_tables import DECISIONS, DELIVERIES
from triage.store.quality import Night
from triage.threats.fusion import Thresholds

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
_JUDGED: dict[str, list[Labelled]] = {}
_FROZEN: list[Example] = []


@pytest.fixture(autouse=True)
def judged_once(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Iterator[None]:
    """Each engine judges the frozen texts once for all the tests: it would say the same again."""
    load, judge = observing.load_frozen, observing.judge

    def loaded(*arguments: Any) -> list[Example]:
        if not _FROZEN:
            _FROZEN.extend(load(*arguments))
        return _FROZEN

    def said(engine: Engine, examples: list[Example], _: Any) -> list[Labelled]:
        key = str(engine.model and engine.model.thresholds)
        if engine.model is None:  # what the rules alone say is measured elsewhere
            return [gold_of(one) for one in examples]
        if key not in _JUDGED:
            _JUDGED[key] = judge(engine, examples)
        return _JUDGED[key]

    monkeypatch.setattr(observing, "load_frozen", loaded)
    monkeypatch.setattr(observing, "judge", said)
    yield


def settings_of(office: Office) -> Settings:
    return Settings(database=office.database.url)


def night(office: Office, number: int = 0) -> Night:
    return observe(settings_of(office), office, NOW + number * DAY)


def checks(found: Night) -> list[str]:
    return [check for check, _ in found.findings]


def alert(office: Office, now: datetime) -> list[str]:
    look(office, now, mail=True)
    chief = replace(person(office, f"{new_id()}@exemple.fr", role="supervisor"))
    return [one.alert.kind for one in open_alerts(office, chief)]


def damaged(office: Office) -> Office:
    """The model loads and answers, and what it is sure of is no longer listened to."""
    model = office.engine.model
    assert model is not None
    deaf = {kind: Thresholds(threat=0.999, answer=0.999, flag=0.999) for kind in model.thresholds}
    return replace(office, engine=replace(office.engine, model=replace(model, thresholds=deaf)))


def test_a_sound_engine_raises_nothing_and_is_what_was_sealed(each_office: Office) -> None:
    first, second = night(each_office), night(each_office, 1)
    assert (first.accepted, second.accepted) == (True, False)
    assert (checks(first), checks(second)) == ([], [])
    assert first.texts == len(_FROZEN) > 500
    assert first.frozen == first.sealed, "the shipped model, by the shipped rules"
    assert alert(each_office, NOW + DAY) == []


@pytest.mark.whole
def test_a_damaged_engine_raises_the_alert_within_one_night(each_office: Office) -> None:
    chief = person(each_office, "chef@exemple.fr", role="supervisor")
    admin = person(each_office, "ada@exemple.fr", role="administrator")
    night(each_office)
    found = night(damaged(each_office), 1)
    assert {"sealed", "nights", "critical"} <= set(checks(found))
    assert alert(each_office, NOW + DAY) == ["quality"]
    with each_office.database.read() as connection:
        told = set(connection.scalars(DELIVERIES.select().with_only_columns(DELIVERIES.c.target)))
    assert {chief.id, admin.id} <= told
    assert checks(night(each_office, 2)) == []
    assert alert(each_office, NOW + 2 * DAY) == [], "over once the engine is sound again"


@pytest.mark.whole
def test_the_very_first_night_of_a_damaged_engine_is_told_too(office: Office) -> None:
    assert {"sealed", "critical"} <= set(checks(night(damaged(office))))
    assert alert(office, NOW) == ["quality"]


def test_rules_alone_are_told_and_never_become_the_reference(office: Office) -> None:
    alone = replace(office, engine=without_model(office.engine))
    assert "degraded" in checks(night(alone))
    with office.database.read() as connection:
        assert quality.reference(connection) is None


@pytest.mark.whole
def test_another_model_than_the_one_put_into_service_is_told(office: Office) -> None:
    night(office)
    assert office.engine.model is not None
    other = replace(office, engine=replace(office.engine, model=replace(office.engine.model, version="autre")))
    assert "model" in checks(night(other, 1))


def test_changed_rules_are_told_until_somebody_says_that_they_are_meant(each_office: Office) -> None:
    night(each_office)
    digest = renamed(each_office)
    changed = replace(each_office, engine=replace(each_office.engine, catalogue=digest))
    assert checks(night(changed, 1)) == ["rules"]
    assert checks(night(changed, 2)) == ["rules"]
    assert alert(changed, NOW + 2 * DAY) == ["quality"]
    ada = person(each_office, "ada@exemple.fr", role="administrator")
    accept(each_office.database, each_office.ring, ada, "règles revues et livrées", NOW + 2 * DAY)
    assert alert(changed, NOW + 2 * DAY) == []
    assert checks(night(changed, 3)) == []


def renamed(office: Office) -> Any:
    """The same rules under another name."""
    catalogue = copy(office.engine.catalogue)
    catalogue.__dict__["digest"] = "0123456789ab"
    return catalogue


# --- Decisions of agents --------------------------------------------------------------------------------------------


def decided(office: Office, before: str, after: str, at: datetime, types: str = "menace") -> None:
    row = {"id": new_id(), "case_id": case(office, "agent"), "at": at, "by": 32 * "a", "reason": b"", "rules": ""}
    row |= {"kind": "corrected", "level_before": before, "level": after, "types_before": "menace", "types": types}
    with office.database.write() as connection:
        connection.execute(insert(DECISIONS).values(**row, flags_before="", flags="", sources=""))


def test_decisions_are_counted_once_each(each_office: Office) -> None:
    night(each_office)
    decided(each_office, "agent", "urgent", NOW + timedelta(hours=2))
    decided(each_office, "agent", "guided", NOW + timedelta(hours=3), types="raid")
    decided(each_office, "agent", "agent", NOW + timedelta(hours=4))
    first, second = night(each_office, 1), night(each_office, 2)
    assert first.decided == {"missed": (1, 3), "excess": (1, 3), "types": (1, 3)}
    assert second.decided == {"missed": (0, 0), "excess": (0, 0), "types": (0, 0)}
    assert second.charts == first.charts, "a night without decisions tells nothing"


def test_the_dashboard_and_the_command_say_the_last_night(office: Office) -> None:
    analyst = person(office, "ana@exemple.fr", role="analyst")
    night(office)
    asked = Asked(office.policies.dashboard.periods[0])
    found = {one.id: one for one in dashboard(office, analyst, asked, NOW)}["qualite"]
    assert "urgents envoyés plus bas" in str(found.rows[0][0]) and "à la mise en service" in str(found.rows[0][2])
    assert "Rien à signaler." in found.help


def simulated(policy: QualityPolicy, rates: dict[str, float], nights: int, seed: int, busy: int) -> int | None:
    """The first of so many nights on which something is said; none when nothing is."""
    dice, heights = random.Random(seed), dict.fromkeys(policy.charts, 0.0)
    for number in range(nights):
        total = dice.randrange(2 * busy + 1)
        for name, rule in policy.charts.items():
            found = sum(dice.random() < rates[name] for _ in range(total))
            heights[name] = grown(heights[name], found, total, rule.usual, rule.drift)
        if list(noticing.charts(Night(NOW, NOW, "", None, charts=heights), policy)):
            return number
    return None


@pytest.mark.parametrize("busy", [2, 8])
def test_usual_rates_seen_on_two_hundred_nights_are_told_less_often_than_is_stated(office: Office, busy: int) -> None:
    policy, runs, nights = office.policies.quality, 150, 200
    usual = {name: rule.usual for name, rule in policy.charts.items()}
    told = sum(simulated(policy, usual, nights, seed, busy) is not None for seed in range(runs))
    assert told / runs <= nights / policy.false_alarm, f"{told} of {runs}"


@pytest.mark.whole
def test_a_drift_of_decisions_is_told_within_weeks(office: Office) -> None:
    policy = office.policies.quality
    for name, rule in policy.charts.items():
        rates = {other: one.usual for other, one in policy.charts.items()} | {name: rule.drift}
        waited = [simulated(policy, rates, 400, seed, 15) for seed in range(15)]
        assert sorted(one if one is not None else 400 for one in waited)[7] < 45, (name, waited)


@pytest.mark.whole
def test_two_hundred_nights_of_a_sound_engine_and_of_noise(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it together, kept in the store night after night."""
    dice, policy = random.Random(7), office.policies.quality

    def noise(*_: Any) -> dict[str, tuple[int, int]]:
        total = dice.randrange(20)
        return {
            name: (sum(dice.random() < rule.usual for _ in range(total)), total) for name, rule in policy.charts.items()
        }

    monkeypatch.setattr(observing, "counted", noise)
    monkeypatch.setattr(observing, "load_gate_policy", _once(observing.load_gate_policy))
    assert sum(bool(night(office, number).findings) for number in range(200)) == 0


def _once(load: Any) -> Any:
    kept: list[Any] = []

    def loaded(*arguments: Any) -> Any:
        if not kept:
            kept.append(load(*arguments))
        return kept[0]

    return loaded


# --- The worker -----------------------------------------------------------------------------------------------------


def test_the_worker_measures_once_a_day_from_its_hour(office: Office) -> None:
    observer = Observer(settings_of(office))
    midnight = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)  # 1 h 30 in Paris
    for minutes in (0, 60, 120, 180):
        observer.run(office, midnight + timedelta(minutes=minutes))
    Observer(settings_of(office)).run(office, midnight + timedelta(hours=9))
    with office.database.read() as connection:
        assert len(quality.latest(connection, 10)) == 1


def test_a_measure_that_fails_harms_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError(secret)

    secret = "".join(("ré", "cit"))

    monkeypatch.setattr(observing, "observe", broken)
    Observer(settings_of(office)).run(office, NOW)
    assert "RuntimeError" in caplog.text and "récit" not in caplog.text


def test_a_frozen_set_that_misses_is_told(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.undo()
    settings = settings_of(office).model_copy(update={"models": tmp_path})
    assert "frozen" in checks(observe(settings, office, NOW))


def test_the_command_tells_measures_and_accepts(
    office: Office, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    settings = settings_of(office)
    monkeypatch.setenv("TRIAGE_DATABASE", settings.database)
    monkeypatch.setenv("TRIAGE_DATA", str(office.database.engine.url.database).rpartition("/")[0])
    monkeypatch.setattr("triage.cli.quality.build_engine", lambda _: engine)
    assert "Aucune mesure" in str(CliRunner().invoke(app, ["quality"]).exception)
    person(office, "ada@exemple.fr", role="administrator")
    done = CliRunner().invoke(app, ["quality", "--run"])
    assert done.exit_code == 0, done.output
    assert "Récits gelés : urgents envoyés plus bas" in done.output and "aucune décision" in done.output
    words = ["quality", "--accept", "--by", "ada@exemple.fr", "--reason", "mesure relue ce matin"]
    assert "sert de repère" in CliRunner().invoke(app, words).output
    assert "motif" in str(CliRunner().invoke(app, words[:-2]).exception)
