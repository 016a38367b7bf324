"""Cases of each kind that the retention names, as old as a test needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from triage.desk.evidence import File
from triage.desk.forgetting.files import Beside
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.store.cases import Ranking
from triage.store.records import Told
from triage.store.tables import CASE_KEYS, CASES

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
AGENT = 32 * "a"


def days(number: int) -> timedelta:
    return timedelta(days=number)


def beside(office: Office) -> Beside:
    """The folder of the test."""
    return Beside(Path(office.database.engine.url.database or "/nowhere").parent)


def told(office: Office, **columns: Any) -> str:
    """A case told at `NOW`, with evidence, of which no agent has to do anything, with these columns."""
    made = submit(office, Told(text=CALM, departement="35"), [File("a.txt", b"Bonjour.")], NOW).case_id
    with office.database.write() as connection:
        connection.execute(update(CASES).where(CASES.c.id == made).values(**{"queued": False} | columns))
    return made


def case(office: Office, **columns: Any) -> str:
    """The same without the engine."""
    with office.database.write() as connection:
        ranking = Ranking("agent", 2, ("menace", "raid"), ())
        made = office.cases.add(connection, Told(text=CALM, departement="35"), ranking, NOW, None, None)
        office.cases.note(connection, made, "received", "Récit reçu.", NOW)
        office.cases.stand(connection, made, **{"queued": False} | columns)
    return made


def closed(office: Office, outcome: str = "conseils", **columns: Any) -> str:
    """A case that an agent took and closed at `NOW`."""
    state = "transmitted" if outcome == "transmis" else "closed"
    worked = {"first_claimed_at": NOW, "closed_at": NOW, "state": state, "outcome": outcome}
    return case(office, **worked | columns)


def states(office: Office, *ids: str) -> list[str]:
    with office.database.read() as connection:
        found = {row.id: row.state for row in connection.execute(select(CASES.c.id, CASES.c.state))}
    return [found[one] for one in ids]


def keys(office: Office) -> set[str]:
    """The cases that still have one."""
    with office.database.read() as connection:
        return set(connection.scalars(select(CASE_KEYS.c.case_id)))
