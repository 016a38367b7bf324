"""All the checks, in the order in which one mends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from triage.doctor import configuration, machine, store, tools, work
from triage.doctor.engine import Bench
from triage.doctor.finding import Check, Finding, wrong
from triage.intake.moment import in_paris
from triage.settings import Settings
from triage.store.database import Database


def examine(settings: Settings, now: datetime) -> Iterator[tuple[str, Finding]]:
    """Each part, by name, and what was found of it. A check that fails is a finding too."""
    database = store.usable(settings)
    try:
        for part, check in _checks(settings, database, now).items():
            try:
                for finding in check():
                    yield part, finding
            except Exception as error:  # whatever it is, the others are looked at
                yield part, wrong(f"l'examen a échoué ({type(error).__name__})", "Lisez le journal, ou signalez-le.")
    finally:
        if database:
            database.close()


def _checks(settings: Settings, database: Database | None, now: datetime) -> Mapping[str, Check]:
    bench = Bench(settings)
    return {
        "réglages": lambda: configuration.configuration(settings),
        "disque": lambda: machine.disk(settings),
        "clés": lambda: machine.keys(settings),
        "registre": lambda: store.store(settings),
        "horloge": lambda: machine.clock(database, now),
        "règles": lambda: bench.rules(in_paris(now).date()),
        "modèle": bench.model,
        "courriel": lambda: tools.mail(settings),
        "pages PDF": lambda: tools.pages(settings),
        "texte des images": lambda: tools.images(settings),
        "lecture des pièces": lambda: tools.closed(settings),
        "antivirus": lambda: tools.antivirus(settings),
        "travailleur": lambda: work.worker(settings, database, now),
        "garde": lambda: work.rota(database, now),
    }
