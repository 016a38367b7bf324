"""What is done of a flood and of an accusation, and what is never done of any report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from tests.conftest import ROOT
from tests.desk.flood.stories import ACCUSING, COPIED, NOW, THREAT, TOLD, held, in_queue, marks, near, send
from triage.desk import erasing, follow_up
from triage.desk.alerts import raising as alerts
from triage.desk.alerts.showing import open_alerts
from triage.desk.evidence import File
from triage.desk.flood.deciding import decide, to_look_at
from triage.desk.flood.looking import look, try_look
from triage.desk.flood.named import namer
from triage.desk.flood.policy import load_flood_policy
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import claim, take_next
from triage.errors import DataError
from triage.store import people
from triage.store.limit_tables import APART, SOURCES
from triage.store.people import Person, Role, Scope
from triage.store.records import Told
from triage.store.trail import of_case

SOON = NOW + timedelta(minutes=3)
Few = Callable[[Office], Office]


def few(office: Office) -> Office:
    """The same desk, for which four copies are a flood, and four accusations one: the figures are tried elsewhere."""
    policy = office.policies.flood
    flood = policy.flood.model_copy(update={"reports": 4, "sure": 7})
    accused = policy.accused.model_copy(update={"reports": 4})
    less = policy.model_copy(update={"flood": flood, "accused": accused})
    return replace(office, policies=replace(office.policies, flood=less))


@pytest.fixture
def desk(office: Office) -> Office:
    return few(office)


@pytest.fixture
def each_desk(each_office: Office) -> Office:
    return few(each_office)


def flood(office: Office, number: int = 5, **told: str) -> list[str]:
    return [send(office, near(COPIED, i), "one", 10 * i, **told) for i in range(number)]


def person(office: Office, role: Role = "supervisor", departement: str = "") -> Person:
    with office.database.write() as connection:
        made = people.add(connection, f"{role}{departement}@exemple.fr", role, role, (Scope(departement, ""),), "", NOW)
        people.change(connection, made, state="active")
        return people.get(connection, made)


def standings(office: Office, cases: list[str]) -> list[object]:
    with office.database.read() as connection:
        found = [office.cases.standing(connection, case_id) for case_id in cases]
    return [(one.id, one.state, one.level, one.queued, one.due_at, one.turn) for one in found]


def due(office: Office, case_id: str) -> datetime:
    with office.database.read() as connection:
        at = office.cases.standing(connection, case_id).due_at
    assert at
    return at


def count(office: Office, table: Table) -> int:
    with office.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


# --- Floods -----------------------------------------------------------------------------------------------------


def test_a_flood_waits_beside_the_queue_and_nothing_else_changes(each_desk: Office) -> None:
    real = [send(each_desk, TOLD[i].format(THREAT), f"official {i}", 10 * i) for i in range(2)]
    sent = flood(each_desk)
    before = standings(each_desk, sent)
    look(each_desk, SOON)
    assert held(each_desk) == set(sent[1:])
    assert in_queue(each_desk) == {sent[0], *real}, "the first of them, and all that others sent"
    assert standings(each_desk, sent) == before, "neither its level, nor its clock, nor its place"
    assert {(one.ground, one.number, one.sources) for one in marks(each_desk)} == {("flood", 5, 1)}


def test_an_agent_is_not_given_them_but_may_take_one(each_desk: Office) -> None:
    sent, agent = flood(each_desk), person(each_desk, "agent")
    look(each_desk, SOON)
    first = take_next(each_desk, agent, SOON)
    assert first and first.id == sent[0] and take_next(each_desk, agent, SOON) is None
    assert claim(each_desk, agent, sent[2], SOON).claimed_by == agent.id


def test_what_nobody_looks_at_comes_back_before_it_is_late(desk: Office) -> None:
    sent = flood(desk)
    look(desk, SOON)
    last, margin = due(desk, sent[-1]), desk.policies.flood.margin
    assert sent[-1] not in in_queue(desk, last - margin - timedelta(minutes=1))
    assert set(sent) <= in_queue(desk, last - margin + timedelta(minutes=1))


def test_an_immediate_danger_never_waits(desk: Office) -> None:
    text = "Il est devant chez moi en ce moment avec une barre de fer, il tape dans la porte et crie qu'il va me tuer."
    sent = [send(desk, text, "one", 10 * i) for i in range(8)]
    look(desk, SOON)
    assert held(desk) == set() and in_queue(desk) == set(sent)
    assert {one.ground for one in marks(desk)} == {"flood"}, "but a supervisor is told"


def test_what_somebody_has_begun_with_is_left_to_them(desk: Office) -> None:
    sent, agent = flood(desk), person(desk, "agent")
    claim(desk, agent, sent[2], NOW + timedelta(minutes=1))
    look(desk, SOON)
    assert held(desk) == {sent[1], *sent[3:]}


def test_a_doubt_leaves_it_in_the_queue(desk: Office) -> None:
    sent = flood(desk, 4)
    with_photo = send(desk, near(COPIED, 90), "one", 100, File("capture.txt", b"Le message recu hier soir, tel quel."))
    reached = send(desk, near(COPIED, 91), "one", 110, contact="06 39 98 12 34")
    look(desk, SOON)
    assert held(desk) == set(sent[1:])
    assert {sent[0], with_photo, reached} <= in_queue(desk)


def test_whoever_writes_again_comes_back_at_once(desk: Office) -> None:
    sent = flood(desk)
    look(desk, SOON)
    follow_up.write(desk, sent[1], "official", "Êtes-vous là ? J'ai peur.", SOON)
    look(desk, SOON + timedelta(minutes=1))
    assert sent[1] in in_queue(desk) and sent[2] not in in_queue(desk)


def test_a_pass_made_twice_finds_the_same(each_desk: Office) -> None:
    flood(each_desk)
    look(each_desk, SOON)
    before = marks(each_desk)
    look(each_desk, SOON + timedelta(minutes=1))
    assert marks(each_desk) == before


def test_a_pass_that_fails_leaves_the_reports_in_the_queue(
    desk: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent = flood(desk)

    def broken(*_: object) -> None:
        raise RuntimeError(COPIED)

    monkeypatch.setattr("triage.desk.flood.looking.groups", broken)
    try_look(desk, SOON)
    assert in_queue(desk) == set(sent)
    assert "RuntimeError" in caplog.text and "maire" not in caplog.text


# --- Accusations ------------------------------------------------------------------------------------------------


def test_a_concerted_accusation_is_found(each_desk: Office) -> None:
    sent = [send(each_desk, text, f"nobody {i}", 60 * i) for i, text in enumerate(ACCUSING[:5])]
    look(each_desk, SOON + timedelta(minutes=5))
    found = [one for one in marks(each_desk) if one.ground == "accused"]
    assert {one.case_id for one in found} == set(sent) and {one.number for one in found} == {5}
    assert sent[0] not in held(each_desk)


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (ACCUSING[5], {"addresses": ("https://exemple.org/jardin/1",)}),
        ("Il m'a écrit hier : « je vais venir vous voir un par un ». C'est @jardin.des.lilas.", {}),
    ],
    ids=["link", "quoted"],
)
def test_one_that_can_be_checked_clears_them_all(desk: Office, last: str, told: dict[str, Any]) -> None:
    for i, text in enumerate(ACCUSING[:5]):
        send(desk, text, f"nobody {i}", 60 * i)
    send(desk, last, "nobody 5", 400, **told)
    look(desk, NOW + timedelta(minutes=10))
    assert [one for one in marks(desk) if one.ground == "accused"] == []


# --- Names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Je suis maire. Mon voisin Kévin Durand m'insulte et me menace, c'est un homme violent.", True),
        ("C'est M. Lemarchand qui a piraté le compte de la mairie, tout le monde le sait.", True),
        ("Je suis Sophie Martin, maire. On me menace tous les jours au téléphone.", False),
        ("Je m'appelle Nicolas Petit. Un inconnu me menace de mort sur mon téléphone.", False),
        ("Un inconnu menace le Conseil municipal de Saint-Malo sur la page Facebook de la mairie.", False),
        ("On m'insulte sur Facebook. Cordialement, Anne Le Goff", False),
        ("Monsieur le Préfet, je suis maire et je reçois des menaces depuis un mois.", False),
    ],
    ids=["name", "civility", "own", "own too", "place", "signature", "office"],
)
def test_who_is_named(office: Office, text: str, named: bool) -> None:
    assert namer(office)(Told(text=text)) is named


def test_a_person_named_without_anything_to_check_is_only_marked(desk: Office) -> None:
    sent = [
        send(desk, "Mon voisin Kévin Durand me menace et m'insulte, je suis maire et j'ai peur de lui.", "one"),
        send(desk, "Kévin Durand m'a écrit : « je vais te crever, toi et tes gosses, tu vas voir ».", "two"),
        send(desk, "Kévin Durand me menace de mort ici : https://exemple.org/messages/12, je suis élue.", "three"),
    ]
    before = standings(desk, sent)
    look(desk, SOON)
    assert [(one.case_id, one.ground, one.back_at) for one in marks(desk)] == [(sent[0], "named", None)]
    assert standings(desk, sent) == before


def test_supervisors_are_told_once_and_no_more_when_it_is_decided(each_desk: Office) -> None:
    chief, agent = person(each_desk), person(each_desk, "agent")

    def told(to: Person, now: datetime) -> list[str]:
        alerts.look(each_desk, now, mail=False)
        return [one.alert.kind for one in open_alerts(each_desk, to) if one.alert.kind == "apart"]

    send(each_desk, "Mon voisin Kévin Durand me menace et m'insulte, je suis maire et j'ai peur de lui.", "one")
    look(each_desk, SOON)
    assert told(chief, SOON) == [], "one person named is marked, and wakes nobody"
    flood(each_desk)
    look(each_desk, SOON)
    assert told(chief, SOON) == told(chief, SOON) == ["apart"] and told(agent, SOON) == []
    waiting = [one.mark_id for group in to_look_at(each_desk, chief, SOON) for one in group.lines]
    decide(each_desk, chief, waiting, False, "De vrais élus.", SOON)
    assert told(chief, SOON) == []


# --- Decisions --------------------------------------------------------------------------------------------------


def test_a_supervisor_gives_them_back_for_good(each_desk: Office) -> None:
    sent, chief = flood(each_desk), person(each_desk)
    look(each_desk, SOON)
    (group,) = to_look_at(each_desk, chief, SOON)
    assert "5 récits presque identiques en peu de temps (sources : 1)" in group.why and len(group.lines) == 5
    ids = [one.mark_id for one in group.lines]
    assert decide(each_desk, chief, ids, False, "Ce sont bien cinq élus.", SOON) == 5
    look(each_desk, SOON + timedelta(minutes=1))
    assert in_queue(each_desk, SOON) == set(sent) and to_look_at(each_desk, chief, SOON) == []
    with each_desk.database.read() as connection:
        lines = [one.what for one in of_case(connection, sent[1])]
    assert {"apart", "apart.released"} <= set(lines)


def test_a_supervisor_keeps_them_for_a_while(desk: Office) -> None:
    sent, chief = flood(desk), person(desk)
    look(desk, SOON)
    (group,) = to_look_at(desk, chief, SOON)
    ids = [one.mark_id for one in group.lines if one.back_at]
    decide(desk, chief, ids, True, "Même texte, même source : un essai de saturation.", SOON)
    late = due(desk, sent[-1]) + timedelta(hours=1)
    assert in_queue(desk, late) == {sent[0]}
    with desk.database.read() as connection:
        assert all(desk.cases.standing(connection, one).queued for one in sent)
    assert set(sent) <= in_queue(desk, SOON + timedelta(hours=desk.policies.flood.keep, minutes=1))


def test_a_reason_is_asked_and_somebody_who_may(desk: Office) -> None:
    flood(desk)
    chief, agent, elsewhere = person(desk), person(desk, "agent"), person(desk, "supervisor", "974")
    look(desk, SOON)
    ids = [one.mark_id for group in to_look_at(desk, chief, SOON) for one in group.lines]
    with pytest.raises(DeskError, match="pourquoi"):
        decide(desk, chief, ids, False, "  ", SOON)
    with pytest.raises(ForbiddenError):
        decide(desk, agent, ids, False, "Je rends.", SOON)
    assert to_look_at(desk, elsewhere, SOON) == []
    with pytest.raises(DeskError, match="au moins un dossier"):
        decide(desk, elsewhere, [*ids, "rien"], False, "Je rends.", SOON)
    assert len(held(desk)) == 4


# --- What is kept of where reports come from --------------------------------------------------------------------


def test_sources_are_forgotten_and_go_with_the_case(each_desk: Office) -> None:
    calm = "Un habitant critique le budget de la commune sur Facebook, sans insulte ni menace. Que répondre ?"
    kept, erased = send(each_desk, calm, "one"), send(each_desk, calm, "two")
    look(each_desk, NOW + timedelta(hours=47))
    assert count(each_desk, SOURCES) == 2
    erasing.erase(each_desk, erased, SOON)
    assert count(each_desk, SOURCES) == 1
    look(each_desk, NOW + timedelta(hours=49))
    assert count(each_desk, SOURCES) == count(each_desk, APART) == 0 and kept


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("never: [immediate]", "never: [grave]"), "niveau inconnu : « grave »"),
        (("sources: 48", "sources: 2"), "oubliées avant d'avoir servi"),
        (("reports: 8", "reports: 1"), "flood"),
    ],
)
def test_a_policy_that_will_not_do_is_said(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    told = (ROOT / "rules" / "desk" / "flood.yaml").read_text(encoding="utf-8")
    assert change[0] in told
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "flood.yaml").write_text(told.replace(*change), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        load_flood_policy(tmp_path, ["advice", "immediate"])
