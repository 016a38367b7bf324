"""Notes for the agents that a report names a unit of the directory: it may be about that unit.

Only a note: most reports name a unit because a complaint was made there. Whether the case is about it, an agent says.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, select

from triage.desk.journal import SYSTEM
from triage.desk.office import Office
from triage.document.folding import fold
from triage.store import notes
from triage.store.desk_tables import DIRECTORY
from triage.store.records import Told

_WORDS = re.compile(r"\w+")


def note_named(office: Office, connection: Connection, case_id: str, told: Told, now: datetime) -> None:
    """Notes each unit of the département, or of anywhere when it is not told, whose name is in the report."""
    said = office.policies.conduct.identity
    query = select(DIRECTORY.c.name).where(DIRECTORY.c.kind.in_(said.units))
    if told.departement:
        query = query.where(DIRECTORY.c.departement == told.departement)
    names = connection.scalars(query).all()
    text = _spaced(told.text) if names else ""
    for name in sorted({name for name in names if _spaced(name).strip() and _spaced(name) in text}):
        sealer = office.cases.sealer(connection, case_id)
        notes.add(connection, sealer, case_id, SYSTEM, said.named.replace("{unite}", name), now)


def _spaced(text: str) -> str:
    """The words, folded, with a space around each: « Brigade de Vern » is not in « brigade de Vernon »."""
    return f" {' '.join(_WORDS.findall(fold(text)))} "
