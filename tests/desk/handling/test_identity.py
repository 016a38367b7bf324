"""Who speaks is verified by calling back the known number of the directory; nothing ever waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.handling.cast import NOW, THREAT, case, held, listed, sent, somebody, standing
from triage.desk.alerts.raising import look
from triage.desk.handling.identity import callers, verify
from triage.desk.office import DeskError, Office
from triage.store import notes
from triage.store.desk_tables import ALERTS
from triage.store.people_tables import AUDIT

LATER = NOW + timedelta(minutes=10)
IMMINENT = (
    "Un homme armé d'un fusil est devant ma porte en ce moment et crie qu'il va me tuer. Appelez le 06 11 11 11 11."
)


def directory(office: Office) -> None:
    listed(office, "m-35001", "mairie", "Mairie d'Acigné-les-Essais", "02 99 00 00 35", "35001")
    listed(office, "m-35002", "mairie", "Mairie de Bellefontaine", "02 99 00 00 36", "35002")
    listed(office, "p-35", "prefecture", "Préfecture d'Ille-et-Vilaine", "02 99 00 00 00")
    listed(office, "b-1", "brigade", "Brigade de Bellefontaine", "02 99 00 00 17")


def known(office: Office, case_id: str, named: str = "") -> list[str]:
    with office.database.read() as connection:
        return [one.id for one in callers(office, connection, office.cases.standing(connection, case_id), named)]


def test_the_numbers_proposed_are_those_of_the_directory(office: Office) -> None:
    directory(office)
    case_id = held(office, somebody(office), IMMINENT, departement="35")
    assert known(office, case_id) == ["p-35"]
    with office.database.write() as connection:
        office.cases.stand(connection, case_id, commune="35001")
    assert known(office, case_id) == ["m-35001", "p-35"]
    assert known(office, case_id, "bellefontaine") == ["m-35002"]
    assert known(office, case_id, "06 11 11 11 11") == []


@pytest.mark.parametrize("result", ["verified", "unconfirmed", "impostor"])
def test_who_called_whom_and_what_came_of_it_are_kept(each_office: Office, result: str) -> None:
    directory(each_office)
    agent = somebody(each_office)
    case_id = held(each_office, agent, departement="35")
    before = len(case(each_office, case_id).events)
    after = verify(each_office, agent, case_id, "p-35", result, "Eu le cabinet.", LATER)
    assert after.identity == result
    with each_office.database.read() as connection:
        (note,) = notes.of_case(connection, each_office.cases.sealer(connection, case_id), case_id)
        last = connection.execute(select(AUDIT).where(AUDIT.c.what == "identity")).one()
    assert (last.who, last.about) == (agent.id, result)
    assert note.by == agent.id and "02 99 00 00 00" in note.text and "Eu le cabinet." in note.text
    assert len(case(each_office, case_id).events) - before == (1 if result == "verified" else 0)


@pytest.mark.parametrize(
    ("entry", "result"), [("b-1", "verified"), ("0611111111", "verified"), ("p-35", "sûr"), ("", "")]
)
def test_only_an_entry_that_can_answer_for_the_person_counts(office: Office, entry: str, result: str) -> None:
    directory(office)
    agent = somebody(office)
    case_id = held(office, agent, departement="35")
    with pytest.raises(DeskError):
        verify(office, agent, case_id, entry, result, "", LATER)
    assert standing(office, case_id).identity == "unverified"


def test_nothing_waits_for_an_identity(each_office: Office) -> None:
    somebody(each_office)
    case_id = sent(each_office, IMMINENT, departement="35")
    now = standing(each_office, case_id)
    assert (now.identity, now.level, now.queued, now.due_at) == ("unverified", "immediate", True, NOW)
    look(each_office, NOW, mail=True)
    with each_office.database.read() as connection:
        assert "immediate" in connection.scalars(select(ALERTS.c.kind).where(ALERTS.c.case_id == case_id)).all()


def test_even_a_denied_identity_changes_neither_level_nor_place(office: Office) -> None:
    directory(office)
    agent = somebody(office)
    case_id = held(office, agent, THREAT, departement="35")
    before = standing(office, case_id)
    after = verify(office, agent, case_id, "p-35", "impostor", "", NOW)
    assert (after.level, after.queued, after.turn, after.due_at) == (
        before.level,
        before.queued,
        before.turn,
        before.due_at,
    )
