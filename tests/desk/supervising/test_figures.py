"""What the dashboard counts, on both stores, against cases whose story is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.desk.alerts.conftest import case, person
from triage.desk.office import Office
from triage.desk.supervising.cells import Lasting, Section, as_csv, percent, ranked, wilson
from triage.desk.supervising.dashboard import Asked, dashboard, steps
from triage.desk.supervising.policy import Period
from triage.store.cases import new_id
from triage.store.desk_tables import CLAIMS, DECISIONS, EXPOSURES, SAMPLE_READS, SAMPLES
from triage.store.people import Person, Scope

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)


def sections(office: Office, who: Person, departement: str = "") -> dict[str, Section]:
    asked = Asked(office.policies.dashboard.periods[0], departement)
    return {one.id: one for one in dashboard(office, who, asked, NOW)}


def claimed(office: Office, case_id: str, since: datetime, closed: datetime | None = None) -> None:
    """Somebody took the case then, and closed it."""
    with office.database.write() as connection:
        row = {"id": new_id(), "case_id": case_id, "who": 32 * "a", "since": since, "until": closed}
        connection.execute(CLAIMS.insert().values(**row))
        office.cases.stand(connection, case_id, first_claimed_at=since)
        if closed:
            office.cases.stand(connection, case_id, state="closed", queued=False, closed_at=closed)


def decided(office: Office, case_id: str, before: str, after: str, hours: int = 0, **columns: str) -> None:
    row = {"id": new_id(), "case_id": case_id, "at": NOW - 5 * HOUR + hours * HOUR, "by": 32 * "a", "reason": b""}
    row |= {"kind": "corrected", "level_before": before, "level": after, "rules": "", "flags_before": "", "flags": ""}
    row |= {"types_before": "menace", "types": "menace", "sources": ""} | columns
    with office.database.write() as connection:
        connection.execute(DECISIONS.insert().values(**row))


def read(office: Office, *levels: str) -> None:
    """A report of the sample, and what its readers found."""
    case_id, sample = case(office, "advice", now=NOW - 9 * HOUR), new_id()
    with office.database.write() as connection:
        drawn = {"id": sample, "case_id": case_id, "day": "2026-11-27", "drawn_at": NOW, "population": 9, "drawn": 1}
        connection.execute(SAMPLES.insert().values(**drawn))
        for level in levels:
            row = {"id": new_id(), "case_id": case_id, "sample_id": sample, "person_id": new_id(), "at": NOW - HOUR}
            connection.execute(SAMPLE_READS.insert().values(**row, level=level, types="menace", note=b""))


def test_waiting_and_handling_times(each_office: Office) -> None:
    who = person(each_office, "ana@exemple.fr", role="analyst")
    for minutes in range(1, 11):  # ten cases that waited 1 to 10 minutes, two of them a week before
        at = NOW - 24 * HOUR - (timedelta(days=7) if minutes > 8 else timedelta())
        found = case(each_office, "urgent", now=at)
        claimed(each_office, found, at + timedelta(minutes=minutes), at + timedelta(minutes=minutes) + HOUR)
    case(each_office, "urgent", now=NOW - HOUR)  # nobody took it yet
    told = sections(each_office, who)
    assert told["attente"].rows == (
        ("Urgent", "Toute la période", 10, Lasting(300), Lasting(540)),
        ("Urgent", "16 novembre 2026", 2, Lasting(540), Lasting(600)),
        ("Urgent", "23 novembre 2026", 8, Lasting(240), Lasting(480)),
    )
    assert told["traitement"].rows[0] == ("Urgent", "Toute la période", 10, Lasting(3600), Lasting(3600))
    assert [bar.text for bar in told["attente"].charts[0].bars][:1] == ["5 min ; 9 min"]


def test_what_is_late_what_waits_what_came(each_office: Office) -> None:
    who = person(each_office, "ana@exemple.fr", role="analyst")
    late, good = (case(each_office, "urgent", "35", now=NOW - 5 * HOUR) for _ in range(2))
    claimed(each_office, late, NOW - 3 * HOUR)
    claimed(each_office, good, NOW - 4.5 * HOUR)
    case(each_office, "urgent", "64", now=NOW - 2 * HOUR)  # late, and still waiting
    case(each_office, "agent", now=NOW - 30 * HOUR)
    erased = case(each_office, "urgent", "35", now=NOW - 2 * HOUR)
    with each_office.database.write() as connection:
        each_office.cases.erase(connection, erased, NOW)
    told = sections(each_office, who)
    assert told["retard"].rows[1][:4] == ("Urgent", 2, 3, "66,7 %") and told["retard"].rows[1][5] == 1
    assert "peu de cas" in str(told["retard"].rows[1][4])
    waiting = {row[0]: row[-1] for row in told["en-cours"].rows}
    assert waiting["de 1 à 4 heures"] == 1 and waiting["de 4 à 24 heures"] == 2 and waiting["de 1 à 3 jours"] == 1
    assert told["departements"].rows == (("35 Ille-et-Vilaine", 2), ("Non précisé", 1), ("64 Pyrénées-Atlantiques", 1))
    assert told["types"].rows == (("Menace", 4),) or told["types"].rows[0][1] == 4


def test_only_the_person_s_places_are_counted_and_the_place_asked(office: Office) -> None:
    for place in ("35", "64", ""):
        case(office, "agent", place, now=NOW - HOUR)
    everywhere = person(office, "ana@exemple.fr", role="analyst")
    here = person(office, "chef@exemple.fr", Scope("35"), role="supervisor")
    assert sum(row[-1] for row in sections(office, everywhere)["en-cours"].rows) == 3
    assert sum(row[-1] for row in sections(office, here)["en-cours"].rows) == 2
    assert sum(row[-1] for row in sections(office, here, "64")["en-cours"].rows) == 0


def test_corrections_and_triage_seen_so_far(each_office: Office) -> None:
    who = person(each_office, "ana@exemple.fr", role="analyst")
    cases = [case(each_office, "agent", now=NOW - 8 * HOUR) for _ in range(4)]
    decided(
        each_office,
        cases[0],
        "agent",
        "urgent",
        types_before="raid menace",
        types="menace chantage",
        sources="raid=model",
    )
    decided(each_office, cases[1], "agent", "immediate")
    decided(each_office, cases[1], "immediate", "advice", hours=1)  # what counts is the first and the last
    decided(each_office, cases[2], "agent", "agent", kind="confirmed")
    decided(each_office, cases[3], "agent", "agent", types="", sources="menace=rule")
    for levels in (("advice", "advice"), ("advice", "urgent"), ("guided",)):
        read(each_office, *levels)
    told = sections(each_office, who)
    found = {row[0]: row[1:4] for row in told["accord"].rows}
    assert found == {
        "Niveau relevé par les agents (sous-triage)": (1, 4, "25,0 %"),
        "Niveau abaissé par les agents (sur-triage)": (1, 4, "25,0 %"),
        "Échantillon : un lecteur y voit le travail d'un agent": (1, 3, "33,3 %"),
        "Échantillon : deux lecteurs, même réponse (agent ou non)": (1, 2, "50,0 %"),
        "Échantillon : deux lecteurs, même niveau": (1, 2, "50,0 %"),
        "Échantillon : deux lecteurs, mêmes types": (2, 2, "100,0 %"),
    }
    kinds = each_office.engine.composer.kinds
    corrected = {row[0]: row[1:] for row in told["corrections"].rows}
    assert corrected[kinds["raid"].label] == (0, 0, 1, 0, 0)
    assert corrected[kinds["menace"].label] == (4, 1, 0, 0, 0)
    assert corrected[kinds["chantage"].label] == (0, 0, 0, 0, 1)
    assert ("Agent spécialisé", 0, 1, 2, 0, 1) in told["niveaux"].rows


def test_decisions_are_counted_within_the_person_s_places(each_office: Office) -> None:
    for place in ("35", "64"):
        decided(each_office, case(each_office, "agent", place, now=NOW - 8 * HOUR), "agent", "urgent")
    everywhere = person(each_office, "ana@exemple.fr", role="analyst")
    here = person(each_office, "chef@exemple.fr", Scope("35"), role="supervisor")
    raised = {
        who.login: [sections(each_office, who, place)["accord"].rows[0][1] for place in ("", "35", "12")]
        for who in (everywhere, here)
    }
    assert raised == {"ana@exemple.fr": [2, 1, 0], "chef@exemple.fr": [1, 1, 0]}


def test_names_of_agents_are_for_those_who_supervise_them(each_office: Office) -> None:
    near, far = person(each_office, "lea@exemple.fr", Scope("35")), person(each_office, "ida@exemple.fr", Scope("64"))
    found = case(each_office, now=NOW - 8 * HOUR)
    with each_office.database.write() as connection:
        for who, hours in ((near, 1), (near, 2), (near, 40), (far, 1)):
            row = {"id": new_id(), "case_id": found, "person_id": who.id, "exhibit_id": "", "at": NOW - hours * HOUR}
            connection.execute(EXPOSURES.insert().values(**row))
    chief = person(each_office, "chef@exemple.fr", Scope("35"), role="supervisor")
    analyst = person(each_office, "ana@exemple.fr", role="analyst")
    assert sections(each_office, chief)["exposition"].rows == (("Lea", 3, 2, 1, 2),)
    assert sections(each_office, analyst)["exposition"].rows == ((3, 1, 2, 2),)


def test_weeks_begin_on_monday_in_paris_whatever_the_clocks() -> None:
    edges = steps(Period(days=364, weeks=4, label=""), NOW)
    assert len(edges) == 14 and edges[-1] == NOW
    assert {(one.weekday(), one.hour, one.minute) for one in edges[:-1]} == {(0, 0, 0)}
    assert {one.utcoffset() for one in edges[:-1]} == {HOUR, 2 * HOUR}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_wilson_intervals(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_figures_as_people_read_them() -> None:
    assert [str(Lasting(s)) for s in (5, 60, 3_540, 3_600, 12_000, 86_400, 190_000)] == [
        *("moins d'une minute", "1 min", "59 min", "1 h", "3 h 20", "1 j", "2 j 5 h"),
    ]
    assert percent(0.125) == "12,5 %"
    assert [ranked([3, 1, 2, 4], share) for share in (50, 90, 1)] == [2, 4, 1]


def test_no_cell_of_a_spreadsheet_is_a_formula() -> None:
    rows = (("=1+1", 3, Lasting(90)), ("@x", 1, None), ("-a", 0, None))
    told = as_csv(Section("x", "", "", ("Nom", "Nombre", "Durée"), rows))
    assert told.splitlines() == ["Nom;Nombre;Durée (minutes)", "'=1+1;3;1,5", "'@x;1;", "'-a;0;"]
