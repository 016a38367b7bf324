"""What happens is on every connected desk at once; a stream ends with its session, or with the server."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import insert
from sse_starlette.sse import AppStatus

from tests.torture.agents import report
from tests.web.desk.conftest import Desk
from tests.web.serving import served
from triage.bootstrap import build_office
from triage.desk import duty
from triage.desk.people import sessions
from triage.desk.queue.claiming import claim
from triage.engine import Engine
from triage.store.cases import new_id
from triage.store.desk_tables import EXCLUSIONS, NEWS
from triage.store.news import News
from triage.store.people import Person, Scope
from triage.web.desk import live
from triage.web.desk.door import COOKIE
from triage.web.desk.hub import Window

SOON, ROUNDS = 1.0, 3


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk, on each of the two databases."""
    database = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    made = Desk(engine, tmp_path, database=database)
    yield made
    made.close()


def now() -> datetime:
    return datetime.now(UTC)


def entered(desk: Desk, person: Person) -> str:
    with desk.office.database.write() as connection:
        return sessions.begin(desk.office, connection, person.id, "password", now())


@contextmanager
def listening(port: int, token: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of a stream that is open, each with its name."""
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={COOKIE: token}, timeout=10) as client,
        client.stream("GET", "/desk/flux", headers={"Accept": "text/event-stream"}) as answer,
    ):
        assert answer.status_code == 200

        def events() -> Iterator[tuple[str, Any]]:
            name = ""
            for line in answer.iter_lines():
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    yield name, json.loads(line[5:].strip() or "null")

        found = events()
        assert next(found)[0] == "bonjour"
        yield found


def test_a_new_immediate_case_is_on_every_desk_within_a_second(shared: Desk, engine: Engine) -> None:
    """Kept by another process, which shares nothing but the store."""
    elsewhere = build_office(shared.app.state.settings, engine)
    tokens = [entered(shared, shared.person()) for _ in range(5)]
    with served(shared.app) as port:
        heard: list[list[float]] = [[] for _ in range(ROUNDS)]

        def hear(token: str, ready: threading.Barrier) -> None:
            with listening(port, token) as events:
                for moments in heard:
                    ready.wait(20)
                    _, told = next(one for one in events if one[0] == "nouvelle")
                    assert (told["kind"], told["level"]) == ("queue", "immediate")
                    moments.append(time.monotonic())

        ready = threading.Barrier(len(tokens) + 1)
        desks = [threading.Thread(target=hear, args=(token, ready)) for token in tokens]
        for one in desks:
            one.start()
        kept = []
        for _ in heard:
            ready.wait(20)
            report(elsewhere, now(), "immediate")
            kept.append(time.monotonic())
        for one in desks:
            one.join(10)
    elsewhere.database.close()
    assert [len(moments) for moments in heard] == [len(tokens)] * ROUNDS
    assert median(max(moments) - moment for moments, moment in zip(heard, kept, strict=True)) < SOON


def test_nobody_hears_of_a_case_that_is_not_theirs(desk: Desk) -> None:
    excluded, unit = desk.person(), desk.person(unit="brigade-7")
    here, far = desk.person("agent", Scope("35")), desk.person("agent", Scope("29"))
    case_id = report(desk.office, now(), "agent", departement="35", force="police")
    with desk.office.database.write() as connection:
        row = {"id": new_id(), "case_id": case_id, "person_id": excluded.id, "at": now(), "by": unit.id, "reason": b""}
        connection.execute(EXCLUSIONS.insert().values(**row))
        desk.office.cases.stand(connection, case_id, concerns="brigade-7")
    with served(desk.app) as port:
        for person, expected in ((excluded, "last"), (unit, "last"), (far, "last"), (here, "first")):
            with listening(port, entered(desk, person)) as events, desk.office.database.write() as connection:
                place = {"at": now(), "kind": "message", "level": "agent", "force": "police"}
                connection.execute(insert(NEWS).values(case_id=case_id, departement="35", about="first", **place))
                connection.execute(
                    insert(NEWS).values(case_id="", departement="", about="last", **place | {"kind": "alert"})
                )
                connection.commit()
                _, told = next(one for one in events if one[0] == "nouvelle")
                assert (told["kind"] == "message") is (expected == "first"), person


def test_news_tell_nothing_of_what_was_told_nor_of_who_works(desk: Desk) -> None:
    agent, other = desk.person(), desk.person()
    case_id = report(desk.office, now(), "agent")
    with served(desk.app) as port, listening(port, entered(desk, agent)) as events:
        claim(desk.office, other, case_id, now())
        _, told = next(one for one in events if one[0] == "nouvelle")
    assert told == {
        **{"kind": "claim", "case": case_id, "level": "agent", "departement": "", "mine": False},
        "reference": f"{case_id[:4]}-{case_id[4:8]}".upper(),
    }


def test_a_stream_ends_with_its_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT", 0.1)
    person = desk.person()
    with served(desk.app) as port, listening(port, entered(desk, person)) as events:
        assert next(events)[0] == "battement"
        with desk.office.database.write() as connection:
            sessions.revoke_all(connection, person.id, now())
        assert [name for name, _ in events if name != "battement"] == ["fin"]


def test_a_stranger_has_no_stream(desk: Desk) -> None:
    """A page whose session is over hears « fin », and is left; whoever types the address is led to the door."""
    heard = desk.browser().get("/desk/flux", headers={"Accept": "text/event-stream"})
    assert (heard.status_code, heard.text) == (200, "event: fin\ndata: \n\n")
    assert desk.browser().get("/desk/flux").status_code == 303


def test_a_delay_is_promised_only_while_somebody_looks_at_the_desk(desk: Desk) -> None:
    office = desk.office
    assert not duty.on_duty(office, "35", "police", now())
    with served(desk.app) as port:
        with listening(port, entered(desk, desk.person("analyst"))):
            assert not duty.on_duty(office, "35", "police", now())
        with listening(port, entered(desk, desk.person("agent", Scope("35", "police")))):
            assert duty.on_duty(office, "35", "police", now())
            assert not duty.on_duty(office, "29", "police", now())
            assert not duty.on_duty(office, "", "", now())
        with listening(port, entered(desk, desk.person())):
            assert duty.on_duty(office, "", "", now())
    assert not duty.on_duty(office, "35", "police", now() + timedelta(minutes=5))


def test_streams_keep_no_server_from_stopping(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppStatus, "should_exit", False)
    server = uvicorn.Server(uvicorn.Config(desk.app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with listening(port, entered(desk, desk.person())) as events:
        stopped = time.monotonic()
        server.handle_exit(signal.SIGTERM, None)
        with pytest.raises((StopIteration, httpx.RemoteProtocolError)):
            next(events)
        thread.join(10)
        assert not thread.is_alive()
        assert time.monotonic() - stopped < 3


def test_news_that_appear_after_others_of_a_higher_number_are_told_once() -> None:
    def news(*numbers: int) -> list[News]:
        return [News(one, "queue", "", "", "", "", "", "", "", frozenset()) for one in numbers]

    async def read() -> list[list[int]]:
        window = Window()
        readings = (news(3, 4), news(3, 4), news(3, 4, 7), news(3, 4, 5, 7), news(3, 4, 5, 6, 7, 8))
        return [[one.seq for one in window.new(reading)] for reading in readings]

    assert asyncio.run(read()) == [[], [], [7], [5], [6, 8]]
