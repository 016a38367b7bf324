"""Two blind readings that differ are decided by a third person, who sees both; what agrees needs nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.desk.handling.cast import CALM, NOW, case, sent, somebody, standing
from triage.desk import follow_up
from triage.desk.handling import sampling, settling
from triage.desk.handling.deciding import Opinion
from triage.desk.handling.excluding import exclude
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.store import samples
from triage.store.cases import UnknownCaseError
from triage.store.desk_tables import RULINGS, SAMPLE_READS, SAMPLES
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.store.tables import CASE_KEYS

LATER = NOW + timedelta(hours=1)
FINE, SHARP = Opinion(("hors_perimetre",), (), "advice"), Opinion(("menace",), ("arme",), "urgent")
RUDE = Opinion(("injure",), (), "advice")
WHY = "C'est une injure, sans menace."


def chosen(office: Office) -> tuple[str, str]:
    """A calm report, put on the list of those that teach most: its case and its sample."""
    case_id = sent(office, CALM, departement="35")
    with office.database.write() as connection:
        sealer = office.cases.sealer(connection, case_id)
        samples.add_teaching(connection, sealer, case_id, "2026-11-27", ["Le modèle hésite."], 1, NOW)
        sample = connection.scalar(select(SAMPLES.c.id).where(SAMPLES.c.case_id == case_id))
    return case_id, str(sample)


def parted(office: Office, *opinions: Opinion) -> tuple[Person, Person, str, str]:
    """Two readers of different opinions, the case and the sample."""
    case_id, sample = chosen(office)
    first, second = somebody(office), somebody(office, "analyst")
    one, other = opinions or (FINE, RUDE)
    sampling.read(office, first, sample, one, "", NOW)
    sampling.read(office, second, sample, other, "", NOW + timedelta(minutes=9))
    return first, second, case_id, sample


def test_a_third_person_decides_and_says_why(each_office: Office) -> None:
    _, _, case_id, sample = parted(each_office)
    third = somebody(each_office, "analyst")
    (open_one,) = settling.disputed(each_office, third)[0]
    assert [one.types for one in open_one.readings] == [("hors_perimetre",), ("injure",)]
    assert not settling.settle(each_office, third, sample, RUDE, WHY, LATER)
    assert settling.disputed(each_office, third) == ([], 0)
    (done,) = settling.compared(each_office, somebody(each_office, "supervisor"), "teaching", LATER)[0]
    assert done.settled is not None and (done.settled.types, done.settled.note) == (("injure",), WHY)
    assert (done.agreed, done.reasons) == (False, ("Le modèle hésite.",))
    with each_office.database.read() as connection:
        line = connection.execute(select(AUDIT).where(AUDIT.c.what == "sample.settle")).one()
        settled = settling.settled_readings(each_office, connection)
    assert (line.who, line.case_id, line.about) == (third.id, case_id, f"{sample} advice")
    assert settled[case_id][0].types == ("injure",) and settled[case_id][1] == NOW


def test_neither_reader_nor_an_agent_nor_somebody_from_elsewhere_decides(office: Office) -> None:
    _, second, case_id, sample = parted(office)
    boss = somebody(office, "supervisor")
    with pytest.raises(DeskError, match="Vous avez lu ce récit"):
        settling.settle(office, second, sample, RUDE, WHY, LATER)
    assert settling.disputed(office, second) == ([], 0)
    out = somebody(office, "supervisor")
    exclude(office, boss, case_id, out.id, "Sa sœur.", NOW)
    for person in (
        somebody(office),
        somebody(office, "analyst", Scope("13", "")),
        out,
        somebody(office, "administrator"),
    ):
        with pytest.raises(ForbiddenError):
            settling.settle(office, person, sample, RUDE, WHY, LATER)
        with pytest.raises(ForbiddenError):
            settling.open_disputed(office, person, sample, LATER)
    assert settling.disputed(office, out) == ([], 0)


def test_there_is_nothing_to_decide_before_two_have_read_nor_when_they_agree_nor_twice(office: Office) -> None:
    boss, (_, sample) = somebody(office, "supervisor"), chosen(office)
    with pytest.raises(DeskError, match="toutes les personnes attendues"):
        settling.settle(office, boss, sample, RUDE, WHY, LATER)
    for person in (somebody(office), somebody(office)):
        sampling.read(office, person, sample, FINE, "", NOW)
    with pytest.raises(DeskError, match="rien à départager"):
        settling.settle(office, boss, sample, RUDE, WHY, LATER)
    *_, sample = parted(office)
    settling.settle(office, boss, sample, RUDE, WHY, LATER)
    with pytest.raises(DeskError, match="rien à départager"):
        settling.settle(office, somebody(office, "analyst"), sample, FINE, WHY, LATER)


@pytest.mark.parametrize(
    ("second", "agreed"),
    [
        (FINE, True),
        (replace(FINE, level="guided"), False),
        (replace(FINE, types=("hors_perimetre", "injure")), False),
        (replace(FINE, flags=("arme",)), False),
    ],
    ids=["the same", "another level", "one more type", "one more flag"],
)
def test_readers_agree_on_all_or_not_at_all(office: Office, second: Opinion, agreed: bool) -> None:
    parted(office, FINE, second)
    (found,) = settling.compared(office, somebody(office, "supervisor"), "teaching", LATER)[0]
    assert found.agreed is agreed


def test_a_reason_and_ids_of_the_rules_are_needed(office: Office) -> None:
    *_, sample = parted(office)
    boss = somebody(office, "supervisor")
    for opinion, why in ((RUDE, " "), (Opinion((), (), "advice"), WHY), (Opinion(("x",), (), "advice"), WHY)):
        with pytest.raises(DeskError):
            settling.settle(office, boss, sample, opinion, why, LATER)


def test_who_decides_that_an_agent_has_to_act_raises_the_case(office: Office) -> None:
    *_, case_id, sample = parted(office)
    assert settling.settle(office, somebody(office, "analyst"), sample, SHARP, "La fin menace.", LATER)
    now = standing(office, case_id)
    assert (now.level, now.queued, "arme" in now.flags) == ("urgent", True, True)


def test_a_report_that_grew_between_two_readings_is_to_be_decided(office: Office) -> None:
    case_id, sample = chosen(office)
    page = sampling.seen_of(case(office, case_id))
    sampling.read(office, somebody(office), sample, FINE, "", NOW, page)
    follow_up.complete(office, case_id, "Il y a eu une suite.", NOW)
    with pytest.raises(DeskError, match="a ajouté quelque chose"):
        sampling.read(office, somebody(office), sample, FINE, "", NOW, page)
    sampling.read(office, somebody(office), sample, FINE, "", NOW)
    (found,) = settling.disputed(office, somebody(office, "supervisor"))[0]
    assert len({one.seen for one in found.readings}) == 2


def test_all_of_it_is_erased_with_the_case(each_office: Office) -> None:
    *_, case_id, sample = parted(each_office)
    settling.settle(each_office, somebody(each_office, "analyst"), sample, RUDE, WHY, LATER)
    with each_office.database.write() as connection:
        each_office.cases.erase(connection, case_id, LATER)
    with each_office.database.read() as connection:
        for table in (RULINGS, SAMPLE_READS, SAMPLES):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(UnknownCaseError):
        settling.settle(each_office, somebody(each_office, "analyst"), sample, RUDE, WHY, LATER)


def test_one_that_does_not_open_stops_no_list_and_is_counted(each_office: Office) -> None:
    *_, case_id, _ = parted(each_office)
    parted(each_office)
    with each_office.database.write() as connection:
        connection.execute(update(CASE_KEYS).where(CASE_KEYS.c.case_id == case_id).values(wrapped=b"perdue"))
    boss = somebody(each_office, "supervisor")
    for found, closed in (
        settling.disputed(each_office, boss),
        settling.compared(each_office, boss, "teaching", LATER),
    ):
        assert (len(found), closed) == (1, 1)
        assert found[0].sample.case_id != case_id


def test_who_reads_the_remarks_of_readers_is_in_the_audit(office: Office) -> None:
    boss = somebody(office, "supervisor")
    settling.compared(office, boss, "teaching", LATER)
    parted(office)
    settling.compared(office, boss, "teaching", LATER)
    with office.database.read() as connection:
        (line,) = connection.execute(select(AUDIT).where(AUDIT.c.what == "sample.compare"))
    assert (line.who, line.about) == (boss.id, "1")
