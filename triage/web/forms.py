"""What the forms send: the optional facts, the answers, the files."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from triage.attachments.reading import MAX_FILE
from triage.desk.evidence import File
from triage.desk.service import Choice, Service
from triage.store.records import Told

ANSWER_PREFIX = "question."
_FORCES = ("police", "gendarmerie")
_MOST_ADDRESSES = 200
_LONGEST = {"commune": 100, "contact": 300, "hours": 300, "mail": 254, "addresses": 20_000}


async def _posted(request: Request) -> FormData:
    return await request.form()


# The form that was sent, for a route that works apart from the loop. What stands before it there is checked first.
Posted = Annotated[FormData, Depends(_posted)]


def text_of(form: FormData, name: str = "text") -> str:
    """A text field, its line ends as the engine counts them."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def answers_of(form: FormData) -> dict[str, str]:
    """The answers to questions among the fields of the form, blank ones left out."""
    fields = {name.removeprefix(ANSWER_PREFIX): str(v) for name, v in form.items() if name.startswith(ANSWER_PREFIX)}
    return {name: value for name, value in fields.items() if value}


def values_of(form: FormData) -> dict[str, Any]:
    """The optional facts as they were typed, to show the form again."""
    names = (
        "who",
        "going_on",
        "departement",
        "force",
        "commune",
        "began",
        "addresses",
        "registered",
        "contact",
        "hours",
        "mail",
    )
    return {**{name: text_of(form, name) for name in names}, "platform": [str(v) for v in form.getlist("platform")]}


def values_from(told: Told, service: Service) -> dict[str, Any]:
    """The optional facts as they were told, to show the form again."""
    facts, traits, answers = service.facts, set(told.traits), told.answers
    who = [choice.id for choice in facts.who if traits.issuperset(choice.traits)]
    still = [choice.id for choice in facts.going_on if answers.items() >= choice.answers.items()]
    return {
        "who": max(who, key=len, default=""),
        "platform": [choice.id for choice in facts.platforms if traits.issuperset(choice.traits)],
        "going_on": still[0] if still else "",
        "registered": traits.issuperset(facts.registered.traits),
        "began": told.began.isoformat() if told.began else "",
        "addresses": "\n".join(told.addresses),
        **told.model_dump(include={"departement", "force", "commune", "contact", "hours", "mail"}),
    }


def told_of(form: FormData, service: Service) -> Told:
    """What the form tells. A value that does not exist is left out: no fact is worth losing a report."""
    facts = service.facts
    who = _chosen(facts.who, form.getlist("who"))
    where = _chosen(facts.platforms, form.getlist("platform"))
    still = _chosen(facts.going_on, form.getlist("going_on"))
    place = service.departements.get(text_of(form, "departement"))
    registered = facts.registered.traits if form.get("registered") else []
    there = [place.trait] if place and place.trait else []
    settled = {question: answer for choice in still for question, answer in choice.answers.items()}
    force = text_of(form, "force")
    force = force if force in _FORCES else ""
    traits = [trait for choice in (*who, *where, *still) for trait in choice.traits]
    return Told(
        text=text_of(form),
        answers={**settled, **answers_of(form)},
        settled=tuple(settled),
        traits=(*traits, *registered, *there, *([f"force:{force}"] if force else [])),
        departement=place.code if place else "",
        force=force,
        commune=" ".join(_short(form, "commune").split()),
        began=_day(text_of(form, "began")),
        addresses=tuple(_lines(_short(form, "addresses")))[:_MOST_ADDRESSES],
        contact=_short(form, "contact"),
        hours=_short(form, "hours"),
        mail=_mail(_short(form, "mail")),
    )


async def files_of(form: FormData, name: str = "files") -> list[File]:
    """The files sent; of one that is too large, just enough to see that it is."""
    uploads = [one for one in form.getlist(name) if isinstance(one, UploadFile) and one.filename]
    return [File(_name(one.filename or ""), await one.read(MAX_FILE + 1)) for one in uploads]


def _name(sent: str) -> str:
    """A file's name as it was before the browser escaped its quotation marks (HTML, « multipart form data »)."""
    return sent.replace("%22", '"')


def _chosen(choices: Iterable[Choice], values: Iterable[object]) -> list[Choice]:
    told = {value for value in values if isinstance(value, str)}
    return [choice for choice in choices if choice.id in told]


def _day(value: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(value)
    return None


def _lines(text: str) -> Iterable[str]:
    return (line.strip()[:2_000] for line in text.splitlines() if line.strip())


def _short(form: FormData, name: str) -> str:
    return text_of(form, name).strip()[: _LONGEST[name]]


def _mail(value: str) -> str:
    """An address that a mail could be sent to, or nothing: no line that could add a header."""
    good = value.isprintable() and value.count("@") == 1 and " " not in value and not value.startswith("@")
    return value if good and "." in value.rpartition("@")[2] else ""
