"""Where settings stand, besides the environment: a TOML file, secrets in files; and what is said of a wrong one."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SecretsSettingsSource

from triage.errors import DataError, Location, Problem

# systemd says there where the credentials of a unit are (`LoadCredential=`): a file « triage_oidc_secret », for one.
_SECRETS = "CREDENTIALS_DIRECTORY"
_SAID = {
    "extra_forbidden": "ce réglage n'existe pas : vérifiez son nom dans docs/reference.md",
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "bool_parsing": "true ou false est attendu",
    "bool_type": "true ou false est attendu",
    "string_type": "un texte entre guillemets est attendu",
    "path_type": "un chemin entre guillemets est attendu",
    "greater_than_equal": "la plus petite valeur possible est {ge}",
    "less_than_equal": "la plus grande valeur possible est {le}",
    "literal_error": "valeurs possibles : {expected}",
    "value_error": "{error}",
}
_OTHERWISE = "cette valeur n'a pas la forme attendue"


class ConfigurationError(DataError):
    """Settings that cannot be used, all told at once; the values are not repeated, for some are secrets."""


@dataclass(frozen=True)
class Form:
    """What a setting looks like, and what is said of one that does not."""

    shape: re.Pattern[str]
    told: str


_HOST = r"(?:\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}"
_SITE = Form(re.compile(r"https?://[^\s/]+\S*"), "une adresse « https://… » est attendue")
FORMS: Mapping[str, Form] = {
    "database": Form(
        re.compile(r"(?:sqlite|postgresql)(?:\+\w+)?:\S+"), "une adresse « postgresql+psycopg://… » est attendue"
    ),
    "address": _SITE,
    "exit": _SITE,
    "oidc_issuer": _SITE,
    "smtp": Form(re.compile(_HOST), "« hôte:port » est attendu"),
    "clamav": Form(re.compile(rf"{_HOST}|unix:\S+"), "« hôte:port » ou « unix:/chemin » est attendu"),
}


OTHER_NAMES = {"database": "TRIAGE_DATABASE_URL"}


class SettingsFile(InitSettingsSource):
    """The settings of a TOML file, none without a path. Raises ConfigurationError when it cannot be read."""

    def __init__(self, settings: type[BaseSettings], path: str | Path | None) -> None:
        super().__init__(settings, read_file(Path(path)) if path else {})


def other_names_source(settings: type[BaseSettings]) -> PydanticBaseSettingsSource:
    """The settings that the environment says under the name that other services give them."""
    told = {name: os.environ[other] for name, other in OTHER_NAMES.items() if os.environ.get(other)}
    return InitSettingsSource(settings, told)


def secrets_source(settings: type[BaseSettings]) -> tuple[PydanticBaseSettingsSource, ...]:
    """The settings that stand alone in a file of the credentials' folder, if there is such a folder."""
    folder = os.environ.get(_SECRETS, "")
    return (SecretsSettingsSource(settings, folder),) if folder and Path(folder).is_dir() else ()


def read_file(path: Path) -> dict[str, Any]:
    """What the file says. Raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"fichier illisible ({error.strerror}) : corrigez TRIAGE_CONFIG, ou les droits du fichier"
        raise ConfigurationError([Problem(Location(path), what)]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([Problem(Location(path), "enregistrez ce fichier en UTF-8")]) from None
    try:
        return tomllib.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # besides TOML's own: a number of thousands of digits, endless brackets
        found = re.search(r"line (\d+)", str(error))
        what = 'TOML illisible : écrivez un réglage par ligne, comme « port = 8017 » ou « operator = "…" »'
        raise ConfigurationError([Problem(Location(path, int(found[1]) if found else 0), what)]) from None


class ConfiguredBy:
    """Says where each setting came from: given by the code, the environment, a secret's file or the file."""

    def __init__(self, settings: type[BaseSettings], given: Mapping[str, Any]) -> None:
        self._prefix: str = settings.model_config["env_prefix"]
        self._given = given
        self._environment = {name.lower(): name for name in os.environ}
        config = given.get("config") or os.environ.get(f"{self._prefix}CONFIG")
        self._file = Path(config) if config else None

    def told(self, error: ValidationError) -> list[Problem]:
        """The problems that pydantic found."""
        return [self._problem(str(one["loc"][0]), one) for one in error.errors()]

    def _problem(self, name: str, error: Any) -> Problem:  # noqa: ANN401 (pydantic's own shape)
        context = dict(error.get("ctx", {}))
        if "expected" in context:
            context["expected"] = context["expected"].replace(" or ", " ou ").replace("'", "")
        what = _SAID.get(error["type"], _OTHERWISE).format_map(context)
        variable, where = self._variable(name), Location(Path("environnement"))
        if name in self._given:
            return Problem(Location(Path("réglages")), f"« {name} » : {what}")
        if variable:
            return Problem(where, f"{variable} : {what}")
        secret = Path(os.environ.get(_SECRETS, "")) / f"{self._prefix}{name}".lower()
        if os.environ.get(_SECRETS) and secret.is_file():
            return Problem(Location(secret), what)
        return Problem(self._line(name), f"« {name} » : {what}")

    def _variable(self, name: str) -> str | None:
        """The variable of the environment that says it."""
        other = OTHER_NAMES.get(name, "")
        return self._environment.get(f"{self._prefix}{name}".lower()) or (other if os.environ.get(other) else None)

    def _line(self, name: str) -> Location:
        """Where the file says it: TOML's reader keeps no lines."""
        assert self._file is not None
        lines = self._file.read_text(encoding="utf-8").splitlines()
        said = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}\b")
        return Location(self._file, next((i for i, line in enumerate(lines, 1) if said.match(line)), 0))
