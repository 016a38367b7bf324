"""What is erased when its time is over, and what is not; each case goes whole, or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from tests.desk.forgetting.lives import AGENT, NOW, beside, case, closed, days, keys, states, told
from triage.desk import auditing
from triage.desk.forgetting import purging
from triage.desk.forgetting.policy import Brake
from triage.desk.forgetting.purging import BrakeError, planned, purge
from triage.desk.office import Office
from triage.store.cases import UnknownCaseError, new_id
from triage.store.desk_tables import MEASURES
from triage.store.erasing import BELONGINGS
from triage.store.limit_tables import APART
from triage.store.people_tables import AUDIT
from triage.store.tables import CASE_KEYS, CASES

Make = Callable[[Office], str]


KINDS: list[tuple[str, Make, int]] = [
    ("jamais_pris", lambda office: told(office), 365),
    ("suivi", lambda office: case(office, first_claimed_at=NOW), 730),
    ("retire", lambda office: case(office, state="withdrawn"), 30),
    ("clos", lambda office: closed(office), 1095),
    ("clos_plainte", lambda office: closed(office, "plainte"), 2190),
    ("clos_court", lambda office: closed(office, "doublon"), 180),
]


@pytest.mark.whole
def test_each_kind_of_case_goes_on_its_day_and_not_before(each_office: Office) -> None:
    assert [(one.id, one.days) for one in each_office.policies.retention.ending] == [(rule, n) for rule, _, n in KINDS]
    for rule, make, kept in KINDS:
        one_kind(each_office, rule, make(each_office), kept)
    assert auditing.check(each_office.database, each_office.ring).faults == ()


def one_kind(office: Office, rule: str, case_id: str, kept: int) -> None:
    early = purge(office, beside(office), NOW + days(kept) - timedelta(minutes=1))
    assert sum(early.cases.values()) == 0 and keys(office) == {case_id}, rule
    late = NOW + days(kept)
    assert planned(office, beside(office), late).cases[rule] == 1
    assert keys(office) == {case_id}, "what is only planned erases nothing"
    expected = {one.id: int(one.id == rule) for one in office.policies.retention.ending}
    assert purge(office, beside(office), late).cases == expected
    assert (states(office, case_id), keys(office)) == (["erased"], set())
    with office.database.read() as connection:
        for table in BELONGINGS:
            assert connection.execute(select(table).where(table.c.case_id == case_id)).all() == [], table.name
        lines = connection.execute(select(AUDIT.c.who, AUDIT.c.what, AUDIT.c.case_id, AUDIT.c.about)).all()
        with pytest.raises(UnknownCaseError):
            office.cases.get(connection, case_id)
    assert ("system", "purge", case_id, rule) in [tuple(one) for one in lines]


def measured(office: Office, case_id: str, **columns: Any) -> None:
    row = {"id": new_id(), "case_id": case_id, "kind": "bouton_appel", "state": "accorde", "since": NOW, "by": AGENT}
    with office.database.write() as connection:
        connection.execute(insert(MEASURES).values(**row, **columns))


def apart(office: Office, case_id: str) -> None:
    row = {"id": new_id(), "case_id": case_id, "at": NOW, "ground": "flood", "found": AGENT, "number": 9, "sources": 2}
    with office.database.write() as connection:
        connection.execute(insert(APART).values(**row, back_at=None, state="waiting"))


def column(office: Office, case_id: str, **values: Any) -> None:
    with office.database.write() as connection:
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(**values))


LONG_AFTER = NOW + days(20_000)


HOLDS: dict[str, Callable[[Office, str], object]] = {
    "transmis": lambda office, one: column(office, one, state="transmitted", outcome="transmis"),
    "attendu": lambda office, one: column(office, one, state="open", queued=True),
    "pris": lambda office, one: column(office, one, claimed_by=AGENT, lease_until=LONG_AFTER + days(1)),
    "protégé": lambda office, one: measured(office, one, until=LONG_AFTER + days(1)),
    "à rappeler": lambda office, one: measured(office, one, remind_at=NOW),
    "mis à part": lambda office, one: apart(office, one),
    "joint": lambda office, one: column(office, one, merged_into=closed(office, "transmis")),
    "partagé": lambda office, one: case(office, split_from=one, queued=True),
}


def test_what_somebody_needs_is_kept_whatever_its_age(each_office: Office) -> None:
    held = {name: closed(each_office) for name in HOLDS}
    free = closed(each_office)
    for name, case_id in held.items():
        HOLDS[name](each_office, case_id)
    purge(each_office, beside(each_office), LONG_AFTER, everything=True)
    assert {name for name, case_id in held.items() if case_id not in keys(each_office)} == set()
    assert free not in keys(each_office)


def test_something_new_begins_the_time_anew(each_office: Office) -> None:
    case_id = closed(each_office, "doublon")
    with each_office.database.write() as connection:
        each_office.cases.write(connection, case_id, "agent", "Votre dossier est clos.", NOW + days(100))
    assert purge(each_office, beside(each_office), NOW + days(181)).cases["clos_court"] == 0
    assert purge(each_office, beside(each_office), NOW + days(280)).cases["clos_court"] == 1


def test_a_case_that_changes_at_the_last_moment_is_not_erased(
    each_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found due, then written to before its turn comes."""
    case_id = closed(each_office, "doublon")
    found = purging.due.found

    def then(*arguments: Any) -> Any:
        page = found(*arguments)
        monkeypatch.setattr(purging.due, "found", found)
        with each_office.database.write() as connection:
            each_office.cases.write(connection, case_id, "official", "Attendez.", NOW + days(399))
        return page

    rule = next(one for one in each_office.policies.retention.ending if one.id == "clos_court")
    now = NOW + days(400)
    monkeypatch.setattr(purging.due, "found", then)
    assert [purging._forget(each_office, one, rule, now) for one in purging._due(each_office, rule, now)] == [False]
    assert case_id in keys(each_office)


