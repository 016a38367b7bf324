"""Agents in processes of their own: what they share is the store, the keys and the rules, read once.

Imported by the server that forks the processes, so that fifty of them start in a second.
"""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path
from secrets import token_bytes
from types import SimpleNamespace
from typing import Any, cast

from triage.bootstrap import build_database, build_texts
from triage.desk.office import Office
from triage.desk.policies import load_policies
from triage.desk.queue.placing import place
from triage.desk.service import load_service
from triage.engine import Engine
from triage.settings import Settings
from triage.store import people
from triage.store.cases import Ranking
from triage.store.keys import open_ring
from triage.store.people import Person, Scope
from triage.store.records import Told

RULES = Settings().rules
ASSESSOR, COMPOSER = build_texts(RULES)
ENGINE = cast(Engine, SimpleNamespace(assessor=ASSESSOR, composer=COMPOSER))
SERVICE = load_service(RULES, COMPOSER)
POLICIES = load_policies(RULES, ENGINE)
QUEUE = POLICIES.queue


@dataclass(frozen=True)
class Place:
    """Where a store is, as it is told to another process."""

    data: Path
    database: str = ""

    def office(self, made: bool = False, lease: float = 0) -> Office:
        """The desk on it, without what reads reports; `made`: the tables are there already; `lease`: in minutes."""
        settings = Settings(data=self.data, database=self.database)
        nothing = cast(Any, None)
        ring = open_ring(settings.keys_folder)
        database = build_database(settings)
        if made:
            database._current, database._file = True, database._on_disk()
        policies = replace(POLICIES, queue=QUEUE.model_copy(update={"lease": lease})) if lease else POLICIES
        return Office(ENGINE, database, ring, service=SERVICE, comments=nothing, policies=policies)


def processes() -> ForkServerContext:
    """What starts the processes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.torture.working"])
    return context


def somebody(office: Office, number: int, *scopes: Scope, role: str = "agent", unit: str = "") -> Person:
    """A new person, active; everywhere when no scope is given."""
    now, login = datetime.now(UTC), f"{role}{number}@exemple.fr"
    with office.database.write() as connection:
        made = people.add(connection, login, f"Agent {number}", cast(Any, role), scopes or (Scope(),), unit, now)
        people.change(connection, made, state="active")
        return people.get(connection, made)


def report(
    office: Office, now: datetime, level: str = "urgent", *flags: str, departement: str = "", force: str = ""
) -> str:
    """A new case in the queue, as if the engine had given it that level."""
    with office.database.write() as connection:
        told = Told(text="Récit d'essai.", departement=departement, force=force)
        ranking = Ranking(level, ASSESSOR.policy.rank(level), ("menace",), flags)
        case_id = office.cases.add(connection, told, ranking, now, token_bytes(32), None)
        place(office, connection, case_id, now)
    return case_id


def asks(office: Office, case_id: str, text: str, now: datetime) -> None:
    """The official writes."""
    with office.database.write() as connection:
        office.cases.write(connection, case_id, "official", text, now)
        place(office, connection, case_id, now)


def answers(office: Office, case_id: str, text: str, now: datetime) -> None:
    """An agent writes."""
    with office.database.write() as connection:
        office.cases.write(connection, case_id, "agent", text, now, "an agent")
        place(office, connection, case_id, now)
