"""`triage models`: the registry of models. What is tried, compared, put into service, put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from triage.bootstrap import build_engine, served_model
from triage.cli import codes
from triage.cli.models_live import replay, shadow
from triage.intake.moment import in_paris
from triage.learning import registry
from triage.learning.compared import Compared, by_group, by_type, overall, points, share
from triage.learning.frozen import Progress as Done
from triage.learning.gate import Verdict
from triage.learning.policy import load_gate_policy
from triage.learning.registry import Change, Version
from triage.settings import Settings
from triage.threats.modelfile import KINDS

app = typer.Typer(help="Les modèles : candidats, barrière, mise en service, retour en arrière.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="VERSION", help="Une version de « triage models list ».")]
By = Annotated[str, typer.Option(help="L'adresse du compte, ouvert, de qui approuve.")]
Reason = Annotated[str, typer.Option(help="Le motif, en quelques mots : il est gardé dans le journal.")]
_STANDINGS = {
    "served": "sert",
    "shadow": "dans l'ombre",
    "refused": "refusé par la barrière",
    "candidate": "candidat",
    "unusable": "inutilisable",
}
_ACTIONS = {"first": "premier modèle", "promote": "mis en service", "rollback": "remis en service"}
_SHOWN = {
    "primary_accuracy": "type juste",
    "disposition_accuracy": "niveau juste",
    "critical_under_triage": "urgences manquées",
    "over_triage_fpr": "agents appelés à tort",
}
_MARKS = {"passed": "oui", "refused": "NON", "unknown": "?"}


@app.command("list")
def show() -> None:
    """Donne les versions, leurs chiffres sur l'ensemble gelé (récits), et qui les a mises en service."""
    settings = Settings()
    for one in registry.versions(settings):
        typer.echo("\n   ".join(_lines(one)))
    _, warning = served_model(settings)
    if warning:
        typer.echo(f"ATTENTION : {warning}", err=True)


@app.command()
def compare(before: Named, after: Named) -> None:
    """Compare deux modèles sur l'ensemble gelé : chiffres, écarts et leur intervalle, par type et par groupe."""
    settings = Settings()
    policy, engine = load_gate_policy(settings.rules), build_engine(settings)
    one, other = registry.sides(settings, before, after)
    with _measuring() as progress:
        judged = registry.measure(settings, engine, one, other, progress)
    labels = {name: kind.label for name, kind in engine.composer.kinds.items()}
    for kind, title in zip(KINDS, ("Récits", "Messages"), strict=True):
        _table(title, overall(judged, kind, policy.confidence), {kind: title}, before, after)
    _table("Par type", by_type(judged, list(labels), policy.detail_confidence), labels, before, after)
    _table("Par groupe", by_group(judged, policy.groups, policy.detail_confidence), {}, before, after)
    typer.echo(
        "F1 : un seul chiffre pour la précision (ce qui est donné est-il juste ?) et le rappel (tout est-il vu ?).\n"
        "Entre crochets, l'intervalle de l'écart."
    )


@app.command()
def gate(version: Named) -> None:
    """Essaie la barrière sur un candidat, sans rien changer ; dit pourquoi il passe ou non."""
    with _measuring() as progress:
        verdict = registry.gate(Settings(), version, progress)
    _say(verdict)
    raise typer.Exit(codes.OK if verdict.passed else codes.DATA)


@app.command()
def promote(version: Named, by: By, reason: Reason) -> None:
    """Met un candidat en service s'il passe la barrière ; les services le prennent d'eux-mêmes."""
    try:
        with _measuring() as progress:
            verdict = registry.promote(Settings(), version, by, reason, datetime.now(UTC), progress)
    except registry.RefusedError as error:
        _say(error.verdict)
        raise typer.Exit(codes.DATA) from None
    _say(verdict)
    typer.echo(f"{version} sert maintenant, à la place de {verdict.served}. Pour revenir : triage models rollback")


@app.command()
def rollback(
    by: By,
    reason: Reason,
    to: Annotated[str, typer.Option(help="Une version qui a déjà servi ; celle d'avant sinon.")] = "",
) -> None:
    """Remet en service le modèle d'avant."""
    change = registry.rollback(Settings(), by, reason, datetime.now(UTC), to)
    typer.echo(f"{change.version} sert de nouveau, à la place de {change.before}.")


app.command()(replay)
app.command()(shadow)


@contextmanager
def _measuring() -> Iterator[Done]:
    """Shows how many texts were read, by the two models."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Mesure sur l'ensemble gelé", total=None)
        yield lambda done: progress.update(task, completed=done)


def _say(verdict: Verdict) -> None:
    """Every sentence of the gate, then what comes of them."""
    for one in verdict.findings:
        typer.echo(f"[{_MARKS[one.outcome]}] {one.sentence}")
    if verdict.passed:
        typer.echo(f"La barrière laisse passer {verdict.version} (comparé à : {verdict.served}).")
    else:
        count = len(verdict.refusals)
        why = "une raison, marquée NON" if count == 1 else f"{count} raisons, marquées NON"
        typer.echo(f"La barrière refuse {verdict.version} : {why}.")


def _lines(one: Version) -> Iterator[str]:
    """What is said of a version: its standing, its figures, how it came to serve, why it cannot."""
    about, state = one.manifest, _STANDINGS[one.standing] + (", livré avec le service" if one.shipped else "")
    if about is None:
        yield f"{one.version} : {state}"
        yield one.problem
    else:
        trained = in_paris(datetime.fromisoformat(about.trained_at))
        yield f"{one.version} : {state} ; appris le {trained:%d/%m/%Y} avec les règles {about.rules}"
        figures = about.frozen.get("report", {})
        yield "récits gelés : " + ", ".join(f"{label} {share(figures.get(name))}" for name, label in _SHOWN.items())
    if one.change:
        yield _changed(one.change)


def _changed(change: Change) -> str:
    moment = in_paris(datetime.fromisoformat(change.at))
    return f"{_ACTIONS[change.action]} le {moment:%d/%m/%Y à %H:%M} par {change.by} ({change.reason})"


def _table(title: str, rows: Iterable[Compared], labels: dict[str, str], before: str, after: str) -> None:
    table = Table("", "chiffre", "textes", before, after, "écart (points)", "", title=title)
    for one in rows:
        low, high = one.interval
        gap = f"[{points(low)} ; {points(high)}]" if one.size else "–"
        mark = "moins bon" if one.worse else "meilleur" if low > 0 else ""
        shares = (share(one.before), share(one.after))
        table.add_row(labels.get(one.of, one.of), one.figure, str(one.size), *shares, escape(gap), mark)
    Console().print(table)
