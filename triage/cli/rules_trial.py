"""`triage rules test`: one rule, its examples, and what it finds in the shipped texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from triage.cli import codes
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.learning import rulework
from triage.learning.cases import labels_of
from triage.learning.corpus import Example, load
from triage.learning.impact import READ_AT
from triage.learning.rulefile import Opened, open_rule
from triage.learning.rulework import Occurrence, Precision
from triage.learning.subjects import evenly
from triage.settings import Settings
from triage.signals.rule import Signal

_TIMED = 200  # texts that phrases are timed on
_MOST_TYPES, _SLOWEST = 8, 3
_TARGETS = {"type": "le type", "flag": "le drapeau", "fact": "le fait"}


def test(
    rule: Annotated[str, typer.Argument(help="L'identifiant d'une règle, ou un fichier, même hors des règles.")],
    text: Annotated[
        list[str] | None, typer.Option(help="Un texte à essayer, à la place des textes livrés ; à répéter.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Au plus tant de textes livrés ; 0 : tous.")] = 0,
    shown: Annotated[int, typer.Option("--examples", min=0, help="Passages montrés.")] = 10,
) -> None:
    """Essaie une règle, en service ou en brouillon : ses exemples, ce qu'elle trouve, sa précision, sa vitesse."""
    settings = Settings()
    opened = open_rule(settings, rule)
    for line in _file_lines(opened):
        typer.echo(line)
    if opened.signal is not None:
        if text:
            lines = [line for one in text for line in _text_lines(opened, opened.signal, one)]
        else:
            lines = list(_corpus_lines(settings, opened, opened.signal, limit, shown))
        for line in lines:
            typer.echo(line)
    raise typer.Exit(codes.OK if opened.sound else codes.DATA)


def _file_lines(opened: Opened) -> Iterator[str]:
    """The rule, all that is wrong in its file, and its examples."""
    signal = opened.signal
    yield f"{signal.id} : {signal.title}" if signal else "Cette règle ne peut pas encore être lue."
    yield f"  {opened.path}"
    for problem in opened.problems:
        yield f"  {problem}"
    if opened.elsewhere:
        count = "1 erreur" if opened.elsewhere == 1 else f"{opened.elsewhere} erreurs"
        yield f"  Il y a {count} dans d'autres fichiers de règles : voyez « triage rules check »."
    if opened.tried:
        yield ""
        yield "Ses exemples"
    for one in opened.tried:
        yield f"  {one.said:14s} {one.sentence}"
        if one.why:
            yield f"  {'':14s} {one.where} : {one.why}"


def _text_lines(opened: Opened, signal: Signal, text: str) -> Iterator[str]:
    yield ""
    yield f"Dans « {text} »"
    found = rulework.said_of(signal, text, opened.catalogue, opened.reader)
    for one in found:
        voice = "mots cités" if one.quoted else "mots de la personne"
        said = ("dit le contraire" if one.denied else "trouvé") if one.told else f"annulé par {', '.join(one.why)}"
        yield f"  {said} ({voice}) : {one.passage}"
    if not found:
        yield "  rien trouvé"


def _corpus_lines(settings: Settings, opened: Opened, signal: Signal, limit: int, shown: int) -> Iterator[str]:
    examples = evenly(load(settings.models / "corpus", labels_of(settings)), limit)
    if not examples:
        raise IntakeError(f"Aucun texte livré dans {settings.models / 'corpus'}.")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Lecture des textes livrés", total=len(examples))
        found = rulework.occurrences(
            signal, opened.catalogue, opened.reader, examples, progress=lambda done: bar.update(task, completed=done)
        )
    told = [one for one in found if one.told]
    yield ""
    yield f"Dans les {len(examples)} textes livrés : trouvée dans {len(told)}, annulée dans {len(found) - len(told)}"
    for name, (count, every) in list(rulework.by_type(found, examples).items())[:_MOST_TYPES]:
        yield f"  {name:24s} {count:4d} sur {every}"
    for precision in rulework.precisions(signal, found, examples):
        yield f"  {_precise(precision)}"
    if told:
        yield "  Ces textes ont pu inspirer les règles : la précision y est sans doute meilleure qu'ailleurs."
    yield from _passages("Ce qu'elle trouve", told, examples, shown)
    yield from _passages("Ce qu'un mot autour annule", [one for one in found if not one.told], examples, shown // 2)
    yield from _speed_lines(opened, signal, examples)


def _precise(one: Precision) -> str:
    kind, _, name = one.target.partition(":")
    if not one.found:
        return f"Précision pour {_TARGETS[kind]} {name} : rien de trouvé, rien à mesurer."
    low, high = one.interval
    return (
        f"Précision pour {_TARGETS[kind]} {name} : {one.right} sur {one.found}, "
        f"soit {100 * one.right / one.found:.0f} % "
        f"(à 95 %, de {100 * low:.0f} à {100 * high:.0f} %)"
    )


def _passages(title: str, found: Sequence[Occurrence], examples: Sequence[Example], most: int) -> Iterator[str]:
    chosen = rulework.varied(found, examples, most)
    if chosen:
        yield ""
        yield title + (f" ({len(chosen)} passages sur {len(found)})" if len(chosen) < len(found) else "")
    for one in chosen:
        example = examples[one.place]
        why = f" ; annulé par {', '.join(one.why)}" if one.why else ""
        yield f"  {example.id} ({', '.join(example.threats)}{why})"
        yield f"      {one.passage}"


def _speed_lines(opened: Opened, signal: Signal, examples: Sequence[Example]) -> Iterator[str]:
    some = evenly(examples, _TIMED)
    documents = [opened.reader.read(Report(one.text, one.kind), READ_AT) for one in some]
    rule, *phrases = rulework.speeds(signal, opened.catalogue, documents)
    every = rulework.speed_of_all(opened.catalogue, documents)
    yield ""
    yield (
        f"Vitesse : {rule.microseconds:.0f} µs (millionièmes de seconde) par texte à elle seule ; "
        f"toutes les règles ensemble : {every:.0f} µs"
    )
    for one in phrases[:_SLOWEST]:
        yield f"  {one.microseconds:6.1f} µs  {one.phrase}".replace(".", ",", 1)
