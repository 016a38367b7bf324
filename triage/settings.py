"""Settings, from the environment (`TRIAGE_…`)."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
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
    # A SQLAlchemy URL; empty: SQLite in `data`.
    database: str = ""
    # The folder of the keys, to be backed up apart from the store; empty: in `data`.
    keys: Path | None = None
    # The public address (« https://… »), the operator's name, where « Quitter vite » leads (empty: as the rules say).
    address: str = ""
    operator: str = ""
    exit: str = ""
    # Origins that may show the module, separated by spaces.
    embed: str = ""
    # « host:port » of an SMTP server and the sender's address; empty: no e-mail is offered.
    smtp: str = ""
    sender: str = ""
    # « host:port » or « unix:/path » of clamd; empty: no antivirus.
    clamav: str = ""
    # Asks browsers for a proof of work: only under attack.
    altcha: bool = False
    # An OpenID Connect provider (ProConnect): its address, this service's identifier and secret there, the name shown.
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: SecretStr = SecretStr("")
    oidc_name: str = "ProConnect"
    # What the provider has to say of how somebody was identified (« acr », « amr »): one of these, separated by spaces.
    oidc_acr: str = ""
    oidc_amr: str = ""
    # Requests a minute that one address may send before it is slowed down.
    per_minute: int = 300

    @property
    def database_url(self) -> str:
        """The store's address."""
        return self.database or f"sqlite:///{(self.data / 'triage.sqlite').absolute()}"

    @property
    def keys_folder(self) -> Path:
        """Where the keys are."""
        return self.keys or self.data / "keys"
