"""Mail over TLS, with a password: to a server whose certificate is right, and never in clear."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from tests.desk.alerts.conftest import Inbox, free_port
from triage.bootstrap import build_mailer
from triage.configuration import ConfigurationError
from triage.desk.notice import Mailer, post
from triage.desk.office import DeskError
from triage.settings import Settings

USER, PASSWORD = "guichet", "brouette-cadran"
Start = Callable[..., Mailer]


def certificate(folder: Path, *, name: str = "localhost", days: int = 2) -> tuple[Path, Path]:
    """A certificate for `name` that nobody but itself vouches for, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))  # type: ignore[arg-type]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.pem", folder / f"{name}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


class Server(Inbox):
    """What a real server was told: mails, and names and passwords."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, bool]] = []

    def authenticate(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        user, password = data.login.decode(), data.password.decode()
        self.asked.append((user, password, session.ssl is not None or "ssl" in type(server.transport).__name__.lower()))
        return AuthResult(success=(user, password) == (USER, PASSWORD), handled=False)


@pytest.fixture
def told() -> Server:
    return Server()


@pytest.fixture
def start(tmp_path: Path, told: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a real server: over TLS from the first byte, or once asked; its certificate is trusted, unless not."""
    with ExitStack() as servers:

        def started(tls: str, *, trusted: bool = True, login: bool = True, **about: Any) -> Mailer:
            public, private = certificate(tmp_path, **about)
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(public))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(public, private)
            own: dict[str, Any] = {"authenticator": told.authenticate, "auth_require_tls": False} if login else {}
            if tls == "tls":
                own["ssl_context"] = context
            elif tls == "starttls":
                own["tls_context"] = context
            controller = Controller(told, hostname="127.0.0.1", port=free_port(), **own)
            controller.start()
            servers.callback(controller.stop)
            way = "starttls" if tls == "none" else tls
            return Mailer(f"127.0.0.1:{controller.port}", "guichet@exemple.fr", way, USER, SecretStr(PASSWORD))

        yield started


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_mail_leaves_over_tls_with_the_password(start: Start, told: Server, tls: str) -> None:
    post(start(tls), "elu@exemple.fr", "Du nouveau", "Bonjour")
    assert told.to == ["elu@exemple.fr"]
    assert told.asked == [(USER, PASSWORD, True)]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize(
    "about", [{"trusted": False}, {"name": "autre.exemple.fr"}, {"days": -1}], ids=["stranger", "other name", "old"]
)
def test_a_certificate_that_is_not_right_is_told_nothing(
    start: Start, told: Server, tls: str, about: dict[str, Any]
) -> None:
    with pytest.raises(DeskError, match="certificat du serveur n'est pas reconnu"):
        post(start(tls, **about), "elu@exemple.fr", "Du nouveau", "Bonjour")
    assert told.asked == [] and told.mails == []


def test_a_server_that_does_not_offer_tls_is_told_nothing(start: Start, told: Server) -> None:
    """Nor one whose offer somebody on the way took out."""
    with pytest.raises(DeskError, match="ne propose pas TLS"):
        post(start("none"), "elu@exemple.fr", "Du nouveau", "Bonjour")
    assert told.asked == [] and told.mails == []


def test_a_password_is_never_sent_in_clear(start: Start, told: Server) -> None:
    mailer = start("none")
    clear = Mailer(mailer.server, mailer.sender, "none", USER, SecretStr(PASSWORD))
    with pytest.raises(DeskError, match="en clair"):
        post(clear, "elu@exemple.fr", "Du nouveau", "Bonjour")
    assert told.asked == [] and told.mails == []


def test_a_wrong_password_is_said_and_not_repeated(start: Start, told: Server) -> None:
    mailer = start("tls")
    wrong = Mailer(mailer.server, mailer.sender, "tls", USER, SecretStr("tilleul-secret"))
    with pytest.raises(DeskError, match="refuse le nom ou le mot de passe") as refused:
        post(wrong, "elu@exemple.fr", "Du nouveau", "Bonjour")
    assert "tilleul" not in str(refused.value) + repr(wrong)
    assert told.mails == []


def test_without_a_name_tls_still_serves(start: Start, told: Server) -> None:
    mailer = start("starttls", login=False)
    post(Mailer(mailer.server, mailer.sender, "starttls"), "elu@exemple.fr", "Du nouveau", "Bonjour")
    assert told.to == ["elu@exemple.fr"] and told.asked == []


@pytest.mark.parametrize(
    ("to", "subject"), [("a@b.fr\r\nBcc: autre@exemple.fr", "Du nouveau"), ("a@b.fr", "Du\nBcc: autre@exemple.fr")]
)
def test_no_header_is_added_by_an_end_of_line(start: Start, told: Server, to: str, subject: str) -> None:
    with pytest.raises(DeskError, match="n'est pas valide"):
        post(start("tls"), to, subject, "Bonjour")
    assert told.mails == []


# --- The settings -----------------------------------------------------------------------------------------------


def test_the_settings_make_the_mailer() -> None:
    told = {"smtp": "courriel.exemple.fr:587", "sender": "guichet@exemple.fr", "smtp_tls": "starttls"}
    mailer = build_mailer(Settings(**told, smtp_user=USER, smtp_password=SecretStr(PASSWORD)))
    assert mailer == Mailer("courriel.exemple.fr:587", "guichet@exemple.fr", "starttls", USER, SecretStr(PASSWORD))
    assert PASSWORD not in repr(mailer)
    assert build_mailer(Settings(smtp="courriel.exemple.fr:587")) is None


def test_a_password_without_tls_stops_the_service_at_once() -> None:
    with pytest.raises(ConfigurationError, match="TRIAGE_SMTP_TLS") as refused:
        Settings(smtp="courriel.exemple.fr:25", smtp_user=USER, smtp_password=SecretStr(PASSWORD))
    assert PASSWORD not in str(refused.value)
