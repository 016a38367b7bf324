"""The pages, the API and the desk: whatever is sent, by whomever, the answer is never a failure of the service."""

from __future__ import annotations

import asyncio
import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from tests.conftest import ROOT, migrated_at
from tests.fuzz.asking import Asked, Known, asked, sent
from tests.fuzz.files import conversations, messages, pictures
from tests.fuzz.running import Target, chance
from tests.web.api_app import CALM, THREAT
from tests.web.desk.conftest import Desk
from tests.web.desk.test_matrix import flat
from tests.web.visitor import signature_for
from triage.desk.evidence import File
from triage.desk.people import sessions
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.engine import Engine
from triage.store.people import Role
from triage.store.records import Told
from triage.web.access import COOKIE as CASE
from triage.web.access import ENTRY_COOKIE
from triage.web.desk.door import COOKIE as DESK

# A form that cannot be read to its end leaves its parts, which are in memory, to the collector: it warns of it.
pytestmark = [pytest.mark.whole, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]
_ROLES: tuple[Role, ...] = ("agent", "supervisor", "analyst", "administrator")
_RENEWED = 150  # requests after which everybody begins anew: some have left, some cases are erased
_ENDLESS = ("/desk/flux",)
_SLOW = re.compile("pdf|odt|zip|courrier|lettre|/dossier|entrer$|inscription")  # documents typeset, passwords checked


class World:
    """The service, with somebody of each role at work, and cases that people have left there."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.app = desk, desk.app
        self.app.state.wake = lambda: None
        self.app.state.limiter.hit = lambda *_, **__: True  # a sender who is slowed down reaches nothing
        self.app.state.limiter.hit_everywhere = lambda *_, **__: True
        self.app.state.limiter.may_spend = lambda *_, **__: True
        self.people = [desk.person(role) for role in _ROLES]
        names = re.findall(r'name="([a-z_.]+)"', "".join(map(Path.read_text, (ROOT / "triage").rglob("*.html"))))
        self.fields = sorted({*names, "question.en_cours", "page", "types"})
        routes = [route for route in flat(self.app.routes) if isinstance(route, APIRoute)]
        pairs = [(method, route.path) for route in routes for method in sorted(route.methods - {"HEAD"})]
        self.routes = [pair for pair in pairs if pair[1] not in _ENDLESS]
        self.quick = [pair for pair in self.routes if not _SLOW.search(pair[1])]
        self.files = [*pictures()[:3], *messages()[:2], *conversations()[:2]]

    def known(self) -> Known:
        """What a sender knows, once new cases are there and everybody has entered again."""
        office, now = self.desk.office, datetime.now(UTC)
        told = (Told(text=text, departement="35", commune="Rennes", mail="a@b.fr") for text in (THREAT, CALM, THREAT))
        made = [submit(office, one, [File("a.png", self.files[0])], now) for one in told]
        claim(office, self.people[0], made[0].case_id, now)
        entered = [self._session(number) for number in range(len(_ROLES))]
        cookies = {f"{DESK}={one}": signature_for(office.ring, one) for one in entered}
        cookies |= {f"{CASE}={self._held(one.receipt)}": signature_for(office.ring, one.receipt) for one in made[1:]}
        cookies |= {f"{ENTRY_COOKIE}=x": signature_for(office.ring, "x"), "": ""}
        ids = {
            "case_id": [one.case_id for one in made],
            "person_id": [one.id for one in self.people],
            "number": ["1", "2"],
            "measure": ["referent", "bouton_appel"],
            "code": [one.receipt for one in made],
            "level": ["advice", "guided", "agent", "urgent", "immediate"],
            "type": ["menace", "injure"],
            "measure_id": ["1"],
        }
        return Known(self.routes, self.fields, ids, self.files, cookies)

    def _session(self, number: int) -> str:
        with self.desk.office.database.write() as connection:
            return sessions.begin(self.desk.office, connection, self.people[number].id, "password", datetime.now(UTC))

    def _held(self, receipt: str) -> str:
        return urlsafe_b64encode(self.desk.office.ring.pages.seal(receipt.encode())).decode()


def requests(target: Target, world: World) -> Iterator[Asked]:
    for index in range(target.size):
        luck = chance(target.name, index)
        if index % _RENEWED == 0:
            known = world.known()
        routes = world.routes if luck.random() < 0.1 else world.quick
        yield asked(luck, replace(known, routes=routes))


def told(logged: str) -> str:
    """The class of the error in what the service logs of a failure, and the line of ours that it came from."""
    error = logged.split("\n", 1)[0].rpartition(": ")[2]
    lines = re.findall(r"/(triage/[\w/]+\.py)\", line (\d+)", logged)
    return f"{error} {':'.join(lines[-1]) if lines else logged[-300:]}"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_is_asked_is_answered(
    kind: str, engine: Engine, tmp_path: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    short, full = (250, 10_000) if kind == "sqlite" else (150, 3_000)
    target = Target(f"requests, {kind}", short, full)
    address = request.getfixturevalue("postgres") if kind == "postgresql" else ""
    desk = Desk(engine, migrated_at(tmp_path), database=address)
    world = World(desk)
    caplog.set_level(logging.ERROR)

    def read(one: Asked) -> str:
        caplog.clear()
        status = loop.run(sent(desk.app, one))
        assert status < 500 and not caplog.messages, f"{status} {told('; '.join(caplog.messages))}"
        return f"{status // 100}xx" if status in (200, 201, 303) else str(status)

    with asyncio.Runner() as loop:
        target.tries(requests(target, world), read)
    desk.close()
    target.check("2xx", 0.04)
