"""What people may ask of what is held about them: a copy of all of it, and its erasure."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import erasing, journal
from triage.desk.case import load
from triage.desk.dossier import case_file
from triage.desk.erasing import Outcome
from triage.desk.forgetting import held
from triage.desk.handling import conversing
from triage.desk.handling.opening import permitted
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.trail import number
from triage.dossier.archive import as_zip
from triage.dossier.packing import entry
from triage.dossier.texts import DossierTexts
from triage.store import people, trail
from triage.store.people import Person

_EVERY = 1_000_000
_UNSAFE = re.compile(r"[^\w.-]+")
EXPORTED, ASKED = "subject.export", "subject.erase"
_KEPT = (
    "Ce dossier a été transmis à un service d'enquête : il est conservé et ne s'efface pas d'ici. La demande se fait "
    "auprès de ce service."
)
_README = """\
Dossier {reference} : tout ce que le service garde, le {day}.

- donnees.json : ce que la personne a raconté, envoyé et reçu.
- dossier/ : le même dossier à lire (PDF, lettres) et les pièces d'origine.
- echanges/ : les fichiers envoyés par les agents.
- interne/ : ce que les agents ont noté, décidé et relu, et qui a ouvert le dossier.

À relire avant de remettre « interne/ » à quelqu'un : des tiers y sont nommés, et une enquête peut en dépendre.
Les agents y sont désignés par un numéro propre à ce dossier. Les empreintes qui comparent les récits n'y sont pas :
sans la clé du service elles ne disent rien.
"""


@dataclass(frozen=True)
class Asker:
    """Who asks: somebody of the desk, or nobody but the official, by the code of their case."""

    person: Person | None

    def check(self, office: Office, connection: Connection, case_id: str) -> None:
        """Raises ForbiddenError, UnknownCaseError for somebody of the desk who may not see the case."""
        if self.person:
            permitted(office, connection, self.person, case_id)

    @property
    def name(self) -> Person | str:
        """For the audit."""
        return self.person or journal.OFFICIAL


def export_case(office: Office, asker: Asker, case_id: str, texts: DossierTexts, operator: str, now: datetime) -> bytes:
    """All that is held about a case, as a ZIP; the audit keeps that it was taken.

    Raises ForbiddenError, UnknownCaseError, DossierError, StoreError.
    """
    with office.database.read() as connection:
        asker.check(office, connection, case_id)
    case = load(office, case_id)
    made = as_zip(case_file(office, case, operator, now, originals=True), texts)
    with office.database.read() as connection:
        sealer = office.cases.sealer(connection, case_id)
        found = held.of_case(connection, sealer, case_id)
        who = {one.id: f"agent {number(office, case_id, one.id)}" for one in people.everybody(connection)}
        acts = trail.of_case(connection, case_id, limit=_EVERY)
    files = conversing.files_of(office, case_id)
    sent = {
        f"{place:02d}-{_UNSAFE.sub('_', one.name)}": one.id
        for place, one in enumerate((one for several in files.values() for one in several), 1)
    }
    told = {name: rows for name, rows in found.items() if name in held.TOLD}
    desk = {name: rows for name, rows in found.items() if name not in held.TOLD} | {
        "audit": [{"at": one.at, "who": one.who, "what": one.what} for one in acts]
    }
    parts = {
        "LISEZ-MOI.txt": _README.format(reference=case.reference, day=now.date().isoformat()).encode(),
        "donnees.json": held.as_json(told, who),
        "interne/donnees.json": held.as_json(desk, who),
        **{f"echanges/{name}": conversing.file_of(office, case_id, file_id)[1] for name, file_id in sent.items()},
    }
    packed = _packed(parts, made, now)
    with office.database.write() as connection:
        asker.check(office, connection, case_id)
        journal.record(office, connection, asker.name, EXPORTED, now, case_id)
    return packed


def export_account(office: Office, by: Person, login: str, now: datetime) -> bytes:
    """What is held of an agent, as JSON, for themselves or an administrator. Raises DeskError."""
    with office.database.write() as connection:
        person = people.by_login(connection, login)
        if person is None:
            raise DeskError(f"{login} n'a pas de compte : voyez « triage users list ».")
        if by.id != person.id and not may(by, Right.ADMINISTER):
            raise DeskError("Seul un administrateur, ou la personne elle-même, obtient ce qui est gardé d'un compte.")
        found = held.of_account(connection, person)
        journal.record(office, connection, by, EXPORTED, now, about=person.id)
    return held.as_json(found, {})


def erase_case(office: Office, asker: Asker, case_id: str, now: datetime) -> Outcome:
    """Erases the case as its page does: at once, or as a request that an agent decides. The audit keeps that it was
    asked. Raises DeskError when it was transmitted, ForbiddenError, UnknownCaseError, StoreError.
    """
    with office.database.write() as connection:
        asker.check(office, connection, case_id)
        case = office.cases.get(connection, case_id)
        journal.record(office, connection, asker.name, ASKED, now, case_id, about=erasing.possible(case))
    outcome = erasing.erase(office, case_id, now)
    if outcome == "kept":
        raise DeskError(_KEPT)
    return outcome


def _packed(parts: dict[str, bytes], dossier: bytes, now: datetime) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, zipfile.ZipFile(io.BytesIO(dossier)) as inner:
        for name, content in parts.items():
            archive.writestr(entry(name, now), content, zipfile.ZIP_DEFLATED)
        for name in inner.namelist():
            archive.writestr(entry(f"dossier/{name}", now), inner.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()
