"""The worker: reads what waits, takes up what was cut short, tells by a mail that says nothing."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.conftest import office_at
from triage.comments.running import Progress
from triage.desk import case as desk
from triage.desk import evidence, follow_up, sorting
from triage.desk.evidence import File
from triage.desk.notice import Mailer, send_notice
from triage.desk.office import DeskError, Office
from triage.desk.submit import submit
from triage.engine import Engine
from triage.jobs.queue import make_queue, register, waker
from triage.jobs.work import read_files, sort_comments
from triage.settings import Settings
from triage.store.database import StoreError
from triage.store.evidence import MOST_TRIES
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Des commentaires hostiles paraissent sous une publication de la mairie, voici l'export."


def export(*texts: str, authors: int = 40) -> bytes:
    """An export of comments as a page gives it."""
    told = io.StringIO()
    rows = csv.writer(told, delimiter=";")
    rows.writerow(["auteur", "date", "commentaire"])
    for i, text in enumerate(texts):
        rows.writerow([f"auteur{i % authors}", f"2026-11-2{i % 5} 20:{i % 60:02}", text])
    return told.getvalue().encode()


HOSTILE = ["On va te retrouver et te tuer, on sait où tu habites", "Je vais venir te buter ce soir chez toi"]
PLAIN = [
    "Merci pour la nouvelle piste cyclable",
    "Je ne suis pas d'accord avec ce budget",
    "À quelle heure est la réunion ?",
]


class Inbox:
    """Every mail that the local server takes."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Mailer]]:
    """A real SMTP server."""
    told = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(told, hostname="127.0.0.1", port=port)
    server.start()
    yield told, Mailer(f"127.0.0.1:{port}", "guichet@mairie.exemple")
    server.stop()


def test_an_export_becomes_one_case_and_the_harmless_is_forgotten(each_office: Office) -> None:
    texts = [*PLAIN * 20, *HOSTILE * 4]
    case_id = submit(each_office, Told(text=CALM), [File("export.csv", export(*texts))], NOW).case_id
    sort_comments(each_office, None, 1)
    case = desk.load(each_office, case_id)
    assert case.level in ("urgent", "immediate")
    assert "menace" in case.types
    run = case.runs[0]
    assert (run.position, run.total, run.done) == (68, 68, True)
    found = desk.understood(each_office, case, NOW).verdicts[0]
    assert (found.total, found.harmless) == (68, 60)
    kept = evidence.original(each_office, case_id, 1)[1].decode()
    assert "te retrouver" in kept
    assert "piste cyclable" not in kept


@pytest.mark.whole
def test_a_sorting_cut_short_goes_on_where_it_stopped(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies in the middle: nothing is sorted twice, nothing is missed."""
    monkeypatch.setattr("triage.comments.running.BATCH", 10)
    texts = [*PLAIN * 12, *HOSTILE * 3]
    case_id = submit(each_office, Told(text=CALM), [File("export.csv", export(*texts))], NOW).case_id
    saved: list[int] = []

    class Killed(BaseException):
        pass

    def dying(*arguments: Any) -> None:
        if len(saved) == 2:
            raise Killed
        saved.append(arguments[3])
        kept(*arguments)

    kept = sorting.evidence.save_run
    monkeypatch.setattr("triage.desk.sorting.evidence.save_run", dying)
    with pytest.raises(Killed):
        sort_comments(each_office, None, 1)
    case = desk.load(each_office, case_id)
    assert case.exhibits[0].state == "pending"
    assert case.runs[0].position == 10
    monkeypatch.setattr("triage.desk.sorting.evidence.save_run", kept)
    sort_comments(each_office, None, 1)
    done = Progress.from_json(dict(desk.load(each_office, case_id).runs[0].progress))
    assert (done.position, done.tally.total, len(done.kept)) == (42, 42, 6)


def test_a_file_that_is_no_export_says_why(office: Office) -> None:
    case_id = submit(office, Told(text=CALM), [File("export.json", b'{"a": 1, "b": [1, 2]}')], NOW).case_id
    sort_comments(office, None, 1)
    exhibit = desk.load(office, case_id).exhibits[0]
    assert exhibit.state == "unread"
    assert exhibit.about.notes[0].endswith(".")


def test_the_queue_wakes_the_worker_on_each_store(engine: Engine, tmp_path: Path, store_address: str) -> None:
    """The web process enqueues, the worker process consumes: here one after the other, on the same storage."""
    office = office_at(engine, tmp_path, store_address)
    settings = Settings(data=tmp_path, database=store_address if "postgresql" in store_address else "")
    case_id = submit(office, Told(text=CALM), [File("a.txt", b"Je vais te tuer ce soir.")], NOW).case_id
    waker(settings)()
    worker = make_queue(settings)
    register(worker, lambda: read_files(office, None), lambda: None)
    while (task := worker.dequeue()) is not None:
        worker.execute(task)
    assert desk.load(office, case_id).exhibits[0].state == "read"
    worker.storage.close()
    office.database.close()


def test_the_mail_says_that_there_is_something_new_and_nothing_else(
    office: Office, inbox: tuple[Inbox, Mailer]
) -> None:
    told, mailer = inbox
    told_by = Told(text=CALM, mail="jeanne@exemple.fr")
    case = submit(office, told_by, [File("a.txt", b"Je vais te tuer ce soir, je suis devant chez toi.")], NOW)
    read_files(office, mailer)
    assert [mail.rcpt_tos for mail in told.mails] == [["jeanne@exemple.fr"]]
    content = told.mails[0].content.decode()
    for word in ("tuer", "menace", "élu", "mairie.fr", case.receipt, desk.load(office, case.case_id).reference, "http"):
        assert word not in content, word


def test_no_address_no_mail_and_a_server_that_is_down_loses_nothing(
    office: Office, inbox: tuple[Inbox, Mailer]
) -> None:
    told, mailer = inbox
    case_id = submit(office, Told(text=CALM), [], NOW).case_id
    assert send_notice(office, mailer, case_id) is False
    follow_up.tell_facts(office, case_id, {"mail": "jeanne@exemple.fr"}, NOW)
    with pytest.raises(DeskError, match="courriel"):
        send_notice(office, Mailer("127.0.0.1:1", "a@b.fr"), case_id)
    assert told.mails == []


@pytest.mark.parametrize("failing", ["antivirus", "store"])
def test_what_cannot_be_read_for_now_is_not_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """However long the antivirus is down or the disk is full: the tries of a file are those of its own reader."""
    case_id = submit(office, Told(text=CALM), [File("note.txt", b"Bonjour.")], NOW).case_id

    def full(*_: object) -> None:
        raise StoreError("Le registre refuse d'écrire.")

    with monkeypatch.context() as patch:
        if failing == "store":
            patch.setattr("triage.store.evidence.settle", full)
        down = replace(office, clamav="127.0.0.1:1") if failing == "antivirus" else office
        for _ in range(MOST_TRIES + 2):
            read_files(down, None)
    assert desk.load(office, case_id).exhibits[0].state == "pending"
    read_files(office, None)
    assert desk.load(office, case_id).exhibits[0].state == "read"
