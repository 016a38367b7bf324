"""A store with a little of everything that is backed up, checked or closed anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from tests.conftest import migrated_at
from triage.desk import follow_up
from triage.desk.evidence import File
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.learning.tried import note
from triage.store.backups.copying import known_tables, tables_in
from triage.store.backups.making import Source
from triage.store.backups.restoring import Target
from triage.store.cases import new_id
from triage.store.checking import Store
from triage.store.database import Database
from triage.store.keys import open_ring
from triage.store.quality_tables import QUALITY
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
# What a copy made another moment may hold otherwise: the audit has the line of the restoration.
_MOVES = ("audit", "audit_head")


def filled(office: Office) -> str:
    """Two cases, one with pieces and messages; a reason in the audit that belongs to no case. The first one's id."""
    made = submit(office, Told(text=THREAT, contact="06 12"), [File("menace.txt", THREAT.encode())], NOW)
    follow_up.write(office, made.case_id, "official", "Encore un message ce matin.", NOW)
    submit(office, Told(text=CALM), [File("autre.txt", b"bonjour")], NOW)
    figures = {name: {"recall": [1, 2]} for name in ("frozen", "sealed", "wrong", "decided", "charts", "findings")}
    night = {"id": new_id(), "at": NOW, "since": NOW, "rules": "r", "accepted": True, "settled": False, "texts": 3}
    with office.database.write() as connection:
        connection.execute(insert(QUALITY).values(**night, **figures))
    note(office.database, office.ring, None, "model.shadow", "essai", "Pour comparer.", NOW)
    return made.case_id


def place_of(office: Office, data: Path) -> Store:
    return Store(office.database, office.ring, data / "keys")


def source_of(office: Office, data: Path) -> Source:
    for name in ("archive/rules/abc.zip", "models/current", "models/v1/model.skops"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(name.encode())
    return Source(office.database, office.ring, data)


def target_at(data: Path, keys: Path, address: str = "") -> Target:
    """An empty machine with these keys; its tables are made, which takes as long as most tests."""
    migrated_at(data)
    return Target(Database(address or f"sqlite:///{data}/triage.sqlite"), open_ring(keys), keys, data)


def rows(database: Database, left_out: Iterable[str] = _MOVES) -> dict[str, set[str]]:
    """All that a store holds, table by table."""
    with database.read() as connection:
        there = [table for table in tables_in(connection) if table.name not in left_out]
        assert len(there) > 30 and known_tables()
        return {table.name: {repr(row) for row in connection.execute(select(table))} for table in there}
