"""Where somebody goes once inside, and the browsers in which they are known."""

from __future__ import annotations

import re
import secrets

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from triage.desk.people.entering import kept_login
from triage.store.people import Person
from triage.web.access import office_of
from triage.web.desk import sealed
from triage.web.desk.door import keep
from triage.web.desk.shell import links

_OWN = re.compile(r"/desk(?:/[A-Za-z0-9_-]+)*")
_DAY = 24 * 3600


def own_path(asked: str) -> str:
    """`asked` when it is a page of the desk, else nothing: no other site is ever gone to."""
    return asked if _OWN.fullmatch(asked) else ""


def first_page(person: Person, asked: str = "") -> str:
    """The page asked for, or the first of those that the person may open."""
    return own_path(asked) or next((link.path for link in links(person)), "/desk/moi")


def inside(request: Request, person: Person, token: str, asked: str = "") -> Response:
    """Lets somebody in: the session is kept, the browser is known from now on."""
    response = RedirectResponse(first_page(person, asked), status_code=303)
    settle(response, request, person, token)
    return response


def settle(response: Response, request: Request, person: Person, token: str) -> None:
    """Keeps the session in the browser, which is known from now on."""
    keep(response, request, token)
    browser = known_browser(request, person.login) or secrets.token_urlsafe(16)
    sealed.put(response, request, _name(request, person.login), f"{person.login} {browser}", _seconds(request))


def known_browser(request: Request, login: str) -> str:
    """What tells this browser apart, when `login` has entered in it before; else empty.

    One cookie for each account: colleagues share a workstation.
    """
    login = kept_login(login)
    owner, _, browser = sealed.get(request, _name(request, login), _seconds(request)).rpartition(" ")
    return browser if owner == login else ""


def base(request: Request) -> str:
    """The public address of the service."""
    return str(request.app.state.settings.address or request.base_url).rstrip("/")


def _name(request: Request, login: str) -> str:
    return f"poste-{office_of(request).ring.digest('browser', login).hex()[:16]}"


def _seconds(request: Request) -> int:
    return office_of(request).policies.access.browser.days * _DAY
