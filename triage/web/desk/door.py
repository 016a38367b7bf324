"""Who is at the desk: each route says which right it takes; the check gives the session, or raises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from triage.desk.handling.opening import open_case, permitted
from triage.desk.people.rights import Right, require
from triage.desk.people.sessions import LONGEST, Session, current
from triage.store.people import Person
from triage.store.records import Case, Standing
from triage.web import cookies, signing
from triage.web.access import SameSite, TheOffice, office_of

COOKIE = "bureau"
HOME = "/desk"
ENTER = "/desk/entrer"


class OutsideError(Exception):
    """Nobody has entered in this browser, or the session is over."""


def keep(response: Response, request: Request, token: str) -> None:
    """Keeps a session in the browser."""
    seconds = int(LONGEST.total_seconds())
    cookies.put(response, request, COOKIE, token, seconds, HOME)


def token_of(request: Request) -> str:
    """What the browser keeps of a session; empty when it keeps none."""
    return cookies.read(request, COOKIE)


def forget(response: Response, request: Request) -> None:
    """Leaves nothing of the session in the browser, no page that « back » would show again either."""
    cookies.drop(response, request, COOKIE, HOME)
    response.headers["Clear-Site-Data"] = '"cache"'


def session_of(request: Request, *, acts: bool = True) -> Session:
    """The session of the browser. Raises OutsideError."""
    if hasattr(request.state, "session"):  # looked up already for this request
        return request.state.session  # type: ignore[no-any-return]
    token = token_of(request)
    found = current(office_of(request), token, datetime.now(UTC), acts) if token else None
    if found is None:
        raise OutsideError
    request.state.person, request.state.session = found.person, found
    return found


async def bind(request: Request) -> None:
    """The forms of the desk are signed for the session that the browser holds."""
    signing.bind(request, token_of(request))


def ours(*, max_files: int = 1_000, max_fields: int = 1_000) -> Any:  # noqa: ANN401 (a FastAPI dependency)
    """A dependency: the form comes from a page of the desk, given to this session. Nothing is read of a stranger's.

    The form is read here, once, and its files closed after the answer: its limits are those given here.
    Raises OutsideError, StalePageError.
    """

    async def checked(request: Request, _: None = SameSite, __: None = Depends(_somebody)) -> AsyncIterator[None]:
        async with request.form(max_files=max_files, max_fields=max_fields) as form:
            signing.check(request, form)
            yield

    return Depends(checked)


def _somebody(request: Request) -> None:
    session_of(request, acts=_acts(request))


def the_session(request: Request) -> Session:
    """A dependency that gives the session itself, for what people change of their own. Raises OutsideError."""
    found = session_of(request, acts=_acts(request))
    require(found.person, Right.ENTER)
    return found


the_session.right = Right.ENTER  # type: ignore[attr-defined]  # the test of all routes reads it


def needs(right: Right) -> Any:  # noqa: ANN401 (a FastAPI dependency)
    """A dependency that gives the person, who has `right`. Raises OutsideError, ForbiddenError."""

    def check(request: Request) -> Person:
        return require(session_of(request, acts=_acts(request)).person, right)

    check.right = right  # type: ignore[attr-defined]  # the test of all routes reads it
    return Depends(check)


def case_page(page: str) -> Any:  # noqa: ANN401 (a FastAPI dependency)
    """A dependency that gives the case of the path, for whoever may read it; the audit keeps that it was read."""

    def read(request: Request, case_id: str, person: Handler) -> Case:
        return open_case(office_of(request), person, case_id, datetime.now(UTC), page)

    return Depends(read)


def case_standing(request: Request, case_id: str, person: Handler) -> Standing:
    """Where the case of the path stands, for whoever may read it, without reading it."""
    office = office_of(request)
    with office.database.read() as connection:
        return permitted(office, connection, person, case_id)


def _acts(request: Request) -> bool:
    """Whether the person does something; what a page asks by itself does not keep a session open."""
    by_itself = "hx-request" in request.headers or "text/event-stream" in request.headers.get("accept", "")
    return request.method != "GET" or not by_itself


Ours = ours()
Entered = Annotated[Person, needs(Right.ENTER)]
Handler = Annotated[Person, needs(Right.HANDLE)]
Labeller = Annotated[Person, needs(Right.LABEL)]
Supervisor = Annotated[Person, needs(Right.SUPERVISE)]
Auditor = Annotated[Person, needs(Right.AUDIT)]
Analyst = Annotated[Person, needs(Right.ANALYSE)]
Administrator = Annotated[Person, needs(Right.ADMINISTER)]
# For a route that would otherwise look at what is sent before it looks at who sends it.
Permitted = Depends(case_standing)
TheStanding = Annotated[Standing, Permitted]
# For the forms of a case: what they say is looked at once it is known that the case is this person's to see.
InScope = Depends(case_standing)
RightCheck = Callable[[Request], Person]
TheSession = Annotated[Session, Depends(the_session)]
TheDesk = TheOffice
