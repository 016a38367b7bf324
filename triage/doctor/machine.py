"""The machine: its clock, its disk, the folder of the keys."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

from sqlalchemy import Connection, func, select

from triage.doctor.finding import Finding, ok, watch, wrong
from triage.settings import Settings
from triage.store.database import Database
from triage.store.keys import KeyRingError, open_ring
from triage.store.tables import CASES

# Where officials are: the hours and clocks that are told to them depend on it.
_ZONES = {"Europe/Paris", "Indian/Reunion", "America/Martinique", "America/Cayenne", "Pacific/Noumea", "Pacific/Tahiti"}
_NTP = "Mettez toutes les machines à l'heure (NTP) : les délais et les sessions en dépendent."
_DRIFT, _FAR = 2.0, 30.0  # seconds between two machines
_GIB = 2**30
_LOW, _FULL = 10 * _GIB, _GIB  # bytes that are left


def clock(database: Database | None, now: datetime) -> Iterator[Finding]:
    """Time zones, whether this machine and that of the store agree on the hour, whether the hour went back.

    `database` is none where no store can be asked.
    """
    missing = _ZONES - available_timezones()
    if missing:
        yield wrong(
            f"des fuseaux manquent ({', '.join(sorted(missing))})",
            "Réinstallez le paquet tzdata : les délais en dépendent.",
        )
    elif database is None:
        yield ok("les fuseaux sont là ; l'heure du registre n'a pas été comparée")
    else:
        yield _agreement(database, now)


def _agreement(database: Database, now: datetime) -> Finding:
    with database.read() as connection:
        drift = _drift(connection)
        last = connection.scalar(select(func.max(CASES.c.received_at)))
    if drift > _DRIFT:
        return (wrong if drift > _FAR else watch)(f"cette machine et celle du registre ont {drift:.0f} s d'écart", _NTP)
    if last and (last - now).total_seconds() > _DRIFT:
        return watch("le dernier récit est daté de l'avenir : l'horloge a reculé", _NTP)
    return ok("à l'heure, fuseaux présents")


def _drift(connection: Connection) -> float:
    """Seconds between this machine and a server; a file is on this machine."""
    if connection.dialect.name != "postgresql":
        return 0.0
    before = time.time()
    there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return abs(there.timestamp() - (before + time.time()) / 2)


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether `TRIAGE_DATA` can be written, and how much room is left there."""
    folder = settings.data.absolute()
    if not folder.exists():
        yield watch(f"{folder} n'existe pas encore", "Rien à faire : il est créé au premier lancement.")
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"essai")
    except OSError as error:
        yield wrong(f"rien ne s'écrit dans {folder} ({error.strerror})", "Donnez ce dossier au compte du service.")
        return
    left = shutil.disk_usage(folder).free
    room = f"{left / _GIB:.1f}".replace(".", ",")
    told, mend = f"{room} Gio libres dans {folder}", "Faites de la place, ou changez TRIAGE_DATA de disque."
    yield wrong(told, mend) if left < _FULL else watch(told, mend) if left < _LOW else ok(told)


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the keys are there, whole, and for nobody else; and apart from what they open."""
    folder = settings.keys_folder.absolute()
    if not folder.exists() or not any(folder.iterdir()):
        yield watch(f"{folder} est vide", "Rien à faire : les clés sont créées au premier lancement ; sauvegardez-les.")
        return
    try:
        open_ring(folder)
    except KeyRingError as error:
        yield wrong(str(error), "Restaurez le dossier des clés depuis une sauvegarde.")
        return
    found = [*_open(folder), *_beside(settings, folder)]
    yield from found or [ok(f"les clés de {folder} sont entières et réservées au service")]


def _open(folder: Path) -> Iterator[Finding]:
    others = [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077]
    if others:
        yield wrong(f"d'autres comptes peuvent lire {others[0]}", f"Lancez « chmod -R go= {folder} ».")
    if folder.stat().st_uid != os.getuid() and os.getuid():
        yield wrong(
            f"{folder} appartient à un autre compte", "Lancez cette commande, et le service, sous le même compte."
        )


def _beside(settings: Settings, folder: Path) -> Iterator[Finding]:
    if settings.address and folder.is_relative_to(settings.data.absolute()):
        yield watch(
            "les clés sont dans TRIAGE_DATA : qui copie ce dossier emporte de quoi l'ouvrir",
            "Mettez-les ailleurs (TRIAGE_KEYS), et sauvegardez-les à part.",
        )
