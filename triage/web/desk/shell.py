"""What every page of the desk carries: who is there, and where they may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from triage.desk.people.rights import Right, may
from triage.desk.queue.head import head_of
from triage.desk.queue.times import at, lasted
from triage.store.people import Person
from triage.store.records import reference_of
from triage.web.access import office_of
from triage.web.templating import templates


@dataclass(frozen=True)
class Link:
    """A page of the menu, for those who have `right`."""

    path: str
    label: str
    right: Right


MENU = (
    Link("/desk", "File", Right.HANDLE),
    Link("/desk/appel", "Appel reçu", Right.HANDLE),
    Link("/desk/campagnes", "Campagnes", Right.HANDLE),
    Link("/desk/mesures", "Mesures", Right.HANDLE),
    Link("/desk/gardes", "Gardes", Right.HANDLE),
    Link("/desk/tableau", "Tableau de bord", Right.ANALYSE),
    Link("/desk/echantillon", "Échantillon", Right.LABEL),
    Link("/desk/alertes", "Alertes", Right.SUPERVISE),
    Link("/desk/a-verifier", "À vérifier", Right.SUPERVISE),
    Link("/desk/journal", "Journal", Right.AUDIT),
    Link("/desk/comptes", "Comptes", Right.ADMINISTER),
    Link("/desk/annuaire", "Annuaire", Right.ADMINISTER),
    Link("/desk/envois", "Envois", Right.ADMINISTER),
)


def links(person: Person) -> list[Link]:
    """The pages that `person` may open."""
    return [link for link in MENU if may(person, link.right)]


def page(request: Request, name: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401 (of the template)
    """The page `desk/{name}`, for the person who is there."""
    shared: dict[str, Any] = {"person": getattr(request.state, "person", None), "now": datetime.now(UTC)}
    person, standing = shared["person"], context.get("standing")
    if person and standing:
        shared["head"] = head_of(office_of(request), person, standing, shared["now"])
    return templates.page(request, f"desk/{name}", {**shared, **context}, status=status)


templates.env.filters |= {"desk_links": links, "at": at, "lasted": lasted, "reference": reference_of}
