"""Who did what: the journal, for those who audit, and its part about one case, for those who handle it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from triage.desk import journal, trail
from triage.desk.handover.sheet import as_csv
from triage.desk.office import DeskError, Office
from triage.desk.trail import Told
from triage.intake.moment import in_paris
from triage.store.people import Person
from triage.store.records import Case
from triage.store.trail import Wanted
from triage.web.desk.door import Auditor, Handler, Ours, TheDesk, case_page
from triage.web.desk.shell import page
from triage.web.desk.verbs import said, verbs

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_HEAD = ("ligne", "date", "personne", "rôle", "acte", "dossier", "détail")
MOST_EXPORTED = 100_000
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """The filters, as they were typed."""

    personne: str = ""
    dossier: str = ""
    acte: str = ""
    du: str = ""
    au: str = ""

    @property
    def wanted(self) -> Wanted:
        """As the store reads them; a day that is none is left out."""
        until = _day(self.au)
        return Wanted(
            self.personne, self.dossier.strip(), self.acte, _day(self.du), until + _DAY if until is not None else None
        )

    @property
    def query(self) -> str:
        """As the end of an address."""
        return urlencode({name: value for name, value in vars(self).items() if value})


def _asked(
    personne: Annotated[str, Query(max_length=100)] = "",
    dossier: Annotated[str, Query(max_length=40)] = "",
    acte: Annotated[str, Query(max_length=40)] = "",
    du: Annotated[str, Query(max_length=10)] = "",
    au: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    return Asked(personne, dossier, acte, du, au)


TheAsked = Annotated[Asked, Depends(_asked)]


@router.get("/desk/journal")
def show_journal(
    request: Request,
    office: TheDesk,
    person: Auditor,
    asked: TheAsked,
    avant: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    """The lines that the person may audit, the last first."""
    with office.database.write() as connection:
        lines = trail.journal(office, connection, person, asked.wanted, avant)
        whom = trail.audited(connection, person)
        journal.record(office, connection, person, "view", datetime.now(UTC), about="journal")
    context: dict[str, Any] = {"lines": lines, "people": whom, "asked": asked, "verbs": verbs(), "before": avant}
    more = lines[-1].line.seq if len(lines) == trail.PAGE else 0
    return page(request, "audit.html", **context, more=more, limit=MOST_EXPORTED)


@router.post("/desk/journal.csv", dependencies=[Ours])
def download_journal(office: TheDesk, person: Auditor, asked: TheAsked) -> Response:
    """The same lines for a spreadsheet, without the reasons."""
    data = as_csv(_rows(office, person, asked.wanted))
    with office.database.write() as connection:
        journal.record(office, connection, person, "export.journal", datetime.now(UTC))
    headers = {"Content-Disposition": 'attachment; filename="journal.csv"'}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/desk/dossiers/{case_id}/journal")
def show_case_journal(
    request: Request, office: TheDesk, person: Handler, case: Annotated[Case, case_page("journal")]
) -> Response:
    """Who read the case, decided of it, took it out."""
    with office.database.read() as connection:
        lines = trail.of_case(office, connection, case.id)
    return page(request, "audit_case.html", standing=case.standing, tab="/journal", lines=lines)


def _rows(office: Office, person: Person, wanted: Wanted) -> Iterator[tuple[str, ...]]:
    """The head and the lines. Raises DeskError when there are too many for a spreadsheet."""
    yield _HEAD
    with office.database.read() as connection:
        for count, one in enumerate(trail.whole_journal(connection, person, wanted)):
            if count == MOST_EXPORTED:
                raise DeskError(f"Il y a plus de {MOST_EXPORTED} lignes : choisissez une période plus courte.")
            yield _row(one)


def _row(one: Told) -> tuple[str, ...]:
    line = one.line
    when = in_paris(line.at).isoformat(sep=" ", timespec="seconds")
    return (str(line.seq), when, one.name, line.role, said(line.what), line.reference, line.about)


def _day(typed: str) -> datetime | None:
    """The beginning of a day in Paris."""
    with suppress(ValueError):
        return in_paris(datetime.fromisoformat(typed[:10]))
    return None
