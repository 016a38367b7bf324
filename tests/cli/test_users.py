"""`triage users`: the accounts, from the machine of the service; what is wrong is said in French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from triage.cli.app import app
from triage.errors import TriageError


class Command:
    """The command, on a store of its own."""

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["users", *words])

    def refused(self, *words: str) -> str:
        """What is said of a command that is refused."""
        done = self(*words)
        assert isinstance(done.exception, TriageError), done.output
        return str(done.exception)


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """The command with an empty store."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setenv("TRIAGE_ADDRESS", "https://guichet.exemple.fr/")
    return Command()


ADA = ("ada.moreau@exemple.fr", "--name", "Ada Moreau", "--role", "administrator")
LEA = ("lea.martin@exemple.fr", "--name", "Léa Martin", "--role", "agent", "--departement", "1", "--departement", "2A")


def test_the_first_administrator_gets_a_link(users: Command) -> None:
    done = users("add", *ADA)
    assert done.exit_code == 0, done.output
    assert re.search(r"48 heures :\nhttps://guichet\.exemple\.fr/desk/inscription/[\w-]{43}\n", done.output)
    assert "ada.moreau@exemple.fr  Ada Moreau  Administrateur  invité  partout" in users("list").output


def test_places_and_roles(users: Command) -> None:
    assert users("add", *LEA, "--force", "police").exit_code == 0
    assert "01, 2A ; police" in users("list").output
    assert users("scope", LEA[0], "--departement", "974").exit_code == 0
    assert users("role", LEA[0], "supervisor").exit_code == 0
    assert "Responsable  invité  974\n" in users("list").output


def test_a_new_link_closing_and_opening(users: Command) -> None:
    first = users("add", *LEA).output.splitlines()[-1]
    second = users("link", LEA[0]).output.splitlines()[-1]
    assert first != second and "/desk/inscription/" in second
    assert users("disable", LEA[0]).exit_code == 0 and "fermé" in users("list").output
    assert "rouvrez" in users.refused("link", LEA[0])
    assert users("enable", LEA[0]).exit_code == 0 and "invité" in users("list").output
    assert "Aucune session" in users("sessions", LEA[0]).output
    assert users("sessions", LEA[0], "--end").output == "Sessions fermées.\n"


def test_what_is_wrong_is_said_all_at_once(users: Command) -> None:
    said = users.refused("add", "léa", "--name", "Léa", "--role", "chef", "--departement", "99", "--force", "armée")
    for word in ("« léa »", "« chef »", "« 99 »", "« armée »"):
        assert word in said
    assert "n'a pas de compte" in users.refused("link", "personne@exemple.fr")
    assert "« chef »" in users.refused("role", "personne@exemple.fr", "chef")
    users("add", *LEA)
    assert "a déjà un compte" in users.refused("add", *LEA)
