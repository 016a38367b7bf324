"""What is no case goes in its time too: sessions, prints, answers on trial, readings, files beside the store."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from tests.desk.forgetting.lives import AGENT, NOW, beside, case, days, keys, told
from triage.desk.forgetting.files import Beside
from triage.desk.forgetting.purging import purge
from triage.desk.office import Office
from triage.desk.people import sessions
from triage.store import people, prints
from triage.store.cases import new_id
from triage.store.desk_tables import DECISIONS, SAMPLE_READS, SAMPLES
from triage.store.people import Scope
from triage.store.people_tables import SESSIONS
from triage.store.tables import ASSESSMENTS, SHADOW_ANSWERS


def rows(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return len(connection.execute(select(table)).all())


def test_sessions_that_are_over_go(each_office: Office) -> None:
    with each_office.database.write() as connection:
        who = people.add(connection, "lea@exemple.fr", "Léa", "agent", [Scope()], "", NOW)
        sessions.begin(each_office, connection, who, "password", NOW)
    kept = each_office.policies.retention.other("sessions").time + sessions.LONGEST
    assert purge(each_office, beside(each_office), NOW + kept - days(1)).others["sessions"] == 0
    assert purge(each_office, beside(each_office), NOW + kept + days(1)).others["sessions"] == 1
    assert rows(each_office, SESSIONS) == 0


def test_prints_go_before_their_case_but_not_what_waits_to_be_compared(each_office: Office) -> None:
    case_id = case(each_office, first_claimed_at=NOW)
    with each_office.database.write() as connection:
        prints.keep(connection, case_id, prints.Prints(frozenset(), frozenset({prints.Mark("link", b"a" * 16)})), NOW)
        prints.ask(connection, case_id, NOW)
    done = purge(each_office, beside(each_office), NOW + days(366))
    assert done.others["empreintes"] >= 1
    with each_office.database.read() as connection:
        assert prints.of_case(connection, case_id).marks == frozenset()
        assert prints.due(connection, 10) == [case_id]
    assert case_id in keys(each_office)


def test_answers_of_the_model_on_trial_stay(each_office: Office) -> None:
    case_id = told(each_office, first_claimed_at=NOW)
    with each_office.database.write() as connection:
        made = connection.scalar(select(ASSESSMENTS.c.id))
        said = {"level": "agent", "types": "", "flags": "", "served_level": "agent", "served_types": "", "held": False}
        for version in ("ancien", "essai"):
            row = {"id": new_id(), "case_id": case_id, "assessment_id": made, "version": version, "at": NOW}
            connection.execute(insert(SHADOW_ANSWERS).values(**row, **said, served_flags=""))
    place = Beside(beside(each_office).data, "essai")
    assert purge(each_office, place, NOW + days(181)).others["ombre"] == 1
    with each_office.database.read() as connection:
        assert connection.scalars(select(SHADOW_ANSWERS.c.version)).all() == ["essai"]


def test_readings_made_to_teach_go_with_their_time(each_office: Office) -> None:
    case_id, sample = case(each_office, first_claimed_at=NOW + days(700)), new_id()
    with each_office.database.write() as connection:
        drawn = {"case_id": case_id, "day": "2026-11-27", "drawn_at": NOW, "population": 9, "drawn": 1}
        connection.execute(insert(SAMPLES).values(id=sample, purpose="teaching", **drawn))
        read = {"case_id": case_id, "sample_id": sample, "person_id": AGENT, "at": NOW, "level": "agent", "note": b""}
        connection.execute(insert(SAMPLE_READS).values(id=new_id(), types="menace", **read))
        decision = {"id": new_id(), "case_id": case_id, "at": NOW + days(700), "by": AGENT, "kind": "confirmed"}
        words = dict.fromkeys(("types_before", "types", "flags_before", "flags", "sources", "rules"), "")
        levels = {"level_before": "agent", "level": "agent", "reason": b""}
        connection.execute(insert(DECISIONS).values(**decision, **words, **levels))
    purge(each_office, beside(each_office), NOW + days(731))
    assert (rows(each_office, SAMPLES), rows(each_office, SAMPLE_READS)) == (0, 0)
    assert case_id in keys(each_office)


def made(path: Path, at: datetime) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def test_decisions_kept_by_the_workshop_go_once_a_case_was_erased(office: Office) -> None:
    folder = beside(office).data
    old = made(folder / "cache" / "impact" / "a.parquet", NOW - days(91))
    before = made(folder / "cache" / "analysis" / "b.parquet", NOW - days(2))
    after = made(folder / "cache" / "analysis" / "c.parquet", NOW + timedelta(hours=1))
    purge(office, beside(office), NOW)
    assert (old.exists(), before.exists(), after.exists()) == (False, True, True)
    case_id = case(office)
    with office.database.write() as connection:
        office.cases.erase(connection, case_id, NOW)
    purge(office, beside(office), NOW + timedelta(hours=2))
    assert (before.exists(), after.exists()) == (False, True)


def test_rules_of_the_past_stay_while_an_assessment_was_made_by_them(office: Office) -> None:
    told(office, first_claimed_at=NOW)
    digest = office.engine.catalogue.digest
    with office.database.write() as connection:
        connection.execute(update(ASSESSMENTS).values(rules="0123456789ab"))
    archive = beside(office).data / "archive" / "rules"
    used, served, unused = (made(archive / f"{name}.zip", NOW - days(99)) for name in ("0123456789ab", digest, "ffff"))
    purge(office, beside(office), NOW)
    assert (used.exists(), served.exists(), unused.exists()) == (True, True, False)
