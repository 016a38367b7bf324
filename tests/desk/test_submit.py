"""A report sent: kept for good, sealed, opened by its code, never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import office_at
from triage.desk import case as desk
from triage.desk.evidence import File
from triage.desk.office import DeskError, Office, derived_receipt, new_receipt, read_receipt
from triage.desk.submit import KeyReusedError, submit
from triage.engine import Engine
from triage.errors import IntakeError
from triage.store.database import StoreError
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
KEY = "0123456789abcdef0123456789abcdef"


def test_the_code_opens_the_case_again_and_a_wrong_one_does_not(each_office: Office) -> None:
    sent = submit(each_office, Told(text=THREAT, departement="07", force="gendarmerie"), [], NOW)
    case_id = desk.open_by(each_office, sent.receipt)
    assert case_id == sent.case_id
    case = desk.load(each_office, case_id)
    assert case.told.text == THREAT
    assert (case.level, case.types[0], case.state) == (sent.understood.diagnostic.level.id, "menace", "open")
    assert [event.kind for event in case.events] == ["received"]
    assert desk.open_by(each_office, new_receipt()) is None


def test_nothing_that_is_told_can_be_read_in_a_stolen_store(engine: Engine, tmp_path: Path) -> None:
    office = office_at(engine, tmp_path)
    told = Told(text=THREAT, contact="06 12 34 56 78", mail="jeanne@exemple.fr", addresses=("https://x.com/zorglub",))
    sent = submit(office, told, [File("menaces-zorglub.txt", b"Tu vas crever, Zorglub")], NOW)
    office.database.close()
    stolen = b"".join(path.read_bytes() for path in tmp_path.glob("triage.sqlite*"))
    for word in ("tuer", "habites", "06 12 34", "jeanne", "zorglub", "Zorglub", "crever", sent.receipt):
        assert word.encode() not in stolen, word


def test_a_report_sent_twice_with_its_key_is_one_case_with_one_code(each_office: Office) -> None:
    first = submit(each_office, Told(text=THREAT), [], NOW, KEY, b"same")
    again = submit(each_office, Told(text=THREAT), [], NOW, KEY, b"same")
    assert (again.case_id, again.receipt, again.again) == (first.case_id, first.receipt, True)
    with pytest.raises(KeyReusedError):
        submit(each_office, Told(text="Autre récit, sans rapport."), [], NOW, KEY, b"other")


def test_the_same_report_sent_by_many_clicks_at_once_is_one_case(each_office: Office) -> None:
    def click(_: int) -> str:
        return submit(each_office, Told(text=THREAT), [File("a.txt", b"je sais tout")], NOW, KEY, b"same").case_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(click, range(16)))) == 1
    with each_office.database.read() as connection:
        case_id = each_office.cases.by_key(connection, each_office.ring.digest("once", KEY))
        assert case_id and len(each_office.cases.get(connection, case_id[0]).exhibits) == 1


def test_a_key_that_can_be_guessed_is_refused(office: Office) -> None:
    with pytest.raises(DeskError, match="16"):
        submit(office, Told(text=THREAT), [], NOW, "1", b"x")


def test_a_text_that_cannot_be_read_is_refused_before_anything_is_kept(office: Office) -> None:
    with pytest.raises(IntakeError):
        submit(office, Told(text="   "), [], NOW)


def test_a_store_that_is_down_keeps_nothing_and_says_so(engine: Engine, tmp_path: Path) -> None:
    office = office_at(engine, tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError):
        submit(office, Told(text=THREAT), [], NOW)


def test_optional_facts_change_what_is_said(office: Office) -> None:
    text = "On m'insulte sur un réseau depuis quelques jours, à la vue de tous : « gros porc »."
    plain = submit(office, Told(text=text), [], NOW).understood.diagnostic
    told = Told(text=text, traits=("role:maire", "canal:facebook"), began=datetime(2026, 11, 1, tzinfo=UTC).date())
    better = submit(office, told, [], NOW).understood.diagnostic
    assert {"role:maire", "canal:facebook"} <= better.situation.labels - plain.situation.labels
    assert "Facebook" in [channel.label for channel in better.channels]
    starts = [clock.start.moment.date() for clock in better.clocks if clock.start]
    assert datetime(2026, 11, 1, tzinfo=UTC).date() in starts


@given(st.integers(0, 15), st.integers(1, 9))
def test_a_slip_of_one_digit_is_told_from_a_wrong_code(place: int, shift: int) -> None:
    receipt = new_receipt()
    slipped = receipt[:place] + str((int(receipt[place]) + shift) % 10) + receipt[place + 1 :]
    with pytest.raises(DeskError, match="faute de frappe"):
        read_receipt(slipped)
    assert read_receipt(f" {receipt[:4]} {receipt[4:8]}-{receipt[8:]} ") == receipt


@given(st.text(max_size=60))
def test_whatever_is_typed_as_a_code_is_a_code_or_a_sentence(typed: str) -> None:
    try:
        assert len(read_receipt(typed)) == 16
    except DeskError as error:
        assert str(error).endswith(".")


def test_a_derived_code_depends_on_the_key_and_on_the_content(office: Office) -> None:
    codes = {derived_receipt(office.ring, key, body) for key in ("a" * 16, "b" * 16) for body in (b"1", b"2")}
    assert len(codes) == 4
    assert all(read_receipt(code) == code for code in codes)
