"""The registry: a candidate serves by the gate and by somebody's approval, and goes by one command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.conftest import migrated_at
from tests.threats.small import small_model
from triage.bootstrap import build_registry, model_shelves, served_model
from triage.cli.models import app
from triage.cli.train import train
from triage.desk.auditing import check
from triage.desk.people.accounts import AccountError
from triage.engine import Engine
from triage.errors import IntakeError, ModelError
from triage.learning import registry
from triage.learning.card import complete_card
from triage.learning.gate import Finding, Verdict
from triage.learning.policy import load_gate_policy
from triage.learning.registry import ApprovalError, Change, RefusedError
from triage.settings import Settings
from triage.store import people
from triage.store.people import PersonState, Role
from triage.store.people_tables import AUDIT
from triage.threats import manifest

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
WHY = "appris des corrections de novembre"
PEOPLE: dict[str, tuple[Role, PersonState]] = {
    "claire@exemple.fr": ("analyst", "active"),
    "adele@exemple.fr": ("administrator", "active"),
    "remi@exemple.fr": ("agent", "active"),
    "zoe@exemple.fr": ("analyst", "disabled"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Settings:
    """A service with its accounts, that serves the shipped model; the engine is the one of the tests."""
    monkeypatch.setattr(registry, "build_engine", lambda _: engine)
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    settings = Settings(data=migrated_at(tmp_path))
    desk = build_registry(settings)
    with desk.database.write() as connection:
        for login, (role, state) in PEOPLE.items():
            made = people.add(connection, login, login.partition("@")[0].title(), role, [], "", NOW)
            people.change(connection, made, state=state)
    desk.database.close()
    return settings


def candidate(settings: Settings, version: str) -> Path:
    """A candidate as good as the shipped model: its copy, with a whole card, sealed here."""
    own, shipped = model_shelves(settings)
    folder = own.root / version
    shutil.copytree(shipped.root / served(settings), folder)
    about = replace(manifest.read(folder), parent=served(settings))
    complete_card(folder, about.learned, load_gate_policy(settings.rules).groups, about.frozen)
    manifest.write(folder, about, own.seal)
    return folder


def served(settings: Settings) -> str:
    model, warning = served_model(settings)
    assert model is not None, warning
    return model.version


def audited(settings: Settings) -> list[tuple[str, str]]:
    desk = build_registry(settings)
    with desk.database.read() as connection:
        found = [(row.what, row.about) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq))]
    assert check(desk.database, desk.ring).faults == ()
    desk.database.close()
    return found


@pytest.mark.whole
def test_from_the_candidate_to_service_and_back(here: Settings) -> None:
    shipped = served(here)
    folder = candidate(here, "v2")
    typed = CliRunner().invoke(app, ["promote", "v2", "--by", "claire@exemple.fr", "--reason", WHY])
    assert typed.exit_code == 0, typed.output
    assert "[oui] Récits, type principal juste" in typed.output
    assert f"v2 sert maintenant, à la place de {shipped}." in typed.output
    assert json.loads((folder / "gate.json").read_text("utf-8"))["passed"] is True
    assert served(here) == "v2"
    (line,) = registry.history(here)
    assert (line.action, line.version, line.before, line.by, line.reason) == ("promote", "v2", shipped, "Claire", WHY)

    listed = CliRunner().invoke(app, ["list"]).output
    assert "v2 : sert ; appris le 27/11/2026" in listed
    assert f"par Claire ({WHY})" in listed

    with pytest.raises(ModelError, match="sert déjà"):
        registry.promote(here, "v2", "claire@exemple.fr", WHY, NOW)
    back = CliRunner().invoke(app, ["rollback", "--by", "adele@exemple.fr", "--reason", "trop d'alertes cette nuit"])
    assert back.exit_code == 0, back.output
    assert served(here) == shipped
    assert audited(here)[-2:] == [("model.promote", f"v2 {shipped}"), ("model.rollback", f"{shipped} v2")]


@pytest.mark.whole
def test_what_the_gate_refuses_does_not_serve(here: Settings) -> None:
    own, _ = model_shelves(here)
    shipped, folder = served(here), small_model(own.root / "petit", own.seal)
    typed = CliRunner().invoke(app, ["promote", "petit", "--by", "claire@exemple.fr", "--reason", WHY])
    assert typed.exit_code == 3
    assert "[NON] Récits, type principal juste" in typed.output
    assert "[NON] Aucun récit d'outre-mer parmi les textes appris" in typed.output
    assert "La barrière refuse petit" in typed.output
    assert served(here) == shipped
    assert registry.history(here) == []
    assert json.loads((folder / "gate.json").read_text("utf-8"))["passed"] is False
    assert [one.standing for one in registry.versions(here) if one.version == "petit"] == ["refused"]
    what, about = audited(here)[-1]
    assert what == "model.refused"
    assert about.startswith("petit card,")


@pytest.mark.parametrize(
    ("by", "reason", "said"),
    [
        ("personne@exemple.fr", WHY, "n'a pas de compte"),
        ("remi@exemple.fr", WHY, "ne permet pas de mettre un modèle en service"),
        ("zoe@exemple.fr", WHY, "n'est pas ouvert"),
        ("claire@exemple.fr", "mieux", "3 au moins"),
    ],
)
def test_somebody_approves_by_name_and_says_why(here: Settings, by: str, reason: str, said: str) -> None:
    own, _ = model_shelves(here)
    small_model(own.root / "v2", own.seal)
    before = audited(here)
    for act in (
        lambda: registry.promote(here, "v2", by, reason, NOW),
        lambda: registry.rollback(here, by, reason, NOW),
    ):
        with pytest.raises((ApprovalError, AccountError), match=said):
            act()
    assert audited(here) == before


def test_back_goes_only_to_what_has_served(here: Settings) -> None:
    own, _ = model_shelves(here)
    shipped = served(here)
    for version in ("v1", "v2", "jamais"):
        small_model(own.root / version, own.seal)
    with pytest.raises(ModelError, match="rien à remettre en service"):
        registry.rollback(here, "claire@exemple.fr", WHY, NOW)
    for version, before in (("v1", shipped), ("v2", "v1")):
        registry.put_into_service(here, Change(NOW.isoformat(), "promote", version, before, "Claire", WHY))
    with pytest.raises(ModelError, match="n'a jamais servi"):
        registry.rollback(here, "claire@exemple.fr", WHY, NOW, "jamais")
    for wanted in ("v1", shipped):
        registry.rollback(here, "claire@exemple.fr", WHY, NOW)
        assert served(here) == wanted
    with pytest.raises(ModelError, match="rien à remettre en service"):
        registry.rollback(here, "claire@exemple.fr", WHY, NOW)


def test_two_who_go_back_at_once_take_a_step_each(here: Settings) -> None:
    own, _ = model_shelves(here)
    shipped = served(here)
    for version, before in (("v1", shipped), ("v2", "v1")):
        small_model(own.root / version, own.seal)
        registry.put_into_service(here, Change(NOW.isoformat(), "promote", version, before, "Claire", WHY))
    with ThreadPoolExecutor(2) as both:
        done = [both.submit(registry.rollback, here, "claire@exemple.fr", WHY, NOW) for _ in range(2)]
        assert {one.result().version for one in done} == {"v1", shipped}
    assert [(one.before, one.version) for one in registry.history(here)[2:]] == [("v2", "v1"), ("v1", shipped)]
    assert served(here) == shipped


def test_a_verdict_on_a_model_that_serves_no_more_is_not_followed(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, _ = model_shelves(here)
    shipped = served(here)
    for version in ("v1", "v2"):
        small_model(own.root / version, own.seal)

    def meanwhile(settings: Settings, version: str, _: object) -> Verdict:
        """Somebody else was faster, while the texts were read: two minutes for a real model."""
        registry.put_into_service(here, Change(NOW.isoformat(), "promote", "v1", shipped, "Adèle", WHY))
        return Verdict(version, shipped, "0123456789ab", ())

    monkeypatch.setattr(registry, "gate", meanwhile)
    with pytest.raises(ModelError, match="a changé pendant la mesure de v2"):
        registry.promote(here, "v2", "claire@exemple.fr", WHY, NOW)
    assert served(here) == "v1"
    assert "model.promote" not in [what for what, _ in audited(here)]


def test_a_first_model_is_first_only_where_none_serves(here: Settings) -> None:
    with pytest.raises(ModelError, match="sert depuis : v1 est un candidat"):
        registry.serve_first(here, "v1", NOW)


def pointer_by_hand(settings: Settings) -> None:
    own, _ = model_shelves(settings)
    own.pointer.write_text("v1\n", "utf-8")


def changed_model(settings: Settings) -> None:
    own, _ = model_shelves(settings)
    (own.root / "v1" / "card.md").write_text("autre", "utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [(pointer_by_hand, "n'a pas été écrit par cette installation"), (changed_model, "ce modèle n'est pas servi")],
)
def test_there_is_no_way_round(here: Settings, damage: Callable[[Settings], None], said: str) -> None:
    own, _ = model_shelves(here)
    shipped = served(here)
    folder = small_model(own.root / "v1", own.seal)
    (folder / "card.md").write_text("fiche", "utf-8")
    manifest.write(folder, replace(manifest.read(folder)), own.seal)
    registry.put_into_service(here, Change(NOW.isoformat(), "promote", "v1", shipped, "Claire", WHY))
    assert served(here) == "v1"
    damage(here)
    model, warning = served_model(here)
    assert model is not None
    assert model.version == shipped
    assert warning is not None
    assert said in warning
    assert warning.endswith(f"le modèle livré {shipped} sert à sa place.")


def test_a_history_changed_by_hand_is_not_believed(here: Settings) -> None:
    own, _ = model_shelves(here)
    small_model(own.root / "v1", own.seal)
    registry.put_into_service(here, Change(NOW.isoformat(), "promote", "v1", served(here), "Claire", WHY))
    path = own.root / registry.HISTORY
    path.write_text(path.read_text("utf-8").replace('"v1"', '"v9"'), "utf-8")
    with pytest.raises(ModelError, match="abîmé ou a été modifié"):
        registry.history(here)


def test_a_reason_with_another_end_of_line_stays_one_change(here: Settings) -> None:
    own, _ = model_shelves(here)
    small_model(own.root / "v1", own.seal)
    reason = f"{WHY}\u2028et d'octobre"
    registry.put_into_service(here, Change(NOW.isoformat(), "promote", "v1", served(here), "Claire", reason))
    assert [one.reason for one in registry.history(here)] == [reason]


def test_a_refusal_is_said_whole() -> None:
    findings = (Finding("card", "refused", "La fiche est vide."), Finding("rules", "passed", "Mêmes règles."))
    refused = RefusedError(Verdict("v2", "v1", "0123456789ab", findings))
    assert str(refused) == "La barrière refuse v2 :\nLa fiche est vide."


def test_a_version_never_changes(here: Settings) -> None:
    own, _ = model_shelves(here)
    small_model(own.root / "v1", own.seal)
    with pytest.raises(IntakeError, match="une version ne change pas"):
        train(version="v1")


def test_a_shipped_model_is_not_a_way_round_the_gate(here: Settings) -> None:
    with pytest.raises(IntakeError, match="donnez le dossier models/ du dépôt"):
        train(version="v1", models=here.data / "models", ship=True)
