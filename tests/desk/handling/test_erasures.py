"""A request to erase a case: decided by whoever holds it, told to the person, and never for a case transmitted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.desk.handling.test_exposing import agent
from triage.desk import erasing
from triage.desk.case import load
from triage.desk.handling import erasures
from triage.desk.handling.opening import NotHeldError
from triage.desk.office import DeskError, Office
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.store import audit
from triage.store.cases import UnknownCaseError
from triage.store.people import Person
from triage.store.people_tables import AUDIT
from triage.store.records import Told
from triage.store.tables import CASE_KEYS

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."


def asked(office: Office) -> tuple[Person, str]:
    """Somebody who holds a case whose erasure is asked."""
    who, case_id = agent(office), submit(office, Told(text=THREAT), [], NOW).case_id
    claim(office, who, case_id, NOW)
    assert erasing.erase(office, case_id, NOW) == "asked"
    return who, case_id


def test_accepted_it_is_gone_and_only_the_audit_remains(each_office: Office) -> None:
    who, case_id = asked(each_office)
    erasures.accept(each_office, who, case_id, NOW)
    with pytest.raises(UnknownCaseError):
        load(each_office, case_id)
    with each_office.database.read() as connection:
        assert connection.execute(select(CASE_KEYS).where(CASE_KEYS.c.case_id == case_id)).first() is None
        done = connection.scalars(select(AUDIT.c.what).where(AUDIT.c.case_id == case_id)).all()
        assert list(audit.faults(connection, each_office.ring)) == []
    assert done[-1] == "erasure.accept"


def test_refused_the_person_reads_why_and_the_request_is_closed(each_office: Office) -> None:
    who, case_id = asked(each_office)
    erasures.refuse(each_office, who, case_id, "Une enquête peut en avoir besoin.", NOW)
    case = load(each_office, case_id)
    assert "Une enquête peut en avoir besoin." in case.messages[-1].text
    assert (case.messages[-1].by, case.messages[-1].author) == ("agent", who.id)
    assert "motif vous est écrit" in case.events[-1].detail
    assert [one.state for one in case.asked] == ["refused"] and not erasures.asked(case)


def test_a_refusal_says_why(office: Office) -> None:
    who, case_id = asked(office)
    with pytest.raises(DeskError, match="pourquoi"):
        erasures.refuse(office, who, case_id, "  ", NOW)
    assert erasures.asked(load(office, case_id))


def test_only_whoever_holds_the_case_decides(office: Office) -> None:
    _, case_id = asked(office)
    other = agent(office, login="autre@exemple.fr")
    with pytest.raises(NotHeldError):
        erasures.accept(office, other, case_id, NOW)
    with pytest.raises(NotHeldError):
        erasures.refuse(office, other, case_id, "Non.", NOW)
    assert load(office, case_id).messages == ()


def test_nothing_is_erased_that_was_not_asked_to_be(office: Office) -> None:
    who, case_id = agent(office), submit(office, Told(text=THREAT), [], NOW).case_id
    claim(office, who, case_id, NOW)
    with pytest.raises(DeskError, match="Aucune demande"):
        erasures.accept(office, who, case_id, NOW)
    assert load(office, case_id).told.text == THREAT


def test_a_case_transmitted_is_kept(office: Office) -> None:
    who, case_id = asked(office)
    with office.database.write() as connection:
        office.cases.set_state(connection, case_id, "transmitted", NOW)
    with pytest.raises(DeskError, match="transmis"):
        erasures.accept(office, who, case_id, NOW)
    assert load(office, case_id).told.text == THREAT


def test_a_request_on_a_closed_case_can_still_be_decided(office: Office) -> None:
    who, case_id = asked(office)
    with office.database.write() as connection:
        office.cases.set_state(connection, case_id, "closed", NOW)
        office.cases.stand(connection, case_id, claimed_by=None, lease_until=None)
    erasures.accept(office, who, case_id, NOW)
    with pytest.raises(UnknownCaseError):
        load(office, case_id)
