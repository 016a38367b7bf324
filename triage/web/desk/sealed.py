"""Small things that a browser of the desk keeps between two pages, sealed with the service's keys."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

from fastapi import Request, Response

from triage.store.keys import KeyRingError
from triage.web import cookies
from triage.web.access import office_of
from triage.web.desk.door import HOME


def put(
    response: Response,
    request: Request,
    name: str,
    text: str,
    seconds: int,
    path: str = HOME,
    samesite: Literal["lax", "strict"] = "strict",
) -> None:
    """Keeps `text` under `path` for some seconds. `lax`: sent too when another site leads back here."""
    sealed = urlsafe_b64encode(office_of(request).ring.pages.seal(f"{name} {text}".encode())).decode()
    cookies.put(response, request, name, sealed, seconds, path, samesite)


def get(request: Request, name: str, seconds: int) -> str:
    """What was kept under that name at most `seconds` ago; empty when nothing was."""
    try:
        raw = urlsafe_b64decode(cookies.read(request, name).encode())
        kept, _, text = office_of(request).ring.pages.open(raw, seconds).decode().partition(" ")
    except (KeyRingError, ValueError):
        return ""
    return text if kept == name else ""


def drop(response: Response, request: Request, name: str, path: str = HOME) -> None:
    """Forgets what was kept."""
    cookies.drop(response, request, name, path)
