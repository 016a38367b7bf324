"""What the service hands work to: mail, the press of pages, the reader of images, the closed process, the antivirus."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytesseract
import typst

from triage.attachments.antivirus import ScannerError, scan
from triage.attachments.ocr import LANGUAGE
from triage.attachments.sandbox import read_safely
from triage.desk.notice import Mailer, connect, why
from triage.doctor.finding import Finding, ok, watch, wrong
from triage.dossier.typeset import STANDARD
from triage.settings import Settings

_SECONDS = 10
_PAGE = '#set document(title: [Essai])\n#set text(lang: "fr")\nDéjà écrit : « où », œuvre, 3 €.'
_WORD = "Bonjour"


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the server greets, if there is one. Nothing is sent."""
    if not settings.smtp:
        yield watch(
            "aucun serveur : ni les élus ni les agents ne sont prévenus", "Donnez TRIAGE_SMTP et TRIAGE_SENDER."
        )
        return
    mailer = Mailer(settings.smtp, settings.sender, settings.smtp_tls, settings.smtp_user, settings.smtp_password)
    try:
        with connect(mailer, _SECONDS) as server:
            code, _said = server.ehlo()
    except (OSError, smtplib.SMTPException) as error:
        yield wrong(f"{settings.smtp} ne répond pas ({why(error)})", "Vérifiez TRIAGE_SMTP… et le pare-feu.")
        return
    if code >= 400:
        yield wrong(f"{settings.smtp} refuse ce service ({code})", "Faites admettre cette machine par le serveur.")
    else:
        yield ok(f"{settings.smtp} répond")


def pages(_settings: Settings) -> Iterator[Finding]:
    """Whether a page can be set, with its fonts, as the dossiers are."""
    try:
        made = typst.compile(_PAGE.encode(), ignore_system_fonts=True, pdf_standards=STANDARD)
    except (typst.TypstError, RuntimeError) as error:
        yield wrong(f"une page ne peut être mise en PDF ({type(error).__name__})", "Réinstallez le paquet typst.")
    else:
        yield ok(f"une page a été mise en PDF ({len(made) // 1024} Kio)")


def images(_settings: Settings) -> Iterator[Finding]:
    """Whether Tesseract is there, and knows French."""
    try:
        version, languages = pytesseract.get_tesseract_version(), pytesseract.get_languages()
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, OSError):
        yield watch("Tesseract est absent : le texte des images n'est pas lu", "Installez tesseract-ocr-fra.")
        return
    if LANGUAGE not in languages:
        yield wrong(f"Tesseract {version} ne connaît pas le français", "Installez tesseract-ocr-fra.")
    else:
        yield ok(f"Tesseract {version}, français")


def closed(_settings: Settings) -> Iterator[Finding]:
    """Whether a file is read in a process of its own, within its limits."""
    reading = read_safely("essai.txt", _WORD.encode())
    if _WORD in reading.text:
        yield ok("une pièce d'essai a été lue dans un processus à part")
    else:
        yield wrong(
            "une pièce d'essai n'a pas pu être lue dans un processus à part",
            "Vérifiez que le service peut lancer un processus, et qu'il a 1 Gio de mémoire pour lui.",
        )


def antivirus(settings: Settings) -> Iterator[Finding]:
    """Whether it examines a file, if there is one."""
    if not settings.clamav:
        yield ok("aucun n'est réglé (TRIAGE_CLAMAV)")
        return
    try:
        scan(_WORD.encode(), settings.clamav)
    except ScannerError:
        yield wrong(
            f"{settings.clamav} n'examine rien : les pièces attendent", "Démarrez clamd, ou videz TRIAGE_CLAMAV."
        )
    else:
        yield ok(f"{settings.clamav} examine les pièces")
