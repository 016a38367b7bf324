"""Reports that nobody had to read are drawn at random and read by two people, blind: what was missed is seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.handling.cast import CALM, NOW, THREAT, case, held, sent, somebody, standing
from triage.desk import follow_up
from triage.desk.handling import sampling, settling
from triage.desk.handling.deciding import Opinion
from triage.desk.office import DeskError, Office
from triage.store.cases import Ranking, UnknownCaseError
from triage.store.desk_tables import SAMPLES
from triage.store.people import Person, Scope
from triage.store.records import Told

TOMORROW = NOW + timedelta(days=1)
FINE = Opinion(("hors_perimetre",), (), "advice")
MISSED = Opinion(("menace",), (), "urgent")


def many(office: Office, count: int) -> None:
    """Reports that nobody has to read, put in the store without the engine."""
    with office.database.write() as connection:
        for _ in range(count):
            office.cases.add(
                connection, Told(text=CALM), Ranking("advice", 0, ("hors_perimetre",), ()), NOW, None, None
            )


def one_sample(office: Office) -> tuple[Person, Person, str, str]:
    """Two readers, and a case with the id of its sample."""
    first, second = somebody(office), somebody(office)
    case_id = sent(office, CALM)
    sampling.draw(office, TOMORROW)
    (sample,) = sampling.waiting(office, first)
    return first, second, case_id, sample.id


def test_only_reports_of_the_days_before_that_nobody_had_to_read_are_drawn(each_office: Office) -> None:
    calm = sent(each_office, CALM)
    sent(each_office, THREAT)
    held(each_office, somebody(each_office), CALM)
    today = sent(each_office, CALM, TOMORROW)
    assert sampling.draw(each_office, TOMORROW) == 1
    assert sampling.draw(each_office, TOMORROW) == 0
    with each_office.database.read() as connection:
        (row,) = connection.execute(select(SAMPLES)).all()
    assert (row.case_id, row.day, row.population, row.drawn) == (calm, "2026-11-27", 1, 1)
    assert sampling.draw(each_office, TOMORROW + timedelta(days=1)) == 1
    with each_office.database.read() as connection:
        assert set(connection.scalars(select(SAMPLES.c.case_id))) == {calm, today}


def test_the_share_drawn_has_its_bounds_and_tells_of_how_many(office: Office) -> None:
    many(office, 12)
    policy = office.policies.conduct.sampling
    assert sampling.draw(office, TOMORROW) == policy.least
    many(office, 1)
    assert sampling.draw(office, TOMORROW) == 0
    with office.database.read() as connection:
        rows = connection.execute(select(SAMPLES.c.population, SAMPLES.c.drawn)).all()
    assert {tuple(row) for row in rows} == {(12, policy.least)}


def test_two_that_draw_at_once_draw_one_sample(each_office: Office) -> None:
    many(each_office, 8)
    with ThreadPoolExecutor(4) as several:
        drawn = list(several.map(lambda _: sampling.draw(each_office, TOMORROW), range(4)))
    assert sorted(drawn) == [0, 0, 0, each_office.policies.conduct.sampling.least]


def test_two_people_read_each_report_and_no_third(each_office: Office) -> None:
    first, second, _, sample = one_sample(each_office)
    third = somebody(each_office)
    assert not sampling.read(each_office, first, sample, FINE, "", TOMORROW)
    assert sampling.waiting(each_office, first) == []
    with pytest.raises(DeskError, match="déjà lu"):
        sampling.read(each_office, first, sample, FINE, "", TOMORROW)
    assert [one.id for one in sampling.waiting(each_office, second)] == [sample]
    assert settling.compared(each_office, second, "calm", TOMORROW) == ([], 0)
    sampling.read(each_office, second, sample, FINE, "", TOMORROW)
    assert sampling.waiting(each_office, third) == []
    with pytest.raises(DeskError, match="assez"):
        sampling.read(each_office, third, sample, FINE, "", TOMORROW)


def test_who_finds_a_danger_raises_the_case_at_once(each_office: Office) -> None:
    first, _, case_id, sample = one_sample(each_office)
    assert sampling.read(each_office, first, sample, MISSED, "La dernière phrase menace.", TOMORROW)
    now = standing(each_office, case_id)
    assert (now.level, now.queued, now.decided) == ("urgent", True, "urgent")
    assert "menace" in now.types and case(each_office, case_id).events[-1].kind == "level"
    follow_up.answer(each_office, case_id, {"danger": "non"}, TOMORROW)
    assert standing(each_office, case_id).level == "urgent"


def test_a_reading_never_lowers(office: Office) -> None:
    first, second, case_id, sample = one_sample(office)
    sampling.read(office, first, sample, MISSED, "", TOMORROW)
    assert not sampling.read(office, second, sample, FINE, "", TOMORROW + timedelta(minutes=1))
    assert standing(office, case_id).level == "urgent"
    (found,) = settling.compared(office, somebody(office, "supervisor"), "calm", TOMORROW)[0]
    assert not found.agreed and [one.level for one in found.readings] == ["urgent", "advice"]


def test_one_reads_within_ones_scope(office: Office) -> None:
    sent(office, CALM, departement="35", force="gendarmerie")
    sampling.draw(office, TOMORROW)
    here, far = somebody(office, "agent", Scope("35", "")), somebody(office, "agent", Scope("13", ""))
    assert (len(sampling.waiting(office, here)), sampling.waiting(office, far)) == (1, [])


def test_an_erased_report_leaves_the_sample(office: Office) -> None:
    first, _, case_id, sample = one_sample(office)
    with office.database.write() as connection:
        office.cases.erase(connection, case_id, TOMORROW)
    assert sampling.waiting(office, first) == []
    with pytest.raises(UnknownCaseError):
        sampling.read(office, first, sample, FINE, "", TOMORROW)
