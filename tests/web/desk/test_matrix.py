"""Who may enter where: every route of the desk, every role, inside and outside of one's scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from tests.web.desk.conftest import Desk
from tests.web.visitor import Visitor
from triage.desk.people.rights import RIGHTS, Right
from triage.desk.submit import submit
from triage.store.people import Role, Scope
from triage.store.records import Told
from triage.web.signing import FIELD

# Each route and the right that it takes; « open » for the door itself.
TABLE = """
GET /desk/entrer  open
POST /desk/entrer  open
GET /desk/inscription/{token}  open
POST /desk/inscription/{token}  open
GET /desk/entrer/oidc  open
GET /desk/entrer/oidc/retour  open
POST /desk/sortir  open
GET /desk/sorti  open
GET /desk/moi  enter
POST /desk/moi/mot-de-passe  enter
GET /desk/moi/code  enter
POST /desk/moi/code  enter
POST /desk/moi/alertes  enter
POST /desk/moi/sessions/{session_id}/fin  enter
GET /desk/comptes  administer
POST /desk/comptes  administer
GET /desk/comptes/{person_id}  administer
POST /desk/comptes/{person_id}/lien  administer
POST /desk/comptes/{person_id}/{act}  administer
GET /desk  handle
GET /desk/file.csv  handle
POST /desk/suivant  handle
POST /desk/vues  handle
POST /desk/vues/{view_id}/supprimer  handle
POST /desk/dossiers/{case_id}/prendre  handle
POST /desk/dossiers/{case_id}/rendre  handle
POST /desk/dossiers/{case_id}/passer  handle
POST /desk/dossiers/{case_id}/attente  handle
POST /desk/dossiers/{case_id}/relever  handle
POST /desk/dossiers/{case_id}/orienter  handle
GET /desk/a-verifier  supervise
POST /desk/a-verifier  supervise
GET /desk/flux  enter
GET /desk/dossiers/{case_id}  handle
GET /desk/dossiers/{case_id}/diagnostic  handle
POST /desk/dossiers/{case_id}/effacement  handle
GET /desk/dossiers/{case_id}/pieces  handle
POST /desk/dossiers/{case_id}/pieces/{number}/montrer  handle
GET /desk/dossiers/{case_id}/pieces/{number}/image  handle
GET /desk/dossiers/{case_id}/pieces/{number}/original  handle
GET /desk/dossiers/{case_id}/commentaires  handle
GET /desk/dossiers/{case_id}/messages  handle
GET /desk/dossiers/{case_id}/messages/fil  handle
POST /desk/dossiers/{case_id}/messages  handle
POST /desk/dossiers/{case_id}/notes  handle
GET /desk/dossiers/{case_id}/messages/fichiers/{file_id}  handle
GET /desk/dossiers/{case_id}/decision  handle
POST /desk/dossiers/{case_id}/decision/confirmer  handle
POST /desk/dossiers/{case_id}/decision/corriger  handle
POST /desk/dossiers/{case_id}/decision/clore  handle
POST /desk/dossiers/{case_id}/decision/rouvrir  handle
POST /desk/dossiers/{case_id}/decision/reunir  handle
POST /desk/dossiers/{case_id}/decision/separer  handle
POST /desk/dossiers/{case_id}/decision/extraire  handle
POST /desk/dossiers/{case_id}/decision/identite  handle
POST /desk/dossiers/{case_id}/decision/me-retirer  handle
POST /desk/dossiers/{case_id}/decision/ecarter  supervise
POST /desk/dossiers/{case_id}/decision/readmettre  supervise
POST /desk/dossiers/{case_id}/decision/unite  handle
GET /desk/dossiers/{case_id}/mesures/{kind}/lettres/{name}  handle
POST /desk/dossiers/{case_id}/mesures/{kind}/lettres/{name}  handle
GET /desk/mesures  handle
GET /desk/dossiers/{case_id}/mesures  handle
POST /desk/dossiers/{case_id}/mesures  handle
POST /desk/dossiers/{case_id}/mesures/{kind}  handle
POST /desk/dossiers/{case_id}/mesures/{kind}/rappel  handle
POST /desk/dossiers/{case_id}/commune  handle
GET /desk/annuaire  administer
POST /desk/annuaire/{table}  administer
GET /desk/dossiers/{case_id}/campagne  handle
POST /desk/dossiers/{case_id}/campagne/sortir  handle
POST /desk/dossiers/{case_id}/campagne/rattacher  handle
POST /desk/dossiers/{case_id}/campagne/rapprocher  handle
GET /desk/campagnes  handle
GET /desk/campagnes/{campaign_id}  handle
POST /desk/campagnes/{campaign_id}/nom  handle
POST /desk/campagnes/{campaign_id}/etat  handle
POST /desk/campagnes/{campaign_id}/reunir  handle
POST /desk/campagnes/{campaign_id}/separer  handle
GET /desk/campagnes/{campaign_id}/prevenir  handle
POST /desk/campagnes/{campaign_id}/prevenir  handle
GET /desk/dossiers/{case_id}/transmission/masquer  handle
POST /desk/dossiers/{case_id}/transmission/masquer  handle
GET /desk/dossiers/{case_id}/transmission  handle
POST /desk/dossiers/{case_id}/transmission/fichier  handle
POST /desk/dossiers/{case_id}/transmission/confirmer  handle
GET /desk/dossiers/{case_id}/transmission/proces-verbal  handle
GET /desk/dossiers/{case_id}/transmission/pharos  handle
POST /desk/dossiers/{case_id}/transmission/pharos.csv  handle
GET /desk/alertes  supervise
GET /desk/envois  administer
POST /desk/envois/{delivery_id}/renvoyer  administer
POST /desk/envois/{delivery_id}/laisser  administer
POST /desk/envois/services  administer
POST /desk/envois/services/{hook_id}/{turn}  administer
GET /desk/gardes  handle
POST /desk/gardes  supervise
POST /desk/gardes/{shift_id}/retirer  supervise
GET /desk/tableau  analyse
GET /desk/tableau/{table}.csv  analyse
GET /desk/journal  audit
POST /desk/journal.csv  audit
GET /desk/dossiers/{case_id}/journal  handle
GET /desk/echantillon  label
GET /desk/echantillon/apprendre  label
GET /desk/echantillon/desaccords  analyse
GET /desk/echantillon/{sample_id}  label
POST /desk/echantillon/{sample_id}  label
GET /desk/echantillon/{sample_id}/departage  analyse
POST /desk/echantillon/{sample_id}/departage  analyse
GET /desk/appel  handle
POST /desk/appel/analyse  handle
POST /desk/appel  handle
"""
WHO: dict[str, str] = {line.split("  ")[0]: line.split("  ")[1] for line in TABLE.strip().splitlines()}
ROLES: tuple[Role, ...] = ("agent", "supervisor", "analyst", "administrator")
# What a form may hold, so that it is not refused for what misses before anybody looks at who sends it.
FORM = {
    **dict.fromkeys(("reason", "note", "text", "message", "name", "decision", "result", "key", "other"), "essai"),
    **{"until": "2099-01-01T10:00", "level": "immediate", "departement": "13", "force": "police", "as": "agent"},
    **{"outcome": "conseils", "types": "menace", "reference": "0000-0000", "format": "pdf", "state": "open", "to": "0"},
    **{"before": "propose", "kind": "referent", "entry": "X", "number": "1", "who": "0", "unit": "X", "service": "X"},
}
OWN = {"sec-fetch-site": "same-origin"}
ELSEWHERE = {"sec-fetch-site": "cross-site"}


def routes(desk: Desk) -> Iterator[tuple[str, APIRoute]]:
    for route in flat(desk.app.routes):
        if isinstance(route, APIRoute) and route.path.startswith("/desk"):
            for method in sorted(route.methods - {"HEAD"}):
                yield f"{method} {route.path}", route


def flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes, those of routers within too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from flat(inner.routes) if inner is not None else (route,)


def filled(path: str, case_id: str) -> str:
    """A route with the case in it, and zeros for all else."""
    return re.sub(r"{\w+}", "0", path.replace("{case_id}", case_id))


def ask(client: Visitor, route: str, case_id: str, headers: dict[str, str] = OWN) -> tuple[int, str]:
    """The status, and where the answer leads. A stream is opened and left."""
    method, path = route.split(" ")
    where = filled(path, case_id)
    form = {**FORM, FIELD: client.signature(where)} if method == "POST" else None
    with client.stream(method, where, data=form, headers=headers) as answer:
        return answer.status_code, answer.headers.get("location", "")


def test_every_route_says_who_may_enter(desk: Desk) -> None:
    assert {name for name, _ in routes(desk)} == set(WHO)


@pytest.fixture
def case_id(desk: Desk) -> str:
    told = Told(text="On m'écrit : « je vais te casser les jambes ».", departement="35", force="gendarmerie")
    return submit(desk.office, told, [], datetime.now(UTC)).case_id


def test_a_stranger_finds_the_door_and_nothing_else(desk: Desk, case_id: str) -> None:
    stranger = desk.browser()
    for route, right in WHO.items():
        status, where = ask(stranger, route, case_id)
        if right != "open":
            assert status in (303, 204, 401) and (status != 303 or where.startswith("/desk/entrer")), route


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_where_its_rights_lead(desk: Desk, case_id: str, role: Role) -> None:
    client = desk.browser(desk.person(role))
    for route, right in WHO.items():
        if right == "open" or route == LEAVE:
            continue
        status, where = ask(client, route, case_id)
        if Right(right) in RIGHTS[role]:
            unknown = route.replace("{case_id}", "").count("{") > 0  # another object than the case: there is none
            assert (
                status not in (401, 405, *(() if unknown else (403,)))
                and status < 500
                and not where.startswith("/desk/entrer")
            ), (
                route,
                status,
            )
        else:
            assert status == 403, (route, status)


LEAVE = "POST /desk/sortir"


@pytest.mark.parametrize("scope", [Scope("13", ""), Scope("", "police"), Scope("35", "police")])
def test_a_case_out_of_scope_is_nobodys(desk: Desk, case_id: str, scope: Scope) -> None:
    clients = [desk.browser(desk.person(role, scope)) for role in ("agent", "supervisor")]
    for client in clients:
        for route in (one for one in WHO if "{case_id}" in one):
            status, _ = ask(client, route, case_id)
            assert status in (403, 404), (route, status)


def test_another_site_sends_no_form_in_an_agents_name(desk: Desk, case_id: str) -> None:
    client = desk.browser(desk.person("supervisor"))
    for route in (one for one in WHO if one.startswith("POST")):
        assert ask(client, route, case_id, ELSEWHERE)[0] == 403, route
