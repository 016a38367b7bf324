"""`triage rules impact`: what a change of rules would do, before it is merged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from triage.bootstrap import build_engine, build_office
from triage.cli.rules_moves import TITLES, Shown, lines
from triage.desk.office import Office
from triage.engine import Engine
from triage.errors import IntakeError
from triage.learning import impact as trial
from triage.learning.cases import labels_of
from triage.learning.corpus import load
from triage.learning.drafts import engine_by, engine_with
from triage.learning.frames import check_new, write_new
from triage.learning.impact import Impact, text_of
from triage.learning.spreading import Progress as Heard
from triage.learning.storedcases import Stored, hidden_from, note_trial, readable, reader_of, stored
from triage.learning.subjects import evenly, known, read_texts
from triage.settings import Settings
from triage.store.people import Person

CORPUS, STORED = "corpus", "stored"
_READ = (
    "\nLe modèle a appris sur ces textes et s'y trompe peu : sur des récits nouveaux, l'effet peut être plus grand, et "
    "moins bon.\nEssayez aussi --on stored (les dossiers du registre), ou un fichier de textes qu'il n'a pas lus."
)


def impact(
    drafts: Annotated[
        list[Path] | None, typer.Option("--draft", help="Un brouillon de règle, où qu'il soit ; à répéter.")
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Un autre dossier de règles, entier.")] = None,
    on: Annotated[
        str, typer.Option("--on", help="corpus, stored (les dossiers du registre) ou un fichier .jsonl.")
    ] = CORPUS,
    limit: Annotated[int, typer.Option(min=0, help="Au plus tant de textes ou de dossiers ; 0 : tous.")] = 0,
    out: Annotated[Path | None, typer.Option("--json", help="Écrit aussi les chiffres dans ce fichier.")] = None,
    by: Annotated[str, typer.Option(help="Pour lire les dossiers qui changent : l'adresse de votre compte.")] = "",
    most: Annotated[int, typer.Option("--examples", min=0, help="Exemples montrés de chaque sorte.")] = 5,
    every: Annotated[bool, typer.Option("--full", help="Juge deux fois tous les textes, pour vérifier.")] = False,
    workers: Annotated[int, typer.Option(min=0, help="Processus ; 0 : autant que de cœurs.")] = 0,
) -> None:
    """Dit ce qu'un changement de règles ferait, sur les textes livrés ou les dossiers gardés, avant d'être proposé."""
    if bool(drafts) == bool(rules):
        raise IntakeError("Donnez ce qui change : --draft FICHIER (à répéter), ou --rules DOSSIER.")
    if out:
        check_new(out, ".json")
    settings, now = Settings(), datetime.now(UTC)
    before = build_engine(settings)
    after = engine_by(settings, before, rules) if rules else engine_with(settings, before, drafts or [])
    if on == STORED:
        office = build_office(settings, before)
        try:
            found, shown = _on_store(settings, office, after, by, now, limit, most, every, workers)
        finally:
            office.database.close()
    else:
        found, shown = _on_texts(settings, before, after, on, limit, every, workers)
    for line in lines(before, after, found, shown, most):
        typer.echo(line)
    if on == CORPUS:
        typer.echo(_READ)
    if out:
        write_new(out, (json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n").encode())
        typer.echo(f"Chiffres écrits : {out}")


def _on_texts(
    settings: Settings, before: Engine, after: Engine, on: str, limit: int, every: bool, workers: int
) -> tuple[Impact, Shown]:
    labels = labels_of(settings)
    if on == CORPUS:
        texts = [text_of(one) for one in evenly(load(settings.models / "corpus", labels), limit)]
        with _bar("Ce que disent les règles en service", len(texts)) as heard:
            said = known(settings, before, texts, workers, heard)
    else:
        texts, said = evenly(read_texts(Path(on), labels), limit), {}
    with _bar("Ce qui change", len(texts)) as heard:
        found = trial.impact(before, after, texts, known=said, every=every, workers=workers, progress=heard)
    return found, Shown(texts)


def _on_store(
    settings: Settings,
    office: Office,
    after: Engine,
    by: str,
    now: datetime,
    limit: int,
    most: int,
    every: bool,
    workers: int,
) -> tuple[Impact, Shown]:
    person = reader_of(office, by) if by else None
    cases, closed = stored(office, now, limit)
    note_trial(office, person, after.catalogue.digest, len(cases), now)
    if closed:
        told = (
            "1 dossier ne s'ouvre pas : il n'est"
            if closed == 1
            else f"{closed} dossiers ne s'ouvrent pas : ils ne sont"
        )
        typer.echo(f"{told} pas jugé{'s' if closed > 1 else ''}.", err=True)
    with _bar("Ce qui change", len(cases)) as heard:
        found = trial.impact(office.engine, after, cases, every=every, workers=workers, progress=heard)
    return found, _opened(settings, office, person, cases, found, most, now)


def _opened(
    settings: Settings,
    office: Office,
    person: Person | None,
    cases: Sequence[Stored],
    found: Impact,
    most: int,
    now: datetime,
) -> Shown:
    """The cases that are shown, where somebody who may asks for it; nobody else reads a word."""
    if person is None:
        return Shown(cases, frozenset())
    wanted = {one.place for way in TITLES for one in trial.examples(found, most, way)}
    theirs = readable(office, person, [cases[place].case_id for place in wanted], now)
    places = frozenset(place for place in wanted if cases[place].case_id in theirs)
    return Shown(cases, places, hidden_from(person, settings, office))


@contextmanager
def _bar(title: str, total: int) -> Iterator[Heard]:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
