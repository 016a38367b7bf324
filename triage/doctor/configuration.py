"""The settings: those that nobody reads, those that contradict each other, those that others may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import ip_address

from triage.doctor.finding import Finding, ok, watch, wrong
from triage.settings import Settings

_PREFIX = "TRIAGE_"
# Read elsewhere than in the settings: by notebooks, tests.
_ALIKE = 0.85  # of 1
_OTHERS = ("TRIAGE_SAMPLE", "TRIAGE_REPLAY", "TRIAGE_TESTS", "TRIAGE_TEST_POSTGRES")


def configuration(settings: Settings) -> Iterator[Finding]:
    """What the environment and the file of settings say."""
    found = [*_unknown(), *_halves(settings), *_exposed(settings), *_readable(settings)]
    yield from found or [ok("les réglages se tiennent")]


def _unknown() -> Iterator[Finding]:
    known = [f"{_PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in (*known, *_OTHERS):
            close = get_close_matches(name.upper(), known, 1, _ALIKE)
            hint = f"remplacez-le par {close[0]}, ou retirez-le" if close else "retirez-le"
            yield watch(f"{name} n'est lu par personne", f"{hint[0].upper()}{hint[1:]}.")


def _halves(settings: Settings) -> Iterator[Finding]:
    """Settings that go together."""
    if bool(settings.smtp) != bool(settings.sender):
        yield wrong(
            "un seul de TRIAGE_SMTP et TRIAGE_SENDER est donné : aucun courriel ne part", "Donnez les deux, ou aucun."
        )
    if settings.sender and "@" not in settings.sender:
        yield wrong("TRIAGE_SENDER n'est pas une adresse", "Donnez une adresse comme « ne-pas-repondre@exemple.fr ».")
    if settings.oidc_issuer and not (settings.oidc_client and settings.oidc_secret.get_secret_value()):
        yield wrong(
            "TRIAGE_OIDC_ISSUER est donné sans identifiant ou sans secret",
            "Donnez aussi TRIAGE_OIDC_CLIENT et TRIAGE_OIDC_SECRET.",
        )


def _exposed(settings: Settings) -> Iterator[Finding]:
    """What is meant for others than this machine, and not protected as it should be."""
    if settings.address.startswith("http:"):
        yield wrong("TRIAGE_ADDRESS n'est pas en https : les cookies circulent en clair", "Donnez une adresse https.")
    if not settings.address and not _local(settings.host):
        yield watch(
            f"le guichet écoute sur {settings.host} et TRIAGE_ADDRESS est vide",
            "Donnez l'adresse publique https : les cookies et les en-têtes en dépendent.",
        )
    if settings.address and not settings.operator:
        yield watch("TRIAGE_OPERATOR est vide", "Dites qui assure ce service : les pages le montrent.")


def _local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _readable(settings: Settings) -> Iterator[Finding]:
    if settings.config is None:
        return
    others = settings.config.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP)
    if others:
        yield watch(
            f"{settings.config} peut être lu par tous, ou changé par d'autres",
            "Réservez-le au service (chmod 640), et mettez les secrets dans des fichiers à part.",
        )
