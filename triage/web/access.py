"""Who may see a case in a browser: whoever typed its code, kept in a sealed cookie until the browser closes."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.routing import APIRoute

from triage.desk.case import opened_by
from triage.desk.office import Office
from triage.store.keys import KeyRingError
from triage.store.records import Case
from triage.web import cookies

COOKIE = "guichet"
# Why files were refused: told on the next page, once.
REFUSED_COOKIE = "guichet_refus"
# What a browser holds that has not entered anywhere yet: the form by which one enters is signed for it.
ENTRY_COOKIE = "entree"
_IDLE = 45 * 60  # seconds after which a page left open no longer opens the case
_NEW = "n"  # the code has not been noted yet: it is shown


class NoCaseError(Exception):
    """Nobody typed a code in this browser, or it opens nothing any more."""


def office_of(request: Request) -> Office:
    """The desk of the application: one request has the same to its end, whatever model is promoted meanwhile."""
    if not hasattr(request.state, "office"):
        request.state.office = request.app.state.office
    office: Office = request.state.office
    return office


def remember(response: Response, request: Request, receipt: str, *, new: bool = False) -> None:
    """Keeps the code in the browser. `new`: it is to be shown, as it was just made."""
    set_sealed(response, request, COOKIE, f"{_NEW if new else ''}{receipt}")


def set_sealed(response: Response, request: Request, name: str, text: str, seconds: int | None = None) -> None:
    """A cookie that only the service reads; it goes with the browser's session, or after `seconds`."""
    sealed = urlsafe_b64encode(office_of(request).ring.pages.seal(text.encode())).decode()
    cookies.put(response, request, name, sealed, seconds)


def forget(response: Response, request: Request) -> None:
    """Leaves nothing of the case in the browser: no code, and no page that « back » would show again."""
    for name in (COOKIE, REFUSED_COOKIE, ENTRY_COOKIE):
        cookies.drop(response, request, name)
    response.headers["Clear-Site-Data"] = '"cache"'


def remembered(request: Request) -> tuple[str, bool] | None:
    """The code that the browser holds, and whether it is still to be shown."""
    sealed = cookies.read(request, COOKIE)
    if not sealed:
        return None
    try:
        opened = office_of(request).ring.pages.open(urlsafe_b64decode(sealed), _IDLE).decode()
    except (KeyRingError, Base64Error, ValueError):
        return None
    code = opened.removeprefix(_NEW)
    return (code, opened.startswith(_NEW)) if code.isdigit() else None


def current_case(request: Request) -> Case:
    """The case that the browser's code opens. Raises NoCaseError, StoreError."""
    held = remembered(request)
    case = opened_by(office_of(request), held[0]) if held else None
    if case is None:
        raise NoCaseError
    request.state.held = held
    return case


class KeptOpen(APIRoute):
    """A route of the pages of a case: what the person does begins the idle time anew, what a page polls does not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, which seals the code again unless the page did so or left the case.

        A script whose case has closed is sent to the page that says so.
        """
        handle = super().get_route_handler()

        async def kept(request: Request) -> Response:
            script = "hx-request" in request.headers
            try:
                response = await handle(request)
            except NoCaseError:
                if not script:
                    raise
                return Response(status_code=204, headers={"HX-Redirect": "/suivi"})
            held, polled = getattr(request.state, "held", None), script and request.method == "GET"
            if held and not polled and not _sets(response, cookies.name_of(request, COOKIE)):
                remember(response, request, held[0], new=held[1])
            return response

        return kept


def _sets(response: Response, name: str) -> bool:
    """Whether the cookie of the code is already set by `response`."""
    return any(value.startswith(f"{name}=") for value in response.headers.getlist("set-cookie"))


async def same_site(request: Request) -> None:
    """Refuses a form that another site sends in the person's name."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    ours = {request.headers.get("host"), urlsplit(request.app.state.settings.address).netloc} - {None, ""}
    # « null »: what browsers say of our own forms, for our pages tell nobody where they come from.
    foreign = origin is not None and origin != "null" and _host(origin) not in ours
    # Old browsers say neither, but name the page: never ours, which ask them not to.
    page = request.headers.get("referer")
    foreign = foreign or (page is not None and _host(page) not in ours)
    if foreign or site not in ("same-origin", "none"):
        raise HTTPException(403, "Cette demande vient d'un autre site : elle n'a pas été suivie.")


def _host(address: str) -> str:
    """The host of an address, and its port; empty for what is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:  # « http://[ »
        return ""


async def the_office(request: Request) -> Office:
    """The same as a dependency: of the loop, for a thread costs more than the answer."""
    return office_of(request)


TheOffice = Annotated[Office, Depends(the_office)]
TheCase = Annotated[Case, Depends(current_case)]
SameSite = Depends(same_site)
