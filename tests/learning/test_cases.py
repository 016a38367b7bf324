"""What agents judged leaves pseudonymised, for a purpose, in somebody's name; what may not leave stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

import triage.learning
from tests.desk.handling.cast import NOW, THREAT, case, held, sent, shown, somebody
from triage.desk import auditing, erasing, follow_up
from triage.desk.handling import deciding, excluding, joining
from triage.desk.handling.deciding import Opinion
from triage.desk.office import DeskError, Office
from triage.desk.queue.claiming import claim
from triage.desk.queue.moving import escalate
from triage.learning import cases
from triage.learning.cases import Extract, Request, extract, labels_of, load_corpus
from triage.learning.corpus import load_all
from triage.learning.frames import COLUMNS, as_bytes, digest, write_new
from triage.settings import Settings
from triage.store import people
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT

PURPOSE = "mesurer les corrections du mois"
LATER = NOW + timedelta(minutes=10)
STORY = (
    "Je m'appelle Jeanne Perrucat, maire de Lachamp. "
    "M. Bertrand Kergoat m'a écrit « je vais te tuer » du 06 39 98 12 34."
)
JOKE = Opinion(("injure",), (), "advice")


def judged(office: Office, text: str = STORY, opinion: Opinion | None = JOKE, **told: Any) -> str:
    """A case that an agent has corrected, or confirmed without an opinion."""
    agent = somebody(office)
    case_id = held(office, agent, text, **told)
    if opinion:
        deciding.correct(office, agent, case_id, shown(office, case_id), opinion, "Une farce d'amis.", LATER)
    else:
        deciding.confirm(office, agent, case_id, shown(office, case_id), LATER)
    return case_id


def asked(office: Office, person: Person | None = None, **more: Any) -> Extract:
    by = person or somebody(office, "analyst")
    return extract(Settings().rules, office, Request(by.login, **{"purpose": PURPOSE, **more}), LATER)


def only(told: Extract) -> dict[str, Any]:
    """The one row of a table."""
    (row,) = told.frame.to_dict("records")
    return dict(row)


def test_the_agent_is_the_truth_and_the_engine_is_beside(each_office: Office) -> None:
    case_id = judged(each_office)
    told = asked(each_office)
    row = only(told)
    assert tuple(told.frame.columns) == COLUMNS
    assert (row["threats"], row["primary"], row["disposition"], row["red_flags"]) == (
        ["injure"],
        "injure",
        "advice",
        [],
    )
    assert (row["decision"], row["engine_primary"], row["engine_disposition"]) == ("corrected", "menace", "urgent")
    assert "menace" in row["engine_threats"] and row["engine_rules"] and row["engine_model"]
    assert "menace=rule" in row["sources"].split()
    assert (row["month"], row["channel"], row["kind"], row["exhibits"]) == ("", "web", "report", 0)
    assert case_id not in told.frame.to_json() and case(each_office, case_id).reference not in told.frame.to_json()


def test_nobody_is_named_in_the_text(office: Office) -> None:
    judged(office)
    told = asked(office)
    assert only(told)["text"] == (
        "Je m'appelle [NOM 1], maire de [LIEU 1]. M. [NOM 2] m'a écrit « je vais te tuer » du [TÉLÉPHONE 1]."
    )
    assert told.replaced == {"nom": 2, "lieu": 1, "telephone": 1}


def test_two_extracts_are_read_together(office: Office, tmp_path: Path) -> None:
    judged(office)
    files = []
    for name in ("mars.jsonl", "avril.jsonl"):
        files.append(tmp_path / name)
        write_new(files[-1], as_bytes(asked(office).frame, ".jsonl"))
    ids = [one.id for one in load_all(files, labels_of(Settings()))]
    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"cas-[0-9a-f]{8}-00001", one) for one in ids)


def test_the_text_is_what_the_agent_had_read(office: Office) -> None:
    case_id = judged(office, THREAT)
    follow_up.complete(office, case_id, "J'ajoute qu'il est passé devant l'école.", LATER)
    follow_up.write(office, case_id, "official", "Et il a recommencé.", LATER)
    assert only(asked(office))["text"] == THREAT


def test_what_the_engine_said_is_from_before_the_decision(office: Office) -> None:
    case_id = judged(office, THREAT)
    follow_up.answer(office, case_id, {"danger": "non"}, LATER + timedelta(hours=1))
    assert only(asked(office))["engine_primary"] == "menace"


def test_whoever_raised_the_level_since_is_heard_on_the_level(office: Office) -> None:
    case_id = judged(office, THREAT)
    agent = somebody(office)
    escalate(office, agent, case_id, "urgent", "Il rôde devant la mairie.", LATER + timedelta(hours=1))
    assert (only(asked(office))["threats"], only(asked(office))["disposition"]) == (["injure"], "urgent")


def test_a_confirmed_case_keeps_the_engine_s_labels(office: Office) -> None:
    judged(office, THREAT, None)
    row = only(asked(office))
    assert (row["decision"], row["threats"], row["disposition"]) == ("confirmed", row["engine_threats"], "urgent")


def _erased(office: Office, case_id: str) -> None:
    with office.database.write() as connection:
        office.cases.erase(connection, case_id, LATER)


def _asked_to_be(office: Office, case_id: str) -> None:
    with office.database.write() as connection:
        office.cases.ask(connection, case_id, erasing.ERASURE, LATER)


@pytest.mark.parametrize("leave", [_erased, _asked_to_be], ids=["erased", "asked_to_be"])
def test_what_is_erased_does_not_leave(each_office: Office, leave: Callable[[Office, str], None]) -> None:
    leave(each_office, judged(each_office))
    told = asked(each_office)
    assert (len(told.frame), told.left_out) == (0, {cases.ERASED: 1})


def test_joined_cases_leave_once(office: Office) -> None:
    agent = somebody(office)
    main, other = held(office, agent), held(office, agent, STORY)
    joining.join(office, agent, other, case(office, main).reference, "La même personne.", LATER)
    claim(office, agent, main, LATER)
    deciding.confirm(office, agent, main, shown(office, main), LATER)
    told = asked(office)
    assert (len(told.frame), told.left_out) == (1, {cases.JOINED: 1})


def test_conflicts_of_interest_and_scopes_hold(office: Office) -> None:
    somebody(office)
    mine, theirs = judged(office, departement="35"), judged(office, departement="29")
    analyst = somebody(office, "analyst", Scope("35"))
    told = asked(office, analyst)
    assert (len(told.frame), told.left_out) == (1, {cases.KEPT_OUT: 1})
    supervisor = somebody(office, "supervisor")
    excluding.exclude(office, supervisor, mine, analyst.id, "Un cousin.", LATER)
    assert (len(asked(office, analyst).frame), asked(office, analyst).left_out) == (0, {cases.KEPT_OUT: 2})
    assert case(office, theirs)


def test_cases_without_a_decision(office: Office) -> None:
    sent(office)
    assert asked(office).left_out == {"sans décision d'agent": 1}
    row = only(asked(office, confirmed_only=False))
    assert (row["primary"], row["threats"], row["decision"], row["engine_primary"]) == ("", [], "", "menace")


def test_from_and_until_a_moment(office: Office) -> None:
    judged(office)
    assert len(asked(office, since=NOW, until=LATER).frame) == 1
    assert len(asked(office, since=LATER).frame) == 0
    assert len(asked(office, until=NOW).frame) == 0


def test_few_share_a_place(office: Office) -> None:
    agent = somebody(office)
    for number in range(6):
        told = {"departement": "35" if number else "13", "force": "police", "traits": ("role:maire",)}
        case_id = held(office, agent, **told)
        deciding.confirm(office, agent, case_id, shown(office, case_id), LATER)
    kept = asked(office).frame
    assert sorted(zip(kept["departement"], kept["force"], kept["role"], strict=True)) == [
        ("", "", ""),
        *[("35", "police", "maire")] * 5,
    ]
    assert set(kept["month"]) == {"2026-11"}
    assert set(asked(office, minimum_cell=6).frame["departement"]) == {""}


def test_the_audit_keeps_who_why_and_how_much(each_office: Office) -> None:
    judged(each_office)
    told = asked(each_office)
    with each_office.database.read() as connection:
        line = connection.execute(select(AUDIT).order_by(AUDIT.c.seq.desc())).first()
    assert line is not None and (line.what, line.who, line.role) == ("export.cases", told.person.id, "analyst")
    assert line.about == f"1 k5 sha256:{digest(told.frame)}"
    assert each_office.ring.wrapping.open(line.why).decode() == PURPOSE
    assert auditing.check(each_office.database, each_office.ring).faults == ()


@pytest.mark.parametrize(
    ("role", "state", "more", "said"),
    [
        ("agent", "active", {}, "rôle"),
        ("supervisor", "active", {}, "rôle"),
        ("analyst", "disabled", {}, "pas ouvert"),
        ("analyst", "active", {"purpose": "voir"}, "but"),
        ("analyst", "active", {"purpose": "a " * 600}, "but"),
        ("analyst", "active", {"minimum_cell": 2}, "inférieur à 5"),
    ],
    ids=["agent", "supervisor", "closed", "no_purpose", "long_purpose", "small_cell"],
)
def test_who_may_not_have_them(office: Office, role: Any, state: str, more: dict[str, Any], said: str) -> None:
    judged(office)
    person = somebody(office, role)
    with office.database.write() as connection:
        people.change(connection, person.id, state=state)
    with office.database.read() as connection:
        before = len(connection.execute(select(AUDIT.c.seq)).all())
    with pytest.raises(DeskError, match=said):
        asked(office, person, **more)
    with office.database.read() as connection:
        assert len(connection.execute(select(AUDIT.c.seq)).all()) == before


def test_somebody_unknown(office: Office) -> None:
    with pytest.raises(DeskError, match="n'a pas de compte"):
        extract(Settings().rules, office, Request("personne@exemple.fr", PURPOSE), LATER)


def test_a_case_erased_while_it_was_read_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, judged_too = judged(office), judged(office, THREAT)
    find = cases.identifiers_of

    def meanwhile(*told: Any) -> Any:
        _erased(office, case_id)
        return find(*told)

    monkeypatch.setattr(cases, "identifiers_of", meanwhile)
    told = asked(office)
    assert (list(told.frame["text"]), told.left_out) == ([THREAT], {cases.ERASED: 1})
    assert case(office, judged_too)


def test_shipped_texts_have_the_same_columns() -> None:
    frame = load_corpus(path=Settings().models / "corpus" / "contrastes.jsonl")
    assert tuple(frame.columns)[: len(COLUMNS)] == COLUMNS
    assert len(frame) > 50 and set(frame["channel"]) == {"corpus"}
    assert isinstance(frame["threats"].iloc[0], list) and isinstance(frame["facts"].iloc[0], dict)


def test_what_analysts_type() -> None:
    assert triage.learning.load_cases is cases.load_cases
    assert triage.learning.load_corpus is load_corpus
    assert isinstance(load_corpus(path=Settings().models / "corpus" / "contrastes.jsonl"), pd.DataFrame)
    with pytest.raises(AttributeError):
        _ = triage.learning.load_nothing
