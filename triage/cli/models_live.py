"""`triage models replay` and `triage models shadow`: what a model answered, or would have, to reports that came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.archive import archive_of
from triage.bootstrap import build_engine, build_office, build_registry
from triage.cli import codes
from triage.desk.office import Office
from triage.desk.people import accounts
from triage.desk.people.rights import Right, require
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.learning import replay as again
from triage.learning import shadow as beside
from triage.learning import tried
from triage.learning.engines import Engines
from triage.learning.replay import Replayed, Wanted
from triage.learning.shadow import Compared, Judged
from triage.learning.storedcases import within
from triage.settings import Settings
from triage.store.people import Person

By = Annotated[str, typer.Option("--by", help="L'adresse électronique du compte de qui le demande.")]
Reason = Annotated[str, typer.Option(help="Pourquoi, en quelques mots ; gardé dans le journal.")]


def replay(
    case: Annotated[str, typer.Argument(metavar="[DOSSIER]", help="« ABCD-1234 », ou son identifiant.")] = "",
    by: By = "",
    assessment: Annotated[str, typer.Option(help="L'identifiant d'une seule de ses évaluations.")] = "",
    sample: Annotated[int, typer.Option(min=0, help="Les dernières évaluations de tous les dossiers.")] = 0,
    every: Annotated[bool, typer.Option("--all", help="Toutes les évaluations de tous les dossiers.")] = False,
) -> None:
    """Refait des évaluations gardées, avec les règles et le modèle de leur époque, et dit ce qui diffère."""
    if [bool(case), bool(sample), every].count(True) != 1:
        raise IntakeError("Donnez un dossier (« ABCD-1234 »), ou --sample 500, ou --all.")
    settings, office, person = _desk(by)
    wanted = _theirs(office, person, _wanted(office, case, assessment, sample))
    engines = Engines(settings, archive_of(settings), office.engine)
    same = 0
    for one in again.replay(office, engines, person, wanted, datetime.now(UTC)):
        same += one.identical
        if case or not one.identical:
            for line in _lines(one):
                typer.echo(line)
    typer.echo(f"{same} sur {len(wanted)} : identiques.")
    if same < len(wanted):
        raise typer.Exit(codes.INPUT)


def shadow(
    version: Annotated[
        str, typer.Argument(metavar="[VERSION]", help="Le modèle à essayer ; sans elle, où on en est.")
    ] = "",
    by: By = "",
    reason: Reason = "",
    stop: Annotated[bool, typer.Option("--stop", help="Met fin à l'essai.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Dit ce que le modèle essayé aurait changé.")] = False,
) -> None:
    """Essaie un modèle à côté de celui qui sert : ses réponses sont gardées à part, jamais montrées, et comparées."""
    settings, now = Settings(), datetime.now(UTC)
    if compare:
        _, office, _ = _desk(by)
        for line in _compared(beside.compare(office, version or _tried(settings))):
            typer.echo(line)
    elif stop:
        ended = beside.stop(build_registry(settings), settings, _given(by), reason, now)
        typer.echo(f"Le modèle {ended} n'est plus à l'essai ; ses réponses restent, pour être comparées.")
    elif version:
        beside.start(build_registry(settings), settings, _given(by), version, reason, now)
        typer.echo(f"Le modèle {version} est à l'essai. « triage models shadow --compare » dit ce qu'il aurait changé.")
    elif found := tried.named(settings):
        typer.echo(f"Le modèle {found[0]} est à l'essai depuis le {in_paris(found[1]):%d/%m/%Y à %H:%M}.")
    else:
        typer.echo("Aucun modèle n'est à l'essai.")


def _desk(by: str) -> tuple[Settings, Office, Person]:
    """The desk, for somebody who has an account there. No word of a case is shown: an analyst may ask."""
    settings = Settings()
    person = accounts.by_login(build_registry(settings), _given(by))
    require(person, Right.ADMINISTER if person.role == "administrator" else Right.ANALYSE)
    return settings, build_office(settings, build_engine(settings)), person


def _given(by: str) -> str:
    if not by:
        raise IntakeError("Dites qui le demande : --by prenom.nom@exemple.fr.")
    return by


def _wanted(office: Office, case: str, assessment: str, sample: int) -> list[Wanted]:
    return again.found(office, case, assessment) if case else again.latest(office, sample or None)


def _theirs(office: Office, person: Person, wanted: list[Wanted]) -> list[Wanted]:
    """Those of one's scope; how many others there are is said, and nothing of them."""
    with office.database.read() as connection:
        theirs = within(connection, person, {case_id for case_id, _ in wanted})
    kept = [one for one in wanted if one[0] in theirs]
    if apart := len(wanted) - len(kept):
        told = "1 évaluation est" if apart == 1 else f"{apart} évaluations sont"
        typer.echo(f"{told} d'un autre ressort que le vôtre, ou d'un dossier dont vous êtes à l'écart.", err=True)
    return kept


def _lines(one: Replayed) -> Iterator[str]:
    """One assessment made again, in words."""
    said = "identique" if one.identical else "différente" if one.differences else "impossible à refaire"
    yield f"{one.reference}  {in_paris(one.at):%d/%m/%Y %H:%M}  {one.cause}  {one.assessment_id} : {said}"
    for line in (*one.differences, *filter(None, (one.way,))):
        yield f"    {line}"
    if one.lock:
        where = one.lock if one.lock.is_file() else f"{one.lock}, qui n'est plus là"
        yield f"    Faite sur un autre environnement ; le sien : {where}."


def _tried(settings: Settings) -> str:
    if found := tried.named(settings):
        return found[0]
    raise IntakeError("Aucun modèle n'est à l'essai : nommez-en un, « triage models shadow VERSION --compare ».")


def _compared(found: Compared) -> Iterator[str]:
    yield f"Modèle {found.version}, à côté de celui qui servait. Réponses comparées : {found.answers}."
    yield f"  niveau plus haut : {found.up}, plus bas : {found.down}"
    for (before, after), count in sorted(found.moves.items(), key=lambda pair: -pair[1]):
        yield f"    {before} → {after} : {count}"
    yield f"  type principal différent : {found.primary_differs}, types : {found.types_differ}"
    yield f"  drapeaux différents : {found.flags_differ}"
    for name in sorted({*found.added, *found.dropped}):
        yield f"    {name} : ajouté {found.added.get(name, 0)} fois, ôté {found.dropped.get(name, 0)} fois"
    yield f"  Dossiers décidés par un agent : {found.levels.cases}"
    if found.levels.cases:
        yield "    (p : la chance d'un tel écart, si les deux modèles se valaient)"
        yield f"    niveau : {_judged(found.levels)}"
        yield f"    type principal : {_judged(found.primaries)}"


def _judged(one: Judged) -> str:
    alone = f"lui seul {one.tried_alone} fois, l'autre seul {one.served_alone} fois"
    p = f"{one.p:.3f}".replace(".", ",")
    return f"d'accord {one.tried_right} fois contre {one.served_right} ({alone} ; p = {p}, test de McNemar)"
