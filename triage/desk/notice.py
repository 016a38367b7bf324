"""A mail that says that a case has something new, and nothing else: neither what happened nor which case."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

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
    """An SMTP server (« host:port ») and who sends."""

    server: str
    sender: str


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
    message["From"], message["To"], message["Subject"] = mailer.sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain=_domain(mailer.sender))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    host, _, port = mailer.server.rpartition(":")
    try:
        with smtplib.SMTP(host, int(port), timeout=seconds) as server:
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise DeskError(f"L'avis par courriel n'est pas parti ({type(error).__name__}).") from error


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2] or "localhost"
