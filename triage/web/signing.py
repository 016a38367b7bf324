"""Forms are signed for the browser that they are given to: another site can neither read the signature nor make it.

The synchronizer token of the OWASP's « Cross-Site Request Forgery Prevention Cheat Sheet », in its form that keeps
nothing: a keyed hash of what the browser holds anyway, and of a salt, so that no two pages carry the same bytes
(BREACH). It lives as long as what it is bound to: a page left open all night is not refused for its age.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Depends, Request, Response
from jinja2 import pass_context
from markupsafe import Markup
from starlette.datastructures import FormData

from triage.web import cookies
from triage.web.access import ENTRY_COOKIE, SameSite, office_of, remembered

FIELD = "jeton"
_KEPT = 12 * 3600  # seconds: a page of entry left open for a night
_SALT, _SIGNED = 8, 16  # bytes
STALE = (
    "La page d'où vient cette demande n'est plus à jour : rien n'a été changé. Ouvrez-la de nouveau, puis recommencez."
)


class StalePageError(Exception):
    """The form was not given to this browser, or not for what is open in it now."""


def bind(request: Request, held: str) -> None:
    """Says what the forms of this request are bound to, where that is not the code of a case: the desk's session."""
    request.state.holder = held


def signed(request: Request, held: str) -> str:
    """The signature of a form for whoever holds `held`."""
    return _signed(request, held, secrets.token_bytes(_SALT))


def _signed(request: Request, held: str, salt: bytes) -> str:
    return (salt + office_of(request).ring.digest("form", held, salt)[:_SIGNED]).hex()


def check(request: Request, form: FormData, *, entering: bool = False) -> None:
    """Raises StalePageError unless the form is signed for what the browser holds.

    One that holds nothing acts for nobody: the route says that nobody has entered. `entering`: the form is the one by
    which one enters, and must be signed all the same, or another site could have one write in a case of its own.
    """
    holders = [_holder(request), *([cookies.read(request, ENTRY_COOKIE)] if entering else [])]
    given = form.get(FIELD)
    if (any(holders) or entering) and not _matches(request, given if isinstance(given, str) else "", holders):
        raise StalePageError


def _matches(request: Request, given: str, holders: list[str]) -> bool:
    try:
        salt = bytes.fromhex(given)[:_SALT]
    except ValueError:
        return False
    return any(hmac.compare_digest(_signed(request, held, salt), given) for held in holders if held)


def _holder(request: Request) -> str:
    """What is open in the browser: the desk's session, where the desk says so, or the code of a case."""
    if hasattr(request.state, "holder"):
        return str(request.state.holder)
    held = remembered(request)
    return held[0] if held else ""


@pass_context
def field(context: Any) -> Markup:  # noqa: ANN401 (of Jinja)
    """The field that signs a form, for templates: « {{ jeton() }} »."""
    request: Request = context["request"]
    if not hasattr(request.state, "signature"):  # one for all the forms of a page
        held = _holder(request) or cookies.read(request, ENTRY_COOKIE) or _entering(request)
        request.state.signature = signed(request, held)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, request.state.signature)


def _entering(request: Request) -> str:
    if not hasattr(request.state, "entering"):
        request.state.entering = secrets.token_urlsafe(16)
    return str(request.state.entering)


def keep(request: Request, response: Response) -> None:
    """Keeps in the browser what the forms of the page `response` were signed for, when that is new."""
    if hasattr(request.state, "entering"):
        cookies.put(response, request, ENTRY_COOKIE, request.state.entering, _KEPT)


def ours(*, entering: bool = False, max_files: int = 1_000, max_fields: int = 1_000) -> Any:  # noqa: ANN401 (FastAPI's)
    """A dependency: the form comes from a page of ours, given to this browser. Raises StalePageError.

    The form is read here, once, and its files closed after the answer: its limits are those given here.
    """

    async def checked(request: Request, _: None = SameSite) -> AsyncIterator[None]:
        async with request.form(max_files=max_files, max_fields=max_fields) as form:
            check(request, form, entering=entering)
            yield

    return Depends(checked)


Ours = ours()
OursToEnter = ours(entering=True)
