"""The diagnostic written out for people: Markdown (also read on a terminal) and an HTML fragment."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from triage.diagnostic import wording
from triage.diagnostic.contacts import Proposed
from triage.diagnostic.diagnostic import Diagnostic

TEMPLATES = Path(__file__).parent / "templates"


def as_markdown(diagnostic: Diagnostic) -> str:
    """The whole diagnostic as Markdown."""
    return _environment(False).get_template("diagnostic.md").render(d=diagnostic).strip() + "\n"


def as_html(diagnostic: Diagnostic) -> str:
    """The diagnostic as an HTML fragment, to stand in a page."""
    return _environment(True).get_template("diagnostic.html").render(d=diagnostic)


def add_filters(environment: Environment) -> None:
    """Teaches `environment` how delays and dates are said."""
    environment.filters |= {
        "start": wording.start,
        "end": wording.end,
        "left": wording.left,
        "plain_day": wording.plain_day,
        "oneline": lambda text: " ".join(text.split()),
        "capital": lambda text: text[:1].upper() + text[1:],
        "small": lambda text: text[:1].lower() + text[1:],
        "listed": _listed,
        "tap": _tap,
        "host": lambda address: urlsplit(address).hostname or address,
    }


@cache
def _environment(html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,  # noqa: S701 (Markdown is text: nothing to escape)
        undefined=StrictUndefined,
        trim_blocks=html,
        lstrip_blocks=html,
    )
    add_filters(environment)
    return environment


def _listed(parts: Iterable[str]) -> str:
    """« a, b et c »: parts as they go on in a sentence."""
    words = [part[:1].lower() + part[1:].rstrip(".") for part in parts]
    return " et ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _tap(one: Proposed) -> str:
    """Where a tap on a contact leads: a call, an SMS, a site; empty for a place to go to."""
    contact = one.contact
    if contact.phone:
        return f"tel:{contact.phone.replace(' ', '')}"
    if contact.sms:
        return f"sms:{contact.sms}"
    return contact.site or (f"mailto:{contact.mail}" if contact.mail else "")
