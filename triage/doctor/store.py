"""The store: whether it answers, is of this version, keeps what it acknowledges, and opens with these keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from triage.doctor.finding import Finding, ok, watch, wrong
from triage.settings import Settings
from triage.store import schema
from triage.store.cases import Cases
from triage.store.database import Database
from triage.store.keys import KeyRingError, held_ring

# Of PostgreSQL: without one of them a report that was acknowledged may be lost with the machine.
_DURABLE = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_write", "remote_apply")}
_SQLITE = {"journal_mode": ("wal",), "synchronous": (2, 3)}


def usable(settings: Settings) -> Database | None:
    """The store that `settings` name, where it answers and is of this version; nothing of it is made or changed."""
    if not _there(settings):
        return None
    database = Database(settings.database_url, lambda: held_ring(settings.keys_folder))
    if schema.fault(database):
        database.close()
        return None
    return database


def store(settings: Settings) -> Iterator[Finding]:
    """What is found of it."""
    if not _there(settings):
        yield watch("il n'y en a pas encore", "Lancez « triage db upgrade », ou « triage serve » qui le crée.")
        return
    with closing(Database(settings.database_url)) as database:
        fault = schema.fault(database)
        if fault:
            yield _unusable(fault)
            return
        with database.read() as connection:
            found = [*_fragile(connection), *_closed(settings, connection)]
            kind = connection.dialect.name
    yield from found or [ok(f"{kind}, à jour, durable, ouvert par ces clés")]


def _unusable(fault: str) -> Finding:
    answers = "répond" not in fault
    mend = "Lancez « triage db upgrade »." if answers else "Vérifiez TRIAGE_DATABASE, et que le serveur tourne."
    return wrong(fault.partition(" : ")[0].rstrip("."), mend)


def _there(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    return url.get_backend_name() != "sqlite" or bool(url.database and Path(url.database).is_file())


def _fragile(connection: Connection) -> Iterator[Finding]:
    """What would lose a report that was acknowledged."""
    embedded = connection.dialect.name == "sqlite"
    for name, wanted in (_SQLITE if embedded else _DURABLE).items():
        found = connection.exec_driver_sql(f"PRAGMA {name}" if embedded else f"SHOW {name}").scalar()
        if found not in wanted:
            yield wrong(
                f"« {name} » vaut « {found} » : un récit reçu peut être perdu si la machine s'arrête",
                f"Remettez « {name} » à « {wanted[0]} » dans la configuration du serveur.",
            )


def _closed(settings: Settings, connection: Connection) -> Iterator[Finding]:
    try:
        Cases(held_ring(settings.keys_folder)).check_keys(connection)
    except KeyRingError as error:
        yield wrong(
            str(error).partition(" : ")[0], "Restaurez le dossier des clés depuis une sauvegarde (TRIAGE_KEYS)."
        )
