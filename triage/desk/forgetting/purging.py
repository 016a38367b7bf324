"""Erases what has been kept long enough, case by case: each goes whole, with its key, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from triage.desk import journal
from triage.desk.forgetting import counting, due, files, leftovers
from triage.desk.forgetting.files import FILES, Beside
from triage.desk.forgetting.leftovers import ROWS
from triage.desk.forgetting.policy import CaseRule, Kept
from triage.desk.office import DeskError, Office

_BATCH = 200
PURGE = "purge"


class BrakeError(DeskError):
    """So many cases at once look like a mistake: somebody has to ask for it."""


@dataclass
class Purged:
    """What went, or would, by the id of its rule: cases, and what is no case; `settled`: cases counted for good."""

    cases: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    settled: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing was to go."""
        return not any((*self.cases.values(), *self.others.values()))


def planned(office: Office, beside: Beside, now: datetime) -> Purged:
    """What a purge would erase now. Raises StoreError."""
    policy = office.policies.retention
    with office.database.read() as connection:
        cases = {rule.id: due.number(connection, policy, rule, now) for rule in policy.ending}
        others = {name: leftovers.number(connection, policy, name, now, beside.tried) for name in ROWS}
        rules = office.engine.catalogue.digest
        others |= {name: len(files.old(connection, policy, name, beside, now, rules)) for name in FILES}
    return Purged(cases, others)


def purge(office: Office, beside: Beside, now: datetime, *, everything: bool = False) -> Purged:
    """Erases all that is due at `now`. Killed at any point, it has erased whole cases only, and goes on when called
    again. `everything`: even if that is a large part of the cases.

    Raises BrakeError when it is and nobody asked, before anything is erased; StoreError.
    """
    policy, done = office.policies.retention, Purged()
    if not everything:
        _brake(office, now)
    for rule in policy.ending:
        done.cases[rule.id] = sum(_forget(office, case_id, rule, now) for case_id in _due(office, rule, now))
    done.settled = counting.settle(office, now)
    for name in ROWS:
        with office.database.write() as connection:
            done.others[name] = leftovers.remove(connection, policy, name, now, beside.tried)
    for name in FILES:
        with office.database.read() as connection:
            old = files.old(connection, policy, name, beside, now, office.engine.catalogue.digest)
        done.others[name] = files.remove(old)
    if any(done.others.values()):
        with office.database.write() as connection:
            about = " ".join(f"{name}:{number}" for name, number in done.others.items() if number)
            journal.record(office, connection, journal.SYSTEM, f"{PURGE}.rest", now, about=about)
    office.database.clear_journal()
    return done


def rules_of(office: Office, done: Purged) -> Iterator[tuple[Kept, int]]:
    """Each rule that ends something, and how many went."""
    policy = office.policies.retention
    yield from ((rule, done.cases.get(rule.id, 0)) for rule in policy.ending)
    yield from ((policy.other(name), number) for name, number in done.others.items())


def _brake(office: Office, now: datetime) -> None:
    policy = office.policies.retention
    with office.database.read() as connection:
        number = sum(due.number(connection, policy, rule, now) for rule in policy.ending)
        kept = due.kept(connection)
    if number > policy.brake.above and number > policy.brake.share * kept:
        raise BrakeError(
            f"{number} dossiers sur {kept} seraient effacés d'un coup : rien ne l'a été. Vérifiez l'heure du serveur "
            "et rules/retention.yaml, lisez « triage purge --dry-run », puis dites « triage purge --all »."
        )


def _due(office: Office, rule: CaseRule, now: datetime) -> Iterator[str]:
    """The cases due by the rule, each once, a page at a time."""
    seen: set[str] = set()
    while True:
        with office.database.read() as connection:
            page = due.found(connection, office.policies.retention, rule, now, _BATCH + len(seen))
        new = [case_id for case_id in page if case_id not in seen]
        if not new:
            return
        seen.update(new)
        yield from new


def _forget(office: Office, case_id: str, rule: CaseRule, now: datetime) -> bool:
    """Counts a case and erases it, in one transaction, unless something happened to it meanwhile; whether it did."""
    with office.database.write() as connection:
        if not due.still(connection, office.policies.retention, rule, case_id, now):
            return False
        counting.count(connection, office.cases.standing(connection, case_id), rule, now)
        office.cases.erase(connection, case_id, now)
        journal.record(office, connection, journal.SYSTEM, PURGE, now, case_id, about=rule.id)
    return True
