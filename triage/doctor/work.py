"""Who works: the worker, and the people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from triage.desk import duty
from triage.desk.people.sessions import present
from triage.doctor.finding import Finding, ok, watch, wrong
from triage.jobs.presence import presence
from triage.settings import Settings
from triage.store.database import Database
from triage.store.keys import KeyRingError

_LATE = 180.0  # seconds: it makes a turn every minute
_MANY = 1_000  # jobs


def worker(settings: Settings, database: Database | None, now: datetime) -> Iterator[Finding]:
    """Whether a worker makes its turns, wherever it runs."""
    if database is None:
        yield watch("non cherché : le registre n'est pas prêt", "Corrigez d'abord le registre.")
        return
    found = presence(settings)
    if found.turn is None:
        yield watch("aucun n'a jamais travaillé ici", "Lancez « triage serve », ou « triage worker » à part.")
        return
    ago = (now - found.turn).total_seconds()
    if ago > _LATE:
        yield wrong(
            f"le dernier tour remonte à {ago / 60:.0f} min : pièces, avis et alertes attendent",
            "Relancez « triage worker », ou « triage serve », et lisez son journal.",
        )
    elif found.jobs > _MANY:
        yield watch(f"{found.jobs} tâches attendent", "Lancez un autre « triage worker ».")
    else:
        yield ok(f"un tour il y a {max(ago, 0):.0f} s, tâches en attente : {found.jobs}")


def rota(database: Database | None, now: datetime) -> Iterator[Finding]:
    """Whether somebody is on duty: without anybody, no delay is promised."""
    if database is None:
        yield watch("non lue : le registre n'est pas prêt", "Corrigez d'abord le registre.")
        return
    try:
        there = sum(one.starts_at <= now for one in duty.shifts(database, now))
        with database.read() as connection:
            here = len(present(connection, now))
    except KeyRingError:
        yield watch("non lue : les clés n'ouvrent pas les noms", "Corrigez d'abord les clés.")
        return
    if there or here:
        yield ok(f"gardes en cours : {there} ; personnes au bureau : {here}")
    else:
        yield watch("personne : aucun délai n'est promis", "Ajoutez une garde avec « triage duty add ».")
