"""`triage rules`: check what is written, begin a new rule, try one, see what a change does."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
import yaml

from triage.bootstrap import build_reader, build_texts
from triage.cli import codes
from triage.cli.rules_impact import impact
from triage.cli.rules_trial import test
from triage.comments.policy import load_policy
from triage.desk.service import load_service
from triage.document.folding import fold
from triage.document.pipeline import FrenchPipeline
from triage.document.reader import load_reader
from triage.dossier.texts import load_dossier_texts
from triage.errors import DataError, IntakeError, Problem
from triage.learning.analysis.scenarios import load_scenarios
from triage.learning.analysis.swaps import load_counterfactual
from triage.learning.drafts import place_of, target_of
from triage.learning.policy import load_gate_policy
from triage.settings import Settings
from triage.signals import contrast
from triage.signals.catalogue import Catalogue, load_with_problems
from triage.signals.checks import check_dates, check_examples

rules = typer.Typer(help="Vérifie les règles, en prépare une nouvelle.", no_args_is_help=True)
rules.command()(test)
rules.command()(impact)


@rules.command()
def check() -> None:
    """Donne chaque problème des règles avec son fichier et sa ligne."""
    settings = Settings()
    tokenizer = FrenchPipeline(settings.data / "cache").tokenizer
    catalogue, problems = load_with_problems(settings.rules, tokenizer)
    problems += _definitions(settings)
    try:
        reader = load_reader(
            settings.rules, tokenizer, lambda word: catalogue.lexicon.knows(fold(word)), catalogue.lexicon.forms_of
        )
        problems += check_examples(catalogue, reader)
    except DataError as error:
        problems += error.problems
    problems += check_dates(catalogue, date.today())
    for problem in sorted(set(problems)):
        typer.echo(str(problem), err=True)
    errors = sum(problem.severity == "erreur" for problem in problems)
    typer.echo(f"{_summary(catalogue)} : {errors} erreur(s), {len(set(problems)) - errors} avis")
    raise typer.Exit(codes.DATA if errors else codes.OK)


def _definitions(settings: Settings) -> list[Problem]:
    """What is wrong in the files beside the signals: types, levels, questions, advice, law, contacts, texts."""
    try:
        _, composer = build_texts(settings.rules)
    except DataError as error:
        return error.problems
    problems = list(composer.knowledge.stale(settings.rules, date.today()))
    others = (load_policy, load_dossier_texts, load_gate_policy, load_counterfactual, load_scenarios)
    for load in (lambda rules: load_service(rules, composer), *others):
        try:
            load(settings.rules)
        except DataError as error:
            problems += error.problems
    return problems


def _summary(catalogue: Catalogue) -> str:
    phrases = sum(len(signal.phrases) for signal in catalogue.signals.values())
    return f"{len(catalogue.signals)} règles, {phrases} phrases"


@rules.command()
def measure(
    folder: Annotated[Path, typer.Argument(help="Phrases gardées à part, par exemple tests/contrast.")],
) -> None:
    """Donne, pour chaque type et drapeau, la part des phrases que les règles seules trouvent."""
    catalogue, reader = build_reader(Settings())
    recalls = contrast.measure(folder, catalogue, reader)
    for recall in recalls:
        typer.echo(
            f"{recall.id:24s} trouvées {recall.found:2d}/{recall.told}   à tort {recall.mistaken}/{recall.alike}"
        )
    found, told = sum(r.found for r in recalls), sum(r.told for r in recalls)
    mistaken, alike = sum(r.mistaken for r in recalls), sum(r.alike for r in recalls)
    typer.echo(f"{'ensemble':24s} trouvées {found / told:.0%}   à tort {mistaken / alike:.0%}")


@rules.command()
def new(
    identifier: Annotated[str, typer.Argument(help="<type, drapeau ou fait>.<nom>, par exemple menace.mort_annoncee")],
    drafts: Annotated[
        Path | None, typer.Option("--drafts", help="Un dossier de brouillons ; dans les règles sinon.")
    ] = None,
) -> None:
    """Écrit le squelette d'une règle, à compléter."""
    settings = Settings()
    _, target = target_of(settings.rules, identifier)
    place = place_of(settings.rules, identifier)
    path = drafts / f"{identifier}.yaml" if drafts else place
    if path.exists():
        raise IntakeError(f"{path} existe déjà.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_scaffold(identifier, target), encoding="utf-8")
    then = f"triage rules test {path}" if drafts else "triage rules check"
    typer.echo(f"{path} : complétez-le, puis lancez « {then} ».")


def _scaffold(identifier: str, target: dict[str, object]) -> str:
    content = {
        "id": identifier,
        "title": "À compléter : ce que la règle reconnaît",
        **target,
        "voice": "declarant",
        "weight": 1,
        "phrases": ["mots à trouver"],
        "examples": {
            "match": ["Une phrase avec les [mots à trouver].", "Une autre, dite autrement, avec les [mots à trouver]."],
            "no_match": ["Une phrase qui ressemble, sans être le cas.", "Une autre."],
        },
        "limits": "À compléter : ce que la règle ne voit pas.",
        "checked_on": date.today(),
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