def test_cases_joined_go_after_the_one_they_were_joined_to(each_office: Office) -> None:
    main = closed(each_office, "doublon")
    other = closed(each_office, "doublon", merged_into=main)
    assert purge(each_office, beside(each_office), NOW + days(180)).cases["clos_court"] == 2
    assert states(each_office, main, other) == ["erased", "erased"]


def test_a_clock_gone_wrong_erases_nothing(each_office: Office) -> None:
    retention = each_office.policies.retention.model_copy(update={"brake": Brake(share=0.25, above=3)})
    office = replace(each_office, policies=replace(each_office.policies, retention=retention))
    ids = [closed(office) for _ in range(4)]
    with pytest.raises(BrakeError, match="--all"):
        purge(office, beside(office), NOW + days(4_000))
    assert set(states(office, *ids)) == {"closed"}
    assert purge(office, beside(office), NOW + days(4_000), everything=True).cases["clos"] == 4


def _plain() -> dict[str, Any]:
    ended = {"received_at": NOW, "changed_at": NOW, "closed_at": NOW, "state": "closed", "outcome": "conseils"}
    return ended | {"level": "agent", "rank": 2, "types": "menace raid", "flags": "", "departement": "35", "force": ""}


# --- Killed ---------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends there."""


@pytest.mark.parametrize(
    "step",
    [
        "triage.store.statistics.add",
        "triage.store.cases.erase",
        "triage.desk.journal.record",
        "triage.store.audit.append",
    ],
)
def test_killed_in_a_case_it_is_whole_and_goes_the_next_time(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ids = [closed(office, "doublon") for _ in range(3)]
    calls: list[int] = []
    name, _, attribute = step.rpartition(".")
    done = getattr(sys.modules[name], attribute)

    def dying(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return done(*arguments, **named)

    monkeypatch.setattr(step, dying)
    with pytest.raises(Killed):
        purge(office, beside(office), NOW + days(180))
    monkeypatch.undo()
    found = dict(zip(ids, states(office, *ids), strict=True))
    assert sorted(found.values()) == ["closed", "closed", "erased"]
    assert keys(office) == {one for one, state in found.items() if state == "closed"}
    for one in keys(office):
        with office.database.read() as connection:
            assert office.cases.get(connection, one).told.text
    assert purge(office, beside(office), NOW + days(180)).cases["clos_court"] == 2
    assert not keys(office)


_CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from triage.desk.forgetting import purging
from triage.desk.forgetting.policy import CaseRule
from triage.store.cases import Cases
from triage.store.database import Database
from triage.store.keys import open_ring
database, ring = Database(sys.argv[1]), open_ring(Path(sys.argv[2]))
rule = CaseRule(id="clos", label="", why="x", state="closed", days=1)
retention = SimpleNamespace(cases=[rule])
office = SimpleNamespace(database=database, ring=ring, cases=Cases(ring), policies=SimpleNamespace(retention=retention))
now = datetime.fromisoformat(sys.argv[3])
for case_id in purging._due(office, rule, now):
    purging._forget(office, case_id, rule, now)
    print("one", flush=True)
"""


@pytest.mark.whole
def test_a_process_that_is_killed_leaves_no_case_half_erased(each_office: Office, tmp_path: Path) -> None:
    """A real process, ended by kill -9 after its first cases: each of the others opens, or is gone with its key."""
    with each_office.database.write() as connection:
        for row in [dict(id=new_id(), **_plain()) for _ in range(60)]:
            wrapped = each_office.ring.new_case_key()
            told = each_office.ring.sealer(wrapped).seal(json.dumps({"text": "Récit."}).encode())
            connection.execute(insert(CASES).values(**row, told=told))
            connection.execute(insert(CASE_KEYS).values(case_id=row["id"], wrapped=wrapped))
    address = each_office.database.url
    late = (NOW + days(9)).isoformat()
    command = [sys.executable, "-c", _CHILD, address, str(tmp_path / "keys"), late]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) as child:
        assert child.stdout is not None
        for _ in range(5):
            assert child.stdout.readline() == b"one\n"
        child.kill()
    with each_office.database.read() as connection:
        rows = connection.execute(select(CASES.c.id, CASES.c.state)).all()
        for row in rows:
            if row.state == "erased":
                with pytest.raises(UnknownCaseError):
                    each_office.cases.get(connection, row.id)
            else:
                assert each_office.cases.get(connection, row.id).told.text == "Récit."
        lines = connection.scalars(select(AUDIT.c.case_id).where(AUDIT.c.what == "purge")).all()
    erased = [row.id for row in rows if row.state == "erased"]
    assert len(erased) >= 5 and sorted(lines) == sorted(erased)
    assert auditing.check(each_office.database, each_office.ring).faults == ()
