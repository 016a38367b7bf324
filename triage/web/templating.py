"""The templates that every page shares."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from triage.diagnostic.forms import TEMPLATES, add_filters
from triage.dossier.wording import moment
from triage.web import signing

_KILO = 1024


class Pages(Jinja2Templates):
    """Templates whose forms are signed: what they were signed for goes into the browser with the page."""

    def page(
        self,
        request: Request,
        name: str,
        context: dict[str, Any],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The page made of the template `name`."""
        response = self.TemplateResponse(request, name, context, status, headers)
        signing.keep(request, response)
        return response


templates = Pages(directory=[Path(__file__).parent / "templates", TEMPLATES])
templates.env.auto_reload = False  # else the disk is asked about each part of each page
add_filters(templates.env)


def _size(size: int) -> str:
    """« 2,3 Mo »."""
    if size < _KILO:
        return f"{size} octets"
    value, unit = (size / _KILO, "Ko") if size < _KILO**2 else (size / _KILO**2, "Mo")
    return f"{value:.1f} {unit}".replace(".", ",")


templates.env.globals["jeton"] = signing.field
templates.env.filters |= {"moment": moment, "size": _size}
