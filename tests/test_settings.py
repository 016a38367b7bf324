"""Settings: the environment, else one file a secret, else a file; what is wrong is said all at once, in French."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from triage.__main__ import main
from triage.attachments import sandbox
from triage.configuration import ConfigurationError
from triage.settings import Settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of this service."""
    for name in [*os.environ]:
        if name.startswith("TRIAGE_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that TRIAGE_CONFIG names."""
    path = tmp_path / "triage.toml"
    monkeypatch.setenv("TRIAGE_CONFIG", str(path))
    return path


def complaints() -> list[str]:
    with pytest.raises(ConfigurationError) as told:
        Settings()
    return str(told.value).split("\n")


def test_a_file_of_settings_is_read(file: Path) -> None:
    file.write_text('port = 9000\noperator = "Préfecture"\nkeys = "/etc/triage/keys"\naltcha = true\n')
    settings = Settings()
    assert (settings.port, settings.operator, settings.altcha) == (9000, "Préfecture", True)
    assert settings.keys_folder == Path("/etc/triage/keys")


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('port = 9000\nsmtp = "localhost:25"\n')
    monkeypatch.setenv("TRIAGE_PORT", "9001")
    monkeypatch.setenv("TRIAGE_SMTP", "")
    assert (Settings().port, Settings().smtp) == (9001, "")


def test_the_store_may_be_named_as_other_services_name_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('database = "postgresql+psycopg://le-fichier/triage"\n')
    monkeypatch.setenv("TRIAGE_DATABASE_URL", "postgresql+psycopg://ailleurs/triage")
    assert Settings().database == "postgresql+psycopg://ailleurs/triage"
    monkeypatch.setenv("TRIAGE_DATABASE", "postgresql+psycopg://ici/triage")
    assert Settings().database == "postgresql+psycopg://ici/triage"
    monkeypatch.delenv("TRIAGE_DATABASE")
    monkeypatch.setenv("TRIAGE_DATABASE_URL", "ailleurs")
    (said,) = complaints()
    assert said.startswith("environnement : erreur : TRIAGE_DATABASE_URL : ")


def test_a_secret_has_a_file_of_its_own(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As systemd's credentials: better than the file of settings, and the environment wins over it."""
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "triage_oidc_secret").write_text("un secret\n")
    (secrets / "triage_metrics_token").write_text("un jeton")
    (secrets / "autre_service").write_text("rien")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    monkeypatch.setenv("TRIAGE_METRICS_TOKEN", "un autre")
    file.write_text('oidc_secret = "moins bon"\n')
    settings = Settings()
    assert settings.oidc_secret.get_secret_value() == "un secret"
    assert settings.metrics_token.get_secret_value() == "un autre"
    assert "un secret" not in repr(settings)


def test_all_that_is_wrong_is_said_at_once_with_its_place(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('operator = "x"\nport = "huit"\nprot = 8017\nper_minute = 0\nsmtp = "sans port"\n')
    monkeypatch.setenv("TRIAGE_LOG_FORMAT", "xml")
    assert complaints() == [
        f"{file}:2 : erreur : « port » : un nombre entier est attendu",
        f"{file}:3 : erreur : « prot » : ce réglage n'existe pas : vérifiez son nom dans docs/reference.md",
        f"{file}:4 : erreur : « per_minute » : la plus petite valeur possible est 1",
        f"{file}:5 : erreur : « smtp » : « hôte:port » est attendu",
        "environnement : erreur : TRIAGE_LOG_FORMAT : valeurs possibles : json ou text",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE", "mysql://serveur/base"),
        ("ADDRESS", "guichet.exemple.fr"),
        ("CLAMAV", "clamd"),
        ("PORT", "70000"),
        ("GRACE", "-1"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TRIAGE_{name}", value)
    [told] = complaints()
    assert told.startswith(f"environnement : erreur : TRIAGE_{name} : ") and value not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE", "postgresql+psycopg://triage:mot@[::1]:5432/triage"),
        ("DATABASE", "sqlite:////var/lib/triage/triage.sqlite"),
        ("SMTP", "[2001:db8::1]:25"),
        ("SMTP", "courriel.exemple.fr:587"),
        ("CLAMAV", "unix:/run/clamav/clamd.ctl"),
        ("ADDRESS", "https://guichet.exemple.fr/"),
        ("ADDRESS", ""),
        ("KEYS", ""),
    ],
)
def test_a_value_that_can_be_is_taken(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TRIAGE_{name}", value)
    assert getattr(Settings(), name.lower()) == (value or None if name == "KEYS" else value)


def test_a_file_that_is_not_toml_says_where(file: Path) -> None:
    file.write_text("port = 8017\noperator: Préfecture\n")
    [told] = complaints()
    assert told.startswith(f"{file}:2 : erreur : TOML illisible")


@pytest.mark.parametrize("value", ["[" * 5_000, "9" * 5_000], ids=["crochets", "chiffres"])
def test_a_value_without_end_is_refused_in_words(file: Path, value: str) -> None:
    file.write_text(f"port = {value}\n")
    [told] = complaints()
    assert told.startswith(f"{file} : erreur : TOML illisible")


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    [told] = complaints()
    assert told.startswith(f"{file} : erreur : fichier illisible") and "TRIAGE_CONFIG" in told


def test_a_wrong_secret_is_told_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "triage_database").write_text("motdepasse@serveur")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    [told] = complaints()
    assert told.startswith(f"{tmp_path}/triage_database : erreur : ") and "motdepasse" not in told


def test_the_command_ends_with_two_and_no_traceback(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("port = -1\nrien = 1\n")
    monkeypatch.setattr(sys, "argv", ["triage", "users", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.count("\n") == 2 and "Traceback" not in said.err


def test_a_closed_process_is_told_where_the_rules_are_and_nothing_of_the_file(file: Path) -> None:
    """It reads what may be hostile: the file of settings may hold secrets."""
    file.write_text('rules = "/ailleurs/rules"\noidc_secret = "un secret"\n')
    told = sandbox._environment("/tmp")
    assert told["TRIAGE_RULES"] == "/ailleurs/rules"
    assert not any(name.startswith("TRIAGE_") for name in told if name != "TRIAGE_RULES")
