"""`triage models replay` and `triage models shadow`, as somebody types them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.conftest import migrated_at, office_at
from tests.desk.handling.cast import somebody
from tests.learning.making import other_model
from triage.archive import keep
from triage.cli import models_live
from triage.desk import case as desk
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.engine import Engine
from triage.errors import TriageError
from triage.learning.trial import Trial
from triage.settings import Settings
from triage.store.people import Scope
from triage.store.records import Told

THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
Typed = Callable[..., Result]
app = typer.Typer()
app.command()(models_live.replay)
app.command()(models_live.shadow)


@pytest.fixture
def live(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A service that has received a report; the commands work on it."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setattr(models_live, "build_engine", lambda _: engine)  # the same, which takes seconds to build
    office = office_at(engine, migrated_at(tmp_path))
    keep(Settings(), engine)
    yield office
    office.database.close()


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_a_case_is_made_again_by_its_reference(live: Office) -> None:
    analyst = somebody(live, "analyst")
    case_id = submit(live, Told(text=THREAT), [], datetime.now(UTC)).case_id
    reference = desk.load(live, case_id).reference
    result = typed("replay", reference, "--by", analyst.login)
    assert result.exit_code == 0, result.output
    assert f"{reference}  " in result.output
    assert ": identique\n1 sur 1 : identiques." in result.output
    assert "tuer" not in result.output
    assert "1 sur 1" in typed("replay", "--sample", "500", "--by", analyst.login).output


def test_nothing_is_said_of_a_case_of_another_scope(live: Office) -> None:
    far, near = somebody(live, "analyst", Scope("13", "")), somebody(live, "analyst", Scope("35", ""))
    case_id = submit(live, Told(text=THREAT, departement="35"), [], datetime.now(UTC)).case_id
    result = typed("replay", "--all", "--by", far.login)
    assert "1 évaluation est d'un autre ressort" in result.output
    assert "0 sur 0" in result.output and desk.load(live, case_id).reference not in result.output
    assert "1 sur 1" in typed("replay", "--all", "--by", near.login).output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("replay", "ABCD-1234"), "--by"),
        (("replay", "--by", "p0@exemple.fr"), "--sample 500"),
        (("replay", "ABCD-1234", "--all", "--by", "p0@exemple.fr"), "--sample 500"),
        (("replay", "ABCD-1234", "--by", "inconnu@exemple.fr"), "n'a pas de compte"),
        (("replay", "ABCD-1234", "--by", "p0@exemple.fr"), "n'est pas ouverte à votre compte"),
        (("shadow", "deaf", "--by", "p0@exemple.fr", "--reason", "un essai utile"), "rôle"),
        (("shadow", "--compare", "--by", "p1@exemple.fr"), "Aucun modèle n'est à l'essai"),
        (("shadow", "--stop", "--by", "p1@exemple.fr", "--reason", "il se trompe trop"), "rien à arrêter"),
    ],
)
def test_what_cannot_be_done_is_said(live: Office, words: tuple[str, ...], why: str) -> None:
    """`triage` prints the message of such an error and ends with 1."""
    somebody(live, "agent")
    somebody(live, "analyst")
    result = typed(*words)
    assert isinstance(result.exception, TriageError)
    assert why in str(result.exception)


def test_a_candidate_is_tried_compared_and_left(live: Office) -> None:
    analyst = somebody(live, "analyst")
    who = ("--by", analyst.login, "--reason", "Il se trompe moins sur les menaces.")
    other_model(Settings(), "deaf", threat=0.999, answer=0.999)
    assert "Aucun modèle" in typed("shadow").output
    result = typed("shadow", "deaf", *who)
    assert "Le modèle deaf est à l'essai" in result.output, result.exception
    assert "à l'essai depuis le" in typed("shadow").output
    submit(live, Told(text=THREAT), [], datetime.now(UTC) + timedelta(seconds=1))
    assert Trial(Settings()).catch_up(live) == 1
    said = typed("shadow", "--compare", "--by", analyst.login).output
    assert "Modèle deaf, à côté de celui qui servait. Réponses comparées : 1." in said
    assert "Dossiers décidés par un agent : 0" in said
    assert "n'est plus à l'essai" in typed("shadow", "--stop", *who).output
    assert "Aucun modèle" in typed("shadow").output
