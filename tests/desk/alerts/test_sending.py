"""Alerts leave by real servers: what they say, what becomes of them when a server is down, or a worker killed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from tests.desk.alerts.conftest import NOW, Inbox, Receiver, case, person
from triage.desk.alerts import webhooks
from triage.desk.alerts.raising import look
from triage.desk.alerts.sending import Channels, send
from triage.desk.alerts.signing import HEADER, WINDOW, genuine
from triage.desk.notice import Mailer
from triage.desk.office import DeskError, Office
from triage.desk.queue import claiming
from triage.store import deliveries
from triage.store.desk_tables import ALERTS, DELIVERIES, WEBHOOKS
from triage.store.people import Scope

Mail = tuple[Inbox, Mailer]
LINK = "https://guichet.exemple.fr/desk"


def run(office: Office, mailer: Mailer | None, now: datetime = NOW, link: str = LINK) -> None:
    """What the worker does, at that moment."""
    look(office, now, mailer is not None)
    send(office, Channels(mailer, link), lambda: now)


def states(office: Office) -> list[str]:
    with office.database.read() as connection:
        return sorted(connection.scalars(select(DELIVERIES.c.state)).all())


def hook(office: Office, receiver: Receiver, scope: Scope = Scope()) -> str:  # noqa: B008 (frozen)
    admin = person(office, "admin@exemple.fr", role="administrator", alerts=False)
    return webhooks.add(office, admin, "Astreinte", receiver.url, scope, NOW)


def test_the_mail_says_a_level_and_a_number_and_nothing_else(each_office: Office, inbox: Mail) -> None:
    told, mailer = inbox
    person(each_office, "lea@exemple.fr")
    ids = [case(each_office, departement="35", force="gendarmerie") for _ in range(2)]
    run(each_office, mailer)
    assert told.to == ["lea@exemple.fr"]
    raw = told.mails[0].content
    read = message_from_bytes(raw, policy=policy.default)
    text = read.get_content().replace("\r\n", "\n")
    assert read["subject"] == "Bureau des agents : À prendre tout de suite (danger immédiat) : 2"
    assert "- À prendre tout de suite (danger immédiat) : 2\n" in text and LINK in text
    for word in ("Jeanne", "Villefictive", "menace", "35", "gendarmerie", *ids, ids[0][:4].upper()):
        assert word not in f"{read['subject']} {text}", word
    assert states(each_office) == ["sent", "sent"]


def test_the_webhook_is_signed_and_says_as_little(each_office: Office, receiver: Receiver) -> None:
    secret = hook(each_office, receiver).encode()
    person(each_office, "lea@exemple.fr")
    case(each_office, departement="35")
    case(each_office, "urgent", "35", now=NOW - timedelta(hours=2))
    run(each_office, None)
    body, header = receiver.bodies[0], receiver.headers[0][HEADER]
    told = json.loads(body)
    assert told["alerts"] == [
        {"kind": "immediate", "level": "immediate", "count": 1},
        {"kind": "late", "level": "urgent", "count": 1},
    ]
    assert {*told} == {"id", "at", "alerts", "link"} and told["link"] == LINK
    moment = int(NOW.timestamp())
    assert genuine(secret, body, header, moment + WINDOW)
    assert not genuine(secret, body, header, moment + WINDOW + 1)  # a copy sent later
    assert not genuine(secret, body.replace(b'"count": 1', b'"count": 0', 1), header, moment)
    assert not genuine(b"another", body, header, moment)
    assert not genuine(secret, body, header.replace("t=1", "t=2", 1), moment)
    with each_office.database.read() as connection:
        assert secret not in connection.scalars(select(WEBHOOKS.c.secret)).one()


def test_a_webhook_hears_of_its_own_place_only(office: Office, receiver: Receiver) -> None:
    hook(office, receiver, Scope("64"))
    case(office, departement="35")
    run(office, None)
    assert receiver.bodies == []


@pytest.mark.parametrize(
    "url",
    [
        "http://exemple.fr/a",
        "ftp://exemple.fr",
        "https://",
        "exemple.fr",
        "https://a:b@exemple.fr",
        "https://[",
        "https://e.fr:x/",
    ],
)
def test_a_webhook_that_others_could_read_is_refused(office: Office, url: str) -> None:
    admin = person(office, "admin@exemple.fr", role="administrator")
    with pytest.raises(DeskError, match="https://"):
        webhooks.add(office, admin, "Astreinte", url, Scope(), NOW)


def test_a_server_that_is_down_is_tried_again_later(each_office: Office, inbox: Mail) -> None:
    told, mailer = inbox
    person(each_office, "lea@exemple.fr")
    case(each_office)
    run(each_office, Mailer("127.0.0.1:1", "bureau@exemple.fr"))
    assert states(each_office) == ["waiting"]
    run(each_office, mailer, NOW + timedelta(seconds=5))
    assert told.mails == []
    run(each_office, mailer, NOW + timedelta(seconds=each_office.policies.alerts.retries[0]))
    assert (told.to, states(each_office)) == (["lea@exemple.fr"], ["sent"])


def test_given_up_at_last_it_is_shown_told_and_can_be_sent_again(
    office: Office, inbox: Mail, receiver: Receiver
) -> None:
    told, mailer = inbox
    hook(office, receiver)
    chief = person(office, "chef@exemple.fr", role="supervisor")
    case(office, "urgent", now=NOW - timedelta(hours=2))
    told.refusing, receiver.status = True, 500
    now = NOW
    for wait in (0, *office.policies.alerts.retries):
        now += timedelta(seconds=wait)
        send_only(office, mailer, now) if wait else run(office, mailer, now)
    assert states(office) == ["dead", "dead"]
    assert len(receiver.bodies) == len(office.policies.alerts.retries) + 1
    with office.database.write() as connection:
        errors = connection.execute(select(DELIVERIES.c.target, DELIVERIES.c.error, DELIVERIES.c.id)).all()
        assert {one.error for one in errors} == {
            "L'avis par courriel n'est pas parti (SMTPDataError).",
            "Le service a répondu 500.",
        }
        again = next(one.id for one in errors if one.target == chief.id)
    look(office, now, mail=True)
    assert "undelivered" in open_kinds(office)
    told.refusing = False
    with office.database.write() as connection:
        assert deliveries.again(connection, again, now)
        for one in errors:
            deliveries.drop(connection, one.id)
    send_only(office, mailer, now)
    assert told.to == ["chef@exemple.fr"]
    look(office, now, mail=True)
    assert "undelivered" not in open_kinds(office)


def send_only(office: Office, mailer: Mailer, now: datetime) -> None:
    send(office, Channels(mailer, LINK), lambda: now)


def open_kinds(office: Office) -> set[str]:
    with office.database.read() as connection:
        return {*connection.scalars(select(ALERTS.c.kind).where(ALERTS.c.ended_at.is_(None))).all()}


class Killed(BaseException):
    """The process ends there."""


@pytest.mark.parametrize("after", [False, True], ids=["before it left", "after it left"])
def test_a_worker_killed_loses_nothing_and_sends_once_more_at_most(
    each_office: Office, inbox: Mail, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    told, mailer = inbox
    person(each_office, "lea@exemple.fr")
    case(each_office)

    def dying(*_: object) -> None:
        raise Killed

    monkeypatch.setattr("triage.store.deliveries.sent" if after else "triage.desk.alerts.sending.post", dying)
    with pytest.raises(Killed):
        run(each_office, mailer)
    monkeypatch.undo()
    send_only(each_office, mailer, NOW + timedelta(seconds=1))  # another worker: it is not its own yet
    assert len(told.mails) == int(after)
    send_only(each_office, mailer, NOW + timedelta(seconds=each_office.policies.alerts.lease))
    assert (len(told.mails), states(each_office)) == (1 + int(after), ["sent"])


def test_once_claimed_what_waits_is_not_sent(office: Office, inbox: Mail) -> None:
    told, mailer = inbox
    agent = person(office, "lea@exemple.fr")
    found = case(office)
    run(office, Mailer("127.0.0.1:1", "bureau@exemple.fr"))
    claiming.claim(office, agent, found, NOW)
    run(office, mailer, NOW + timedelta(minutes=4))
    assert (told.mails, states(office)) == ([], ["moot"])


def test_a_slow_service_keeps_nobody_waiting(
    office: Office, inbox: Mail, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, mailer = inbox
    hook(office, receiver)
    person(office, "lea@exemple.fr")
    case(office)
    receiver.seconds = 1.5
    patient = office.policies.alerts.model_copy(update={"patience": 1})
    monkeypatch.setitem(vars(office.policies), "alerts", patient)
    run(office, mailer)
    assert (told.to, states(office)) == (["lea@exemple.fr"], ["sent", "waiting"])


def test_a_redirect_is_not_followed(office: Office, receiver: Receiver) -> None:
    hook(office, receiver)
    person(office, "lea@exemple.fr")
    case(office)
    receiver.status = 307
    run(office, None)
    assert (len(receiver.bodies), states(office)) == (1, ["waiting"])


def test_two_workers_send_each_thing_once(each_office: Office, inbox: Mail) -> None:
    told, mailer = inbox
    logins = [f"agent{i}@exemple.fr" for i in range(6)]
    for login in logins:
        person(each_office, login)
    for _ in range(3):
        case(each_office)
    look(each_office, NOW, mail=True)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(send_only, each_office, mailer, NOW) for _ in range(2)]:
            done.result()
    assert told.to == logins
    assert states(each_office) == 18 * ["sent"]


def test_without_a_mail_server_nothing_waits_for_ever(office: Office) -> None:
    person(office, "lea@exemple.fr")
    case(office)
    run(office, None)
    assert states(office) == []
