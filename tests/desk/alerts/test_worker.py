"""The worker sends alerts within seconds of what raises them, and reminds of measures when their day has come."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from tests.desk.alerts.conftest import NOW, Inbox, case, person
from tests.desk.alerts.test_raising import alerts, sent
from triage.desk.alerts.raising import look
from triage.desk.notice import Mailer
from triage.desk.office import Office
from triage.jobs.alerting import alert, channels_of, on_news
from triage.settings import Settings
from triage.store.cases import new_id
from triage.store.desk_tables import MEASURES
from triage.store.tables import CASES


def test_a_mail_leaves_within_seconds_of_an_immediate_case(each_office: Office, inbox: tuple[Inbox, Mailer]) -> None:
    told, mailer = inbox
    person(each_office, "lea@exemple.fr")
    channels = channels_of(Settings(address="https://guichet.exemple.fr/"), mailer)
    stop = threading.Event()
    watcher = threading.Thread(target=on_news, args=(each_office, lambda: alert(each_office, channels), stop))
    watcher.start()
    try:
        case(each_office, now=datetime.now(UTC))
        start = time.monotonic()
        while not told.mails and time.monotonic() - start < 10:
            time.sleep(0.05)
    finally:
        stop.set()
        watcher.join(10)
    assert told.to == ["lea@exemple.fr"]
    assert b"https://guichet.exemple.fr/desk" in told.mails[0].content


def test_a_store_that_is_down_does_not_end_the_watch(office: Office) -> None:
    calls: list[int] = []
    stop = threading.Event()

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError
        stop.set()

    watcher = threading.Thread(target=on_news, args=(office, work, stop))
    watcher.start()
    case(office)
    while len(calls) < 1:
        time.sleep(0.05)
    case(office)
    watcher.join(10)
    assert len(calls) == 2


def test_a_measure_whose_day_has_come_is_told_to_the_agents(each_office: Office) -> None:
    agent = person(each_office, "lea@exemple.fr")
    found = case(each_office, "advice")
    row = {"id": new_id(), "case_id": found, "kind": "bouton_appel", "state": "granted", "since": NOW, "by": agent.id}
    with each_office.database.write() as connection:
        connection.execute(MEASURES.insert().values(**row, remind_at=NOW + timedelta(days=75)))
        connection.execute(CASES.update().values(state="closed", queued=False))
    look(each_office, NOW + timedelta(days=74), mail=True)
    assert alerts(each_office) == []
    look(each_office, NOW + timedelta(days=75), mail=True)
    assert (alerts(each_office), sent(each_office)) == ([("reminder", found)], [agent.id])
    with each_office.database.write() as connection:
        connection.execute(MEASURES.update().values(remind_at=None))
    look(each_office, NOW + timedelta(days=76), mail=True)
    assert alerts(each_office) == []
