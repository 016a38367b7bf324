"""The templates that every page shares."""

from __future__ import annotations

from pathlib import Path

from fastapi.templating import Jinja2Templates

from triage.diagnostic.forms import TEMPLATES, add_filters
from triage.dossier.wording import moment

_KILO = 1024
templates = Jinja2Templates(directory=[Path(__file__).parent / "templates", TEMPLATES])
add_filters(templates.env)


def _size(size: int) -> str:
    """« 2,3 Mo »."""
    if size < _KILO:
        return f"{size} octets"
    value, unit = (size / _KILO, "Ko") if size < _KILO**2 else (size / _KILO**2, "Mo")
    return f"{value:.1f} {unit}".replace(".", ",")


templates.env.filters |= {"moment": moment, "size": _size}
