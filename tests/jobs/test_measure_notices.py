"""An official who gave an address is told by e-mail that a measure they asked for moved on: that, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.desk.measures.conftest import THREAT, directory, holds, somebody
from triage.desk import follow_up
from triage.desk.handling import conversing
from triage.desk.measures import lifecycle
from triage.desk.measures.lifecycle import Noted
from triage.desk.notice import Mailer
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.jobs.daily import send_notices
from triage.store.people import Person
from triage.store.records import Told

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=10), NOW + timedelta(hours=1)
BUTTON = "bouton_appel"


class Post:
    """A mail server, and who was written to, with what."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        read = message_from_bytes(envelope.content, policy=default)
        self.mails.append((envelope.rcpt_tos[0], f"{read['Subject']}\n{read.get_content()}"))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, Mailer]]:
    """A real SMTP server."""
    told = Post()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(told, hostname="127.0.0.1", port=port)
    server.start()
    yield told, Mailer(f"127.0.0.1:{port}", "guichet@mairie.exemple")
    server.stop()


def asked(office: Office, agent: Person, *kinds: str, mail: str = "jeanne@exemple.fr") -> str:
    """A case whose official asked for these measures, and that `agent` holds."""
    case_id = submit(office, Told(text=THREAT, departement="35", force="gendarmerie", mail=mail), [], NOW).case_id
    for kind in kinds:
        follow_up.ask_measure(office, case_id, kind, NOW)
    holds(office, agent, case_id)
    return case_id


def go(office: Office, agent: Person, case_id: str, way: str, kind: str = BUTTON, unit: str = "") -> None:
    before, _, to = way.partition(">")
    lifecycle.advance(office, agent, case_id, kind, Noted(before, to, unit=unit), SOON)


def test_the_mail_says_that_there_is_something_new_and_nothing_else(
    each_office: Office, post: tuple[Post, Mailer]
) -> None:
    told, mailer = post
    directory(each_office)
    agent = somebody(each_office)
    case_id = asked(each_office, agent, BUTTON)
    send_notices(each_office, mailer, LATER)
    assert told.mails == []  # they know what they asked for
    go(each_office, agent, case_id, "demande>transmis", unit="PREF35")
    for _ in range(2):
        send_notices(each_office, mailer, LATER)
    ((to, text),) = told.mails
    assert to == "jeanne@exemple.fr" and text.startswith("Du nouveau\nBonjour,")
    for word in ("bouton", "préfet", "mesure", "menace", case_id[:4].upper(), agent.name, "http"):
        assert word not in text, word


def test_steps_and_messages_of_the_same_minutes_make_one_mail(each_office: Office, post: tuple[Post, Mailer]) -> None:
    told, mailer = post
    agent = somebody(each_office)
    case_id = asked(each_office, agent, BUTTON, "referent")
    go(each_office, agent, case_id, "demande>transmis")
    go(each_office, agent, case_id, "demande>transmis", "referent")
    conversing.write(each_office, agent, case_id, "Votre demande est transmise.", [], SOON)
    send_notices(each_office, mailer, SOON)  # too early: a message may be read at once
    assert told.mails == []
    for _ in range(2):
        send_notices(each_office, mailer, LATER)
    assert [to for to, _ in told.mails] == ["jeanne@exemple.fr"]


def test_nothing_is_told_of_what_was_not_asked_or_says_nothing(each_office: Office, post: tuple[Post, Mailer]) -> None:
    told, mailer = post
    agent = somebody(each_office)
    case_id = asked(each_office, agent, "referent")
    lifecycle.propose(each_office, agent, case_id, BUTTON, "", NOW)
    go(each_office, agent, case_id, "propose>transmis")  # the agent's own idea: read on the page alone
    without = asked(each_office, agent, BUTTON, mail="")
    go(each_office, agent, without, "demande>transmis")
    send_notices(each_office, mailer, LATER)
    assert told.mails == []


def test_a_mail_that_does_not_leave_waits_for_the_next_minute(each_office: Office, post: tuple[Post, Mailer]) -> None:
    told, mailer = post
    agent = somebody(each_office)
    case_id = asked(each_office, agent, BUTTON)
    go(each_office, agent, case_id, "demande>transmis")
    send_notices(each_office, Mailer("127.0.0.1:1", "guichet@mairie.exemple"), LATER)
    send_notices(each_office, mailer, LATER)
    assert len(told.mails) == 1
