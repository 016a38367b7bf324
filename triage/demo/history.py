"""Weeks of work before today, so that the figures of the desk say something: texts of the corpus, told and handled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from triage.demo.scenes import corrected
from triage.desk.campaigns.finding import try_index
from triage.desk.case import load
from triage.desk.handling import deciding, outcomes
from triage.desk.handling.deciding import Opinion
from triage.desk.office import Office
from triage.desk.queue import claiming
from triage.desk.submit import submit
from triage.learning.corpus import Example
from triage.store.people import Person
from triage.store.records import Told

_DAYS = 28
# How long each level waited, in minutes, and how the case ended.
_WAITS: Mapping[str, tuple[int, int]] = {"immediate": (1, 12), "urgent": (6, 95), "agent": (40, 2_000)}
_ENDS = ("conseils", "plainte", "plainte", "mise_en_securite", "oriente")


def relive(
    office: Office, agents: Sequence[Person], texts: Sequence[Example], reason: str, now: datetime, draw: Random
) -> int:
    """Each of `texts`, told at some time of the last weeks, handled and closed; how many were."""
    places = sorted(office.service.departements)
    done = 0
    for example in texts:
        at = now - timedelta(days=1, minutes=draw.randrange(_DAYS * 24 * 60))
        force = draw.choice(("police", "gendarmerie"))
        told = Told(text=example.text, departement=draw.choice(places), force=force)
        case_id = submit(office, told, [], at).case_id
        try_index(office, case_id, at)
        wait = _WAITS.get(load(office, case_id).level)
        if wait:
            _handle(
                office,
                _agent(agents, told, draw),
                case_id,
                at + timedelta(minutes=draw.randint(*wait)),
                example,
                reason,
                draw,
            )
        done += 1
    return done


def _agent(agents: Sequence[Person], told: Told, draw: Random) -> Person:
    return draw.choice([one for one in agents if one.covers(told.departement, told.force)])


def _handle(
    office: Office, agent: Person, case_id: str, at: datetime, example: Example, reason: str, draw: Random
) -> None:
    """As the labels of the corpus say: confirmed where the engine found the same, corrected where it did not."""
    case = load(office, case_id)
    right = Opinion(example.threats, example.red_flags, example.disposition)
    if (case.types[:1], case.level) == (right.types[:1], right.level):
        claiming.claim(office, agent, case_id, at)
        deciding.confirm(office, agent, case_id, deciding.version(case), at + timedelta(minutes=2))
    else:
        corrected(office, agent, case_id, at, right, reason)
    outcomes.close(office, agent, case_id, draw.choice(_ENDS), reason, at + timedelta(minutes=draw.randint(5, 24)))
