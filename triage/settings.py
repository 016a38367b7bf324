"""Settings, from the environment (`TRIAGE_…`)."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent
_SHIPPED = _PACKAGE / "_shipped"


def _home(name: str) -> Path:
    """`name` beside the package in a checkout, inside it in an installed wheel."""
    beside = _CHECKOUT / name
    return beside if (_CHECKOUT / "pyproject.toml").is_file() and beside.is_dir() else _SHIPPED / name


class Settings(BaseSettings):
    """Where things are. `data` holds all that is written; rules and shipped models are only read."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", frozen=True)

    data: Path = Path("var")
    rules: Path = _home("rules")
    models: Path = _home("models")
    host: str = "127.0.0.1"
    port: int = 8017
