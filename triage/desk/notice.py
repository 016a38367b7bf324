"""A mail that says that a case has something new, and nothing else: neither what happened nor which case."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal

from pydantic import SecretStr

from triage.desk.case import load
from triage.desk.office import DeskError, Office

_SECONDS = 20
_SUBJECT = "Du nouveau"
_BODY = """Bonjour,

Il y a du nouveau dans ce que vous suivez. Pour le lire, ouvrez le site que vous connaissez et tapez votre code.

Ce message est automatique. Il ne contient aucun lien et ne demande rien : si un autre message vous demande
votre code, n'y répondez pas.
"""


@dataclass(frozen=True)
class Mailer:
    """An SMTP server (« host:port ») and who sends; how it is spoken to, and who asks.

    « starttls » turns to TLS before anything is said, « tls » speaks it from the first byte. The server shows a
    certificate for its own name, that the machine trusts (`SSL_CERT_FILE` names another authority).
    """

    server: str
    sender: str
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: SecretStr = field(default=SecretStr(""))


def send_notice(office: Office, mailer: Mailer, case_id: str) -> bool:
    """Tells the person that the case has something new, if they gave an address; whether a mail left.

    Raises DeskError when the server does not take it.
    """
    to = load(office, case_id).told.mail
    if not to:
        return False
    post(mailer, to, _SUBJECT, _BODY)
    return True


def post(mailer: Mailer, to: str, subject: str, body: str, seconds: int = _SECONDS) -> None:
    """Sends a mail. Raises DeskError, which says what the server answered, when it does not take it."""
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = mailer.sender, to, subject
    except ValueError as error:  # an end of line in an address would begin another header
        raise DeskError("L'avis par courriel n'est pas parti : l'adresse n'est pas valide.") from error
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain=_domain(mailer.sender))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    try:
        with connect(mailer, seconds) as server:
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise DeskError(f"L'avis par courriel n'est pas parti ({why(error)}).") from error


def connect(mailer: Mailer, seconds: int = _SECONDS) -> smtplib.SMTP:
    """A session with the server, ready to send. Raises OSError, ValueError, SMTPException; DeskError before a password
    would go in clear."""
    if mailer.user and mailer.tls == "none":
        raise DeskError("Le mot de passe du serveur de courriel partirait en clair : réglez TRIAGE_SMTP_TLS.")
    host, _, port = mailer.server.rpartition(":")
    host = host.strip("[]")
    if mailer.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port), timeout=seconds, context=_trusted())
    else:
        server = smtplib.SMTP(host, int(port), timeout=seconds)
    try:
        if mailer.tls == "starttls":
            server.starttls(context=_trusted())
        if mailer.user:
            _enter(server, mailer)
    except BaseException:
        server.close()
        raise
    return server


def _enter(server: smtplib.SMTP, mailer: Mailer) -> None:
    """Some servers hang up on a wrong password, while another way of sending it is tried."""
    try:
        server.login(mailer.user, mailer.password.get_secret_value())
    except smtplib.SMTPServerDisconnected as error:
        raise smtplib.SMTPAuthenticationError(535, b"") from error


def _trusted() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def why(error: Exception) -> str:
    """What an operator can act on; never what the server was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "le certificat du serveur n'est pas reconnu : son nom, sa date ou son autorité"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "le serveur refuse le nom ou le mot de passe"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "le serveur ne propose pas TLS ou l'identification : voyez TRIAGE_SMTP_TLS"
    return type(error).__name__


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2] or "localhost"
