"""Settings: from the environment (`TRIAGE_…`), else from one file a secret, else from a file of settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from triage.configuration import (
    FORMS,
    ConfigurationError,
    ConfiguredBy,
    SettingsFile,
    other_names_source,
    secrets_source,
)

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

    # A TOML file of settings, named as here. What the environment says wins.
    config: Path | None = None
    data: Path = Path("var")
    rules: Path = _home("rules")
    models: Path = _home("models")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8017
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
    # How the server is spoken to: « starttls » or « tls »; then with a name and a password, which never go in clear.
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
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
    per_minute: Annotated[int, Field(ge=1)] = 300
    # Seconds that requests and jobs that go on have to end when the service stops.
    grace: Annotated[int, Field(ge=0, le=600)] = 20
    # How the service tells what it does on its standard error, and from what gravity on.
    log_format: Literal["json", "text"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    # Who has it may read `/metrics` from elsewhere; empty: only this machine may.
    metrics_token: SecretStr = SecretStr("")

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 (the fields)
        """Reads what `values` leave unsaid. Raises ConfigurationError with all that is wrong, and where it stands."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigurationError(ConfiguredBy(type(self), values).told(error)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, then the environment, then secrets in files of their own, then the file of settings."""
        path = {**env_settings(), **init_settings()}.get("config")
        secrets, file = secrets_source(settings_cls), SettingsFile(settings_cls, path)
        return init_settings, env_settings, other_names_source(settings_cls), *secrets, file

    @field_validator("config", "keys", mode="before")
    @classmethod
    def _nowhere(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator(*FORMS)
    @classmethod
    def _formed(cls, value: str, info: ValidationInfo) -> str:
        form = FORMS[info.field_name or ""]
        if value and not form.shape.fullmatch(value):
            raise ValueError(form.told)
        return value

    @field_validator("smtp_user", "smtp_password")
    @classmethod
    def _never_in_clear(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        if given and info.data.get("smtp_tls") == "none":
            raise ValueError("un mot de passe ne part pas en clair : ajoutez TRIAGE_SMTP_TLS=starttls, ou tls")
        return value

    @property
    def database_url(self) -> str:
        """The store's address."""
        return self.database or f"sqlite:///{(self.data / 'triage.sqlite').absolute()}"

    @property
    def keys_folder(self) -> Path:
        """Where the keys are."""
        return self.keys or self.data / "keys"
