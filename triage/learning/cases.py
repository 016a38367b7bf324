"""Cases that agents judged, as labelled data: pseudonymised, for a purpose, in the name of somebody, and audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from triage.assessment.red_flags import load_red_flags
from triage.bootstrap import build_engine, build_office, fact_names
from triage.desk.erasing import ERASURE
from triage.desk.office import DeskError, Office
from triage.learning.cells import guard
from triage.learning.corpus import AXES, Labels, load
from triage.learning.drawing import UNREADABLE, row_of
from triage.learning.evaluation import LEVELS
from triage.learning.frames import digest, frame_of
from triage.learning.pseudonyms import Pseudonyms, identifiers_of
from triage.learning.readings import labelled_readings
from triage.settings import Settings
from triage.store import audit, labelled, people
from triage.store.people import Person
from triage.store.records import Standing
from triage.threats.kinds import load_kinds

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

EXPORT = "export.cases"
LONGEST_PURPOSE = 500
# Why a case is left out, as it is told.
ERASED = "effacés, ou dont l'effacement est demandé"
JOINED = "joints à un autre dossier, qui les remplace"
KEPT_OUT = "hors du ressort de la personne, ou écartés pour conflit d'intérêts"


@dataclass(frozen=True)
class Request:
    """Who asks (an account's address), what for, and which cases: received from and until, with a decision or not."""

    by: str
    purpose: str
    minimum_cell: int | None = None
    confirmed_only: bool = True
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Extract:
    """The table, and what is said of it: how many were `left_out` by reason, `replaced` by kind, made wider."""

    frame: pd.DataFrame
    left_out: dict[str, int]
    replaced: dict[str, int]
    widened: int
    least: int
    digest: str
    person: Person
    purpose: str
    at: datetime


@dataclass
class _Drawn:
    """A case on its way: its text is still what was told."""

    id: str
    row: dict[str, Any]


def load_cases(
    settings: Settings | None = None,
    *,
    by: str,
    purpose: str,
    minimum_cell: int | None = None,
    confirmed_only: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """The cases that agents judged, pseudonymised; who asked and what for is in the audit once this returns.

    `by` is the address of an open account that may ask, `purpose` some words. A combination of département, force and
    mandate that fewer than `minimum_cell` cases share is made wider, then emptied. `confirmed_only` False: cases
    without a decision too, their labels empty. `since` and `until`: moments of reception, with their time zone.
    Raises DeskError, StoreError, KeyRingError, DataError.
    """
    settings = settings or Settings()
    office = build_office(settings, build_engine(settings))
    try:
        asked = Request(by, purpose, minimum_cell, confirmed_only, since, until)
        return extract(settings.rules, office, asked, datetime.now(UTC)).frame
    finally:
        office.database.close()


def load_corpus(settings: Settings | None = None, path: Path | None = None) -> pd.DataFrame:
    """The texts of `path`, models/corpus otherwise, with the columns of `load_cases`, then the axes and the group.

    They are invented: nothing is replaced. The engine's columns are empty. Raises DataError.
    """
    settings = settings or Settings()
    empty: dict[str, Any] = {"engine_threats": [], "engine_red_flags": []}
    rows = [
        {**dict.fromkeys(_TEXTS, ""), **vars(one), **empty, "case": one.id, "channel": "corpus", "exhibits": 0}
        | {"threats": list(one.threats), "red_flags": list(one.red_flags), "decision": "label"}
        | {name: one.axes.get(name, "") for name in AXES}
        for one in load(path or settings.models / "corpus", labels_of(settings))
    ]
    return frame_of(rows, (*AXES, "group"))


_TEXTS = (
    *("month", "departement", "force", "role", "sources"),
    *("engine_primary", "engine_disposition", "engine_rules", "engine_model"),
)


def labels_of(settings: Settings) -> Labels:
    """The ids that labels may have, by the rules. Raises DataError."""
    rules = settings.rules
    return Labels(list(load_kinds(rules)), LEVELS, list(load_red_flags(rules)), fact_names(rules))


def extract(rules: Path, office: Office, asked: Request, now: datetime) -> Extract:
    """What `asked` may have, and how it came about. Raises as `load_cases` does.

    Texts are read and pseudonymised first, without holding the store. Then, in one transaction, what was erased, joined
    or closed to the person meanwhile is taken out, and the audit is written: nothing leaves without its line.
    """
    policy = office.policies.extraction
    least = policy.least if asked.minimum_cell is None else asked.minimum_cell
    marks, left_out = Pseudonyms(policy.labels), Counter[str]()
    with office.database.read() as connection:
        person = requester(office, connection, asked)
        drawn = list(_drawn(office, connection, person, asked, left_out))
    drawn.sort(key=lambda one: marks.keyed("case", one.id))
    find, extract_id = identifiers_of(rules, office), marks.keyed("extract").hex()[:8]
    for number, one in enumerate(drawn, 1):
        one.row["case"] = f"cas-{extract_id}-{number:05d}"
        one.row["text"] = marks(one.row["text"], find(one.row["text"]))
    with office.database.write() as connection:
        person = requester(office, connection, asked)
        kept = _still(connection, person, drawn, left_out)
        rows = [one.row for one in kept]
        widened = guard(rows, policy, least)
        frame = frame_of(rows)
        told = digest(frame)
        _note(office, connection, person, asked, f"{len(rows)} k{least} sha256:{told}", now)
    return Extract(frame, dict(left_out), marks.replaced, widened, least, told, person, asked.purpose.strip(), now)


def requester(office: Office, connection: Connection, asked: Request) -> Person:
    """Whoever asks, who may, and says what for. Raises DeskError."""
    policy = office.policies.extraction
    purpose = asked.purpose.strip()
    if len(purpose.split()) < policy.purpose or len(purpose) > LONGEST_PURPOSE:
        raise DeskError(f"Dites le but en {policy.purpose} mots au moins et {LONGEST_PURPOSE} signes au plus.")
    if asked.minimum_cell is not None and asked.minimum_cell < policy.least:
        raise DeskError(f"Le nombre minimal de dossiers par case ne peut pas être inférieur à {policy.least}.")
    person = people.by_login(connection, asked.by)
    if person is None:
        raise DeskError(f"{asked.by} n'a pas de compte : voyez « triage users list ».")
    if person.state != "active" or person.role not in policy.roles:
        raise DeskError(f"Le compte de {asked.by} n'est pas ouvert, ou son rôle ne permet pas d'extraire des dossiers.")
    return person


def _drawn(
    office: Office, connection: Connection, person: Person, asked: Request, left_out: Counter[str]
) -> Iterator[_Drawn]:
    ids = labelled.received(connection, asked.since, asked.until)
    excluded, leaving = labelled.excluded_from(connection, person.id), labelled.asked(connection, ERASURE)
    read = labelled_readings(office, connection)
    for case_id, standing in labelled.states(connection, ids).items():
        why = _closed(person, standing, excluded, leaving)
        row = None if why else read.get(case_id) or row_of(office, connection, case_id, asked.confirmed_only)
        if isinstance(row, dict):
            yield _Drawn(case_id, row)
        else:
            left_out[why or row or UNREADABLE] += 1


def _still(connection: Connection, person: Person, drawn: list[_Drawn], left_out: Counter[str]) -> list[_Drawn]:
    """Those that may still leave: somebody may have had a case erased while it was read."""
    now = labelled.states(connection, (one.id for one in drawn))
    excluded, leaving = labelled.excluded_from(connection, person.id), labelled.asked(connection, ERASURE)
    kept = []
    for one in drawn:
        why = _closed(person, now[one.id], excluded, leaving) if one.id in now else ERASED
        if why:
            left_out[why] += 1
        else:
            kept.append(one)
    return kept


def _closed(person: Person, standing: Standing, excluded: set[str], leaving: set[str]) -> str:
    """Why a case does not leave; empty when it may."""
    if standing.state == "erased" or standing.id in leaving:
        return ERASED
    if standing.merged_into:
        return JOINED
    theirs = bool(person.unit) and standing.concerns == person.unit
    if standing.id in excluded or theirs or not person.covers(standing.departement, standing.force):
        return KEPT_OUT
    return ""


def _note(office: Office, connection: Connection, person: Person, asked: Request, about: str, now: datetime) -> None:
    """Writes the audit. The purpose belongs to no case: the service's own keys seal it."""
    why = office.ring.wrapping.seal(asked.purpose.strip().encode())
    audit.append(connection, office.ring, audit.Entry(now, person.id, person.role, EXPORT, "", about, why))
