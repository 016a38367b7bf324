"""The reports that would teach most: what the model hesitates on, what rules see otherwise, what is new; and varied."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from tests.desk.handling.cast import CALM, NOW, THREAT, held, sent, somebody
from triage.desk.handling import sampling, settling
from triage.desk.handling.deciding import Opinion
from triage.desk.office import Office
from triage.engine import Engine, without_model
from triage.intake.report import Report
from triage.jobs.daily import Teacher
from triage.learning.cases import Request, extract
from triage.learning.lessons import lesson, likenesses, spread
from triage.learning.readings import labelled_readings
from triage.learning.teaching import choose
from triage.settings import Settings
from triage.store import samples
from triage.store.desk_tables import SAMPLES
from triage.store.people import Scope
from triage.store.people_tables import AUDIT
from triage.store.samples import TEACHING

DAYS = NOW + timedelta(days=1)
STRANGE = "Un zorglub a bidulé ma pancarte."
LIKE = "Un habitant critique durement mes choix de voirie sur Facebook, sans menace ni insulte."
NEVER = "Une turlurette du zorglub sur le loto de samedi."
FINE, SHARP = Opinion(("hors_perimetre",), (), "advice"), Opinion(("menace",), (), "urgent")


def listed(office: Office) -> set[str]:
    with office.database.read() as connection:
        return set(connection.scalars(select(SAMPLES.c.case_id).where(SAMPLES.c.purpose == TEACHING)))


def kept_calm(office: Office, *texts: str, departement: str = "") -> list[str]:
    """Reports of the day that no agent has to read."""
    return [sent(office, text, departement=departement) for text in texts]


def drawing_nothing(office: Office) -> Office:
    """The office whose daily sample, drawn first, takes none of the few reports of a test."""
    conduct = office.policies.conduct
    none = replace(conduct, sampling=conduct.sampling.model_copy(update={"most": 0}))
    return replace(office, policies=replace(office.policies, conduct=none))


def having_learnt(text: str, folder: Path) -> Settings:
    """A service whose model learned from one text."""
    record = {"id": "un", "text": text, "threats": ["hors_perimetre"], "primary": "hors_perimetre"}
    (folder / "corpus").mkdir()
    whole = {**record, "disposition": "advice", "red_flags": []}
    (folder / "corpus" / "voix.jsonl").write_text(json.dumps(whole) + "\n", "utf-8")
    return Settings(models=folder)


def of(engine: Engine, office: Office, text: str) -> dict[str, float]:
    triaged = engine.assess(Report(text), NOW)
    return dict(lesson(engine, triaged, office.policies.conduct.teaching, None).parts)


def test_words_never_read_are_said_on_the_cases_own_row(engine: Engine, office: Office) -> None:
    policy = office.policies.conduct.teaching
    found = lesson(engine, engine.assess(Report(STRANGE), NOW), policy, None)
    assert found.parts["words"] > of(engine, office, CALM)["words"]
    assert "zorglub" in found.whys["words"] and "bidule" in found.whys["words"]


def test_where_the_model_is_sure_there_is_less_to_learn(engine: Engine, office: Office) -> None:
    sure = of(
        engine, office, "Il m'a écrit par SMS : « je sais où tu habites, je vais te tuer ». J'ai peur pour ma vie."
    )
    unsure = of(engine, office, "On a publié mon adresse et on dit que je vais le regretter, et que je suis un voleur.")
    assert sure["level"] + sure["rules"] < unsure["level"] + unsure["rules"]


def test_without_a_model_only_likeness_speaks(engine: Engine, office: Office) -> None:
    triaged = without_model(engine).assess(Report(STRANGE), NOW)
    assert set(lesson(engine, triaged, office.policies.conduct.teaching, 0.1).parts) == {"unlike"}


def test_what_is_like_a_text_learnt_is_not_new() -> None:
    near, among = likenesses([CALM, STRANGE], [LIKE])
    assert near is not None and near[0] > 0.8 > 0.3 > near[1] and among.shape == (2, 2)


@pytest.mark.parametrize(
    ("diversity", "chosen"), [(0.0, [0, 1]), (0.6, [0, 2])], ids=["the best scores", "the best, then the other"]
)
def test_two_that_say_the_same_teach_one_thing(diversity: float, chosen: list[int]) -> None:
    alike = np.array([[1, 0.95, 0.1], [0.95, 1, 0.1], [0.1, 0.1, 1]])
    assert spread([0.9, 0.8, 0.5], alike, 2, diversity) == chosen
    assert sorted(spread([0.9, 0.8, 0.5], alike, 9, diversity)) == [0, 1, 2]


def test_reports_of_the_days_before_that_nobody_labels_are_chosen(each_office: Office) -> None:
    each_office = drawing_nothing(each_office)
    calm = kept_calm(each_office, STRANGE, NEVER)
    sent(each_office, THREAT)  # an agent is to read it
    held(each_office, somebody(each_office), CALM)
    sent(each_office, STRANGE, DAYS)  # today's
    chosen = choose(each_office, [LIKE], DAYS)
    assert {one.case_id for one in chosen} <= {*calm} and calm[0] in listed(each_office)
    assert "zorglub" not in " ".join(why for one in chosen for why in one.whys)
    again = {one.case_id for one in choose(each_office, [LIKE], DAYS)}
    assert not again & {one.case_id for one in chosen}
    with each_office.database.read() as connection:
        row = connection.execute(select(SAMPLES).where(SAMPLES.c.case_id == calm[0])).one()
        whys = samples.reasons(connection, each_office.cases.sealer(connection, calm[0]), row.id)
        noted = connection.execute(select(AUDIT.c.who, AUDIT.c.about).where(AUDIT.c.what == "teaching.choose")).all()
    assert "zorglub" in " ".join(whys) and b"zorglub" not in row.reasons
    assert noted[0].who == "system" and noted[0].about.startswith(f"2026-11-28 {len(chosen)}/2")


def test_the_days_sample_is_drawn_first(office: Office) -> None:
    (case_id,) = kept_calm(office, STRANGE)
    assert choose(office, [], DAYS) == [] and listed(office) == set()
    with office.database.read() as connection:
        assert list(connection.scalars(select(SAMPLES.c.case_id))) == [case_id]


def test_no_more_than_people_can_read_and_only_of_the_scope_of_who_asks(office: Office) -> None:
    office = drawing_nothing(office)
    kept_calm(office, STRANGE, f"{STRANGE} Bis.", departement="13")
    far, near = somebody(office, "analyst", Scope("35", "")), somebody(office, "analyst", Scope("13", ""))
    assert choose(office, [], DAYS, 5, far) == []
    assert len(choose(office, [], DAYS, 1, near)) == 1 and len(listed(office)) == 1
    assert len(choose(office, [], DAYS, 500)) == 1


def test_the_worker_chooses_once_a_day(office: Office, tmp_path: Path) -> None:
    office, settings = drawing_nothing(office), having_learnt(LIKE, tmp_path)
    kept_calm(office, STRANGE)
    teacher = Teacher(settings)
    teacher.run(office, DAYS)
    assert len(listed(office)) == 1
    kept_calm(office, f"{STRANGE} Encore.")
    teacher.run(office, DAYS + timedelta(hours=1))
    Teacher(settings).run(office, DAYS + timedelta(hours=1))
    assert len(listed(office)) == 1
    teacher.run(office, DAYS + timedelta(days=1))
    assert len(listed(office)) == 2


def test_a_choice_that_fails_is_tried_again_in_an_hour(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office, settings = drawing_nothing(office), having_learnt(LIKE, tmp_path)
    kept_calm(office, STRANGE)
    texts = tmp_path / "corpus" / "voix.jsonl"
    whole = texts.read_text("utf-8")
    texts.write_text("abîmé", "utf-8")
    teacher = Teacher(settings)
    for minutes in (0, 1, 59):
        teacher.run(office, DAYS + timedelta(minutes=minutes))
    assert [one.levelname for one in caplog.records if one.name == "triage.jobs.daily"] == ["ERROR"]
    texts.write_text(whole, "utf-8")
    teacher.run(office, DAYS + timedelta(minutes=60))
    assert len(listed(office)) == 1


def test_what_readers_agree_on_is_a_labelled_example(each_office: Office) -> None:
    each_office = drawing_nothing(each_office)
    agreed, parted = kept_calm(each_office, STRANGE, NEVER)
    assert len(choose(each_office, [], DAYS)) == 2
    first, second, analyst = (somebody(each_office, role) for role in ("agent", "analyst", "analyst"))
    for one in sampling.waiting(each_office, first, TEACHING):
        sampling.read(each_office, first, one.id, FINE, "", DAYS)
        sampling.read(each_office, second, one.id, FINE if one.case_id == agreed else SHARP, "", DAYS)
    with each_office.database.read() as connection:
        (row,) = labelled_readings(each_office, connection).values()
    assert (row["text"], row["primary"], row["disposition"], row["decision"]) == (
        STRANGE,
        "hors_perimetre",
        "advice",
        "relecture",
    )
    (open_one,) = settling.disputed(each_office, analyst)[0]
    settling.settle(each_office, analyst, open_one.sample.id, SHARP, "La fin menace.", DAYS)
    with each_office.database.read() as connection:
        found = labelled_readings(each_office, connection)
    assert set(found) == {agreed, parted}
    assert (found[parted]["threats"], found[parted]["disposition"]) == (["menace"], "urgent")
    assert found[parted]["engine_disposition"] == "advice"
    told = extract(Settings().rules, each_office, Request(analyst.login, "réentraîner avec les relectures"), DAYS)
    assert sorted(told.frame["disposition"]) == ["advice", "urgent"]
    assert set(told.frame["decision"]) == {"relecture"}
