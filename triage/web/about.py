"""The pages on the service itself: what becomes of the data, and how accessible it is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.desk.erasing import PRESSING
from triage.desk.forgetting.table import lasting
from triage.engine import Engine
from triage.settings import Settings
from triage.web.access import office_of
from triage.web.fiches import CACHE
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/donnees")
def data(request: Request) -> Response:
    """What is kept, how, for how long, who reads it, and what one may ask."""
    return _page(request, "about/donnees.html")


@router.get("/accessibilite")
def accessibility(request: Request) -> Response:
    """The accessibility statement."""
    return _page(request, "about/accessibilite.html")


def _page(request: Request, template: str) -> Response:
    engine: Engine = request.app.state.engine
    settings: Settings = request.app.state.settings
    composer, policies = engine.composer, office_of(request).policies
    context = {
        "operator": settings.operator,
        "cnil": composer.knowledge.contacts["cnil"],
        "mail_offered": bool(settings.smtp),
        "antivirus": bool(settings.clamav),
        "sources": policies.flood.sources,
        "kept": [(rule.label, lasting(rule)) for rule in policies.retention.cases],
        "pressing": [level.label for level in composer.policy.levels if level.id in PRESSING],
    }
    return templates.page(request, template, context, headers=CACHE)
