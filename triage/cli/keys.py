"""`triage keys`: the service's own keys, and changing the one that closes the cases' keys while the service runs."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Annotated

import typer

from triage.bootstrap import build_database
from triage.settings import Settings
from triage.store import audit, keyfiles, rewrapping
from triage.store.database import Database
from triage.store.keys import JOURNAL, KeyRing, KeyRingError, held_ring
from triage.store.rewrapping import CASES_KEYS, PLACES, REASONS, UNKNOWN

app = typer.Typer(help="Les clés du service : les voir, changer celle qui ferme les dossiers.", no_args_is_help=True)
_WHO = "system: operator"
_SAVE = (
    "Sauvegardez maintenant le dossier des clés ({folder}), à part du registre. Gardez aussi les anciennes clés avec "
    "les sauvegardes qu'elles ouvrent."
)


@app.command("list")
def show() -> None:
    """Dit quelles clés sont là, par leur marque (elle n'apprend rien de la clé), et ce que chacune ferme."""
    settings = Settings()
    ring = held_ring(settings.keys_folder)
    with closing(build_database(settings)) as database:
        cases, others, reasons = _closed(database, ring)
    for number, mark in enumerate(ring.reasons.marks):
        use = "en service" if number == 0 else "ancienne" if mark in ring.wrapping.marks else "retirée"
        journal = f", {reasons[mark]} motifs du journal" if reasons[mark] else ""
        typer.echo(f"{mark}  {use} : {cases[mark]} dossiers, {others[mark]} autres secrets{journal}")
    typer.echo("receipts.key : les codes et le journal en dépendent, elle ne se change pas.")
    typer.echo("pages.key : ce que les navigateurs gardent entre deux pages.")
    lost = cases[UNKNOWN] + others[UNKNOWN] + reasons[UNKNOWN]
    if lost:
        raise KeyRingError(f"{lost} choses sont fermées par une clé qui n'est pas là : remettez-la dans store.keys.")


@app.command("rotate")
def rotate(
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Fait seulement la clé à venir, pour la recopier sur d'autres machines.")
    ] = False,
    retire: Annotated[
        bool, typer.Option("--retire", help="Ne fait pas de clé : retire les anciennes, si rien n'en a plus besoin.")
    ] = False,
) -> None:
    """Met en service une nouvelle clé et referme avec elle la clé de chaque dossier, sans arrêter le service.

    Interrompue, la même commande reprend. Les récits eux-mêmes ne sont pas rechiffrés : qui a eu ensemble une
    ancienne clé et une copie du registre de cette époque garde ce que cette copie contenait. La clé des codes
    (receipts.key) ne se change pas : tous les codes remis, les rapprochements entre dossiers et le journal en
    dépendent et seraient perdus.
    """
    settings = Settings()
    folder = settings.keys_folder
    ring = held_ring(folder)
    with keyfiles.alone(folder), closing(build_database(settings)) as database:
        if prepare:
            typer.echo(f"Clé {keyfiles.prepare(folder)} prête dans {folder / 'next.key'} : elle n'est pas en service.")
            typer.echo("Recopiez le dossier des clés sur chaque machine, puis lancez « triage keys rotate ».")
        elif retire:
            _retire(database, ring, folder)
        else:
            _rotate(database, ring, folder)


def _rotate(database: Database, ring: KeyRing, folder: Path) -> None:
    cases, others, _ = _closed(database, ring)
    if cases[UNKNOWN] + others[UNKNOWN]:
        raise KeyRingError(
            f"{cases[UNKNOWN]} dossiers et {others[UNKNOWN]} autres secrets sont fermés par une clé qui n'est pas là : "
            "remettez-la dans store.keys, puis recommencez."
        )
    in_use = ring.wrapping.marks[0]
    left = sum((cases + others).values()) - cases[in_use] - others[in_use]
    if left and not (folder / "next.key").exists():
        typer.echo(f"Un changement de clé n'était pas fini ({left} restent) : il est repris, sans nouvelle clé.")
        mark = in_use
    else:
        mark = keyfiles.put_in_front(folder)
    _note(database, ring, "keys.rotate", mark)
    done = _rewrap(database, ring)
    typer.echo(f"Clé {mark} en service : {done} clés de dossier et secrets refermés avec elle.")
    typer.echo(_SAVE.format(folder=folder))
    typer.echo("Dans dix minutes au moins, « triage keys rotate --retire » retirera les anciennes.")


def _retire(database: Database, ring: KeyRing, folder: Path) -> None:
    if len(ring.wrapping.marks) == 1:
        typer.echo("Aucune ancienne clé à retirer.")
        return
    if (folder / "next.key").exists():
        raise KeyRingError("Une clé est prête et pas encore en service : lancez d'abord « triage keys rotate ».")
    if wait := keyfiles.settled_in(folder):
        raise KeyRingError(
            f"La clé en service est trop récente : réessayez dans {ceil(wait / 60)} min. "
            "Ce qui avait commencé avant elle doit être fini."
        )
    _rewrap(database, ring)
    cases, others, reasons = _closed(database, ring)
    needed = {mark: cases[mark] + others[mark] for mark in ring.wrapping.marks[1:]}
    if any(needed.values()):
        raise KeyRingError("Une ancienne clé ferme encore quelque chose : recommencez dans un instant.")
    gone = keyfiles.retire(folder, [mark for mark in needed if reasons[mark]])
    for mark in gone:
        _note(database, ring, "keys.retire", mark)
        typer.echo(f"Clé {mark} retirée.")
        if reasons[mark]:
            typer.echo(f"  {reasons[mark]} motifs du journal en dépendent : elle est gardée pour eux dans {JOURNAL}.")
    typer.echo(_SAVE.format(folder=folder))


def _rewrap(database: Database, ring: KeyRing) -> int:
    done = sum(rewrapping.rewrap(database, ring))
    database.clear_journal()
    return done


def _closed(database: Database, ring: KeyRing) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Key → how many cases, other secrets, and reasons of the audit it closes."""
    cases = rewrapping.counted(database, ring, CASES_KEYS)
    others: Counter[str] = Counter()
    for place in PLACES[1:]:
        others += rewrapping.counted(database, ring, place)
    return cases, others, rewrapping.counted(database, ring, REASONS)


def _note(database: Database, ring: KeyRing, what: str, mark: str) -> None:
    with database.write() as connection:
        audit.append(connection, ring, audit.Entry(datetime.now(UTC), _WHO, "system", what, about=mark))
