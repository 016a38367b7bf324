"""Agents and officials write to each other: who may write, what may be sent, what counts as read, who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.handling.cast import CALM, NOW, case, held, sent, somebody, standing
from triage.desk import follow_up
from triage.desk.evidence import File
from triage.desk.handling import conversing
from triage.desk.handling.noting import note
from triage.desk.handling.opening import NotHeldError
from triage.desk.notice import Mailer
from triage.desk.office import DeskError, Office
from triage.jobs import daily
from triage.store import notes
from triage.store.cases import UnknownCaseError
from triage.store.people import Scope

LATER = NOW + timedelta(minutes=10)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_whoever_holds_the_case_writes_with_files_that_open_from_that_case_only(each_office: Office) -> None:
    agent = somebody(each_office)
    case_id, elsewhere = held(each_office, agent), sent(each_office)
    conversing.write(
        each_office, agent, case_id, " Bonjour. ", [File("../plan d'accès.txt", b"prenez la porte B")], LATER
    )
    (message,) = case(each_office, case_id).messages
    assert (message.by, message.author, message.text, message.read_at) == ("agent", agent.id, "Bonjour.", None)
    (file,) = conversing.files_of(each_office, case_id)[message.id]
    assert (file.name, file.size) == ("plan d'accès.txt", 17)
    assert conversing.file_of(each_office, case_id, file.id) == ("plan d'accès.txt", b"prenez la porte B")
    with pytest.raises(UnknownCaseError):
        conversing.file_of(each_office, elsewhere, file.id)
    with pytest.raises(NotHeldError):
        conversing.write(each_office, somebody(each_office), case_id, "Bonjour.", [], LATER)


def test_what_cannot_be_sent_says_why(office: Office) -> None:
    agent, policy = somebody(office), office.policies.conduct.messages
    case_id = held(office, agent)
    blank = policy.blank.replace("{nom}", "jour et heure")
    heavy = File("a.txt", b"a" * (policy.megabytes * 2**20 + 1))
    wrong = [
        ("", []),
        ("x" * 5_001, []),
        (f"Je vous appelle le {blank}.", []),
        ("Bonjour.", [heavy]),
        ("Bonjour.", [File("a.txt", b"a")] * (policy.files + 1)),
        ("Bonjour.", [File("prime.exe", b"MZ\x90\x00" * 40)]),
    ]
    for text, files in wrong:
        with pytest.raises(DeskError):
            conversing.write(office, agent, case_id, text, files, LATER)
    assert case(office, case_id).messages == ()


def test_a_template_is_filled_from_the_case_and_tells_what_to_complete(office: Office) -> None:
    agent, police = somebody(office), somebody(office, "agent", Scope("35", "police"))
    case_id = held(office, agent, departement="35", force="gendarmerie")
    known = case(office, case_id)
    for template in office.policies.conduct.templates:
        text = conversing.drafted(office, known, template, agent)
        assert "{" not in text and "}" not in text
        assert text.endswith("Un agent de la gendarmerie nationale")
    assert known.reference in conversing.drafted(office, known, "lu", agent)
    assert "[à compléter : jour et heure]" in conversing.drafted(office, known, "rappel", agent)
    assert conversing.drafted(office, known, "lu", police).endswith("Un agent de la police nationale")
    assert conversing.drafted(office, known, "inconnu", agent) == ""


def test_only_whoever_holds_the_case_has_read_the_message(each_office: Office) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    case_id = sent(each_office, CALM)
    follow_up.write(each_office, case_id, "official", "Vous êtes là ?", NOW)
    assert not conversing.read_by_agent(each_office, other, case_id, LATER)
    assert standing(each_office, case_id).queued and case(each_office, case_id).messages[0].read_at is None
    held_id = held(each_office, agent)
    follow_up.write(each_office, held_id, "official", "Vous êtes là ?", NOW)
    assert not conversing.read_by_agent(each_office, other, held_id, LATER)
    assert conversing.read_by_agent(each_office, agent, held_id, LATER)
    assert case(each_office, held_id).messages[0].read_at == LATER
    assert not conversing.read_by_agent(each_office, agent, held_id, LATER)


def test_notes_are_for_the_agents(each_office: Office) -> None:
    agent, reader = somebody(each_office), somebody(each_office)
    case_id = held(each_office, agent)
    note(each_office, reader, case_id, " Déjà vu l'auteur en 2024. ", LATER)
    with each_office.database.read() as connection:
        (kept,) = notes.of_case(connection, each_office.cases.sealer(connection, case_id), case_id)
    assert (kept.by, kept.at, kept.text) == (reader.id, LATER, "Déjà vu l'auteur en 2024.")
    shown = case(each_office, case_id)
    assert not any("2024" in one.text for one in shown.messages) and not any("2024" in e.detail for e in shown.events)
    with pytest.raises(DeskError):
        note(each_office, reader, case_id, "  ", LATER)


def test_an_unread_message_is_told_by_mail_once(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sent_to: list[str] = []
    monkeypatch.setattr(daily, "send_notice", lambda office, mailer, case_id: sent_to.append(case_id))
    mailer, wait = Mailer("localhost:25", "guichet@exemple.fr"), each_office.policies.conduct.messages.notice
    agent = somebody(each_office)
    unread, read = held(each_office, agent), held(each_office, agent)
    for case_id in (unread, read):
        conversing.write(each_office, agent, case_id, "Bonjour.", [], NOW)
        conversing.write(each_office, agent, case_id, "J'oubliais.", [], NOW)
    follow_up.read_messages(each_office, read, "agent", NOW)
    daily.send_notices(each_office, mailer, NOW + timedelta(minutes=wait - 1))
    assert sent_to == []
    for _ in range(2):
        daily.send_notices(each_office, mailer, NOW + timedelta(minutes=wait))
    assert sent_to == [unread]


def test_a_mail_that_does_not_leave_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def refused(_office: Office, _mailer: Mailer, case_id: str) -> None:
        tries.append(case_id)
        raise DeskError("Le serveur ne répond pas.")

    monkeypatch.setattr(daily, "send_notice", refused)
    agent = somebody(office)
    case_id = held(office, agent)
    conversing.write(office, agent, case_id, "Bonjour.", [], NOW)
    for _ in range(2):
        daily.send_notices(office, Mailer("localhost:25", "guichet@exemple.fr"), LATER)
    assert tries == [case_id, case_id]
