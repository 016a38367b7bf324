"""What happens to some of the reports: claimed, talked about, followed, closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from triage.desk import follow_up
from triage.desk.case import load
from triage.desk.handling import conversing, deciding, noting, outcomes
from triage.desk.handling.deciding import Opinion
from triage.desk.measures import lifecycle
from triage.desk.measures.lifecycle import Noted
from triage.desk.office import Office
from triage.desk.queue import claiming
from triage.store.people import Person

Scene = Callable[[Office, Person, str, datetime, Mapping[str, str]], None]
_MINUTE = timedelta(minutes=1)


def talk(office: Office, agent: Person, case_id: str, at: datetime, lines: Mapping[str, str]) -> None:
    """An agent writes, the official answers and asks for a measure."""
    claiming.claim(office, agent, case_id, at)
    conversing.write(office, agent, case_id, lines["hello"], [], at + 4 * _MINUTE)
    noting.note(office, agent, case_id, lines["note"], at + 5 * _MINUTE)
    follow_up.read_messages(office, case_id, "agent", at + 9 * _MINUTE)
    follow_up.write(office, case_id, "official", lines["answer"], at + 10 * _MINUTE)
    follow_up.ask_measure(office, case_id, "bouton_appel", at + 11 * _MINUTE)
    follow_up.ask_measure(office, case_id, "referent", at + 11 * _MINUTE)


def measures(office: Office, agent: Person, case_id: str, at: datetime, lines: Mapping[str, str]) -> None:
    """The référent assesses the threat, the button is asked of the préfet."""
    claiming.claim(office, agent, case_id, at)
    deciding.confirm(office, agent, case_id, deciding.version(load(office, case_id)), at + _MINUTE)
    for kind, to, note, result, unit in (
        ("referent", "transmis", "", "", "REF-62"),
        ("referent", "evalue", lines["assessed"], "elevee", ""),
        ("bouton_appel", "transmis", lines["sent"], "", "PREF-62"),
    ):
        at += 2 * _MINUTE
        before = "transmis" if to == "evalue" else "propose"
        if before == "propose":
            lifecycle.propose(office, agent, case_id, kind, "", at)
        lifecycle.advance(office, agent, case_id, kind, Noted(before, to, note, result, unit), at)


def closed(office: Office, agent: Person, case_id: str, at: datetime, lines: Mapping[str, str]) -> None:
    """A case from end to end."""
    claiming.claim(office, agent, case_id, at)
    conversing.write(office, agent, case_id, lines["advice"], [], at + 5 * _MINUTE)
    deciding.confirm(office, agent, case_id, deciding.version(load(office, case_id)), at + 6 * _MINUTE)
    outcomes.close(office, agent, case_id, "plainte", lines["close"], at + 20 * _MINUTE)


def corrected(office: Office, agent: Person, case_id: str, at: datetime, opinion: Opinion, reason: str) -> None:
    """An agent finds something else than the engine did."""
    claiming.claim(office, agent, case_id, at)
    deciding.correct(office, agent, case_id, deciding.version(load(office, case_id)), opinion, reason, at + _MINUTE)


SCENES: Mapping[str, Scene] = {"talk": talk, "measures": measures, "closed": closed}
