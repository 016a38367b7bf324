"""The diagnostic as JSON: everything that is said, and where each fact comes from."""

from __future__ import annotations

from typing import Any

from triage.diagnostic.clocks import Running
from triage.diagnostic.contacts import Proposed
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.sources import Sourced
from triage.diagnostic.wording import end, left


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """All of `diagnostic`, in the order in which it is read."""
    texts = diagnostic.texts
    return {
        "level": diagnostic.level.model_dump(),
        "about": [{"type": about.kind.id, "label": about.kind.label, "text": about.text} for about in diagnostic.about],
        "around": list(diagnostic.around),
        "steps": {
            name: [{"text": step.text, "sheet": step.sheet, "done": step.done} for step in steps]
            for name, steps in diagnostic.steps.items()
        },
        "clocks": [_clock(running) for running in diagnostic.clocks],
        "contacts": [_contact(one) for one in diagnostic.contacts],
        "refused": [{"id": one.contact.id, "name": one.contact.name, "why": one.why} for one in diagnostic.refused],
        "measures": [
            {
                **note.measure.model_dump(include={"id", "name", "text", "decided_by", "how", "bring"}),
                "asked": note.asked,
                "why_not": note.why_not,
                **_source(note.measure),
            }
            for note in diagnostic.measures
        ],
        "channels": [channel.model_dump(mode="json") for channel in diagnostic.channels],
        "law": [
            {
                **note.offence.model_dump(include={"id", "name", "article_long", "text", "official", "clock", "read"}),
                "settled": note.settled,
                "condition": "" if note.settled else note.offence.if_not_settled,
                "penalties": [{"label": value.label, "text": value.text} for value in note.penalties],
                **_source(note.offence),
            }
            for note in diagnostic.law
        ],
        "changes": [
            {"text": change.text, "level": change.level.id if change.level else None, "effect": change.effect}
            for change in diagnostic.changes
        ],
        "situation": sorted(diagnostic.situation.labels),
        "now": diagnostic.situation.now.isoformat(),
        "warnings": [texts.not_a_complaint, texts.human, texts.nobody_promised, texts.lawyer, texts.general],
    }


def _clock(running: Running) -> dict[str, Any]:
    clock, start = running.clock, running.start
    return {
        **clock.model_dump(include={"id", "name", "duration", "start_text", "basis"}),
        "action": running.action,
        "settled": running.settled,
        "condition": "" if running.settled else clock.if_not_settled,
        "start": start.moment.isoformat() if start else None,
        "start_words": {"start": start.words.start, "end": start.words.end, "text": start.words.text}
        if start
        else None,
        "certain": running.certain,
        "supposed": running.supposed,
        "ends": running.ends.isoformat() if running.ends else None,
        "days_left": running.days_left,
        "hours_left": running.hours_left if clock.span.hours else None,
        "over": running.over,
        "said": f"{end(running)} : {left(running)}" if running.ends and not running.over else end(running),
        **_source(clock),
    }


def _contact(one: Proposed) -> dict[str, Any]:
    shown = {"id", "name", "phone", "sms", "site", "mail", "where", "text", "hours", "emergency", "audience"}
    return {
        **one.contact.model_dump(include=shown),
        "why": one.why,
        "first": one.emergency,
        "open_now": one.open_now,
        "local_hours": one.local_hours,
        "closed": one.contact.closed if one.open_now is False else "",
        **_source(one.contact),
    }


def _source(entry: Sourced) -> dict[str, Any]:
    return entry.model_dump(mode="json", include={"confidence", "sources", "checked_on", "uncertain"})
