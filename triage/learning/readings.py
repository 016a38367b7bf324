"""Reports read blind in the desk, as labelled data: what two readers agree on, or what was decided between them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from triage.desk.decided import all_types, messages_of
from triage.desk.handling.settling import settled_readings
from triage.desk.office import Office
from triage.desk.understanding import with_messages
from triage.learning.drawing import engine_said, row_of
from triage.store import labelled
from triage.store.records import Case
from triage.store.samples import Reading
from triage.threats.kinds import OUTPUTS

READ = "relecture"


def labelled_readings(office: Office, connection: Connection) -> dict[str, dict[str, Any]]:
    """Case → its row, with the columns of `drawing.row_of` and « relecture » as its decision.

    A case that the agent who handled it judged is left to them: they had all of it before them. The text is what was
    read, not pseudonymised; the engine's columns are what it had said before anybody read.
    """
    found: dict[str, dict[str, Any]] = {}
    for case_id, (reading, since) in settled_readings(office, connection).items():
        row = row_of(office, connection, case_id, confirmed_only=False)
        if isinstance(row, str) or row["decision"]:
            continue
        sealer = office.cases.sealer(connection, case_id)
        said = labelled.said_before(connection, sealer, case_id, since)
        text = _text(office.cases.get(connection, case_id), reading)
        found[case_id] = {**row, "text": text, **_truth(reading), **(engine_said(said) if said else {})}
    return found


def _text(case: Case, reading: Reading) -> str:
    """What was read: what was told or written since is not."""
    if not reading.seen:
        return with_messages(case.told.text, messages_of(case))
    characters, messages = (int(one) for one in reading.seen.split("."))
    return with_messages(case.told.text[:characters], messages_of(case)[:messages])


def _truth(reading: Reading) -> dict[str, Any]:
    types = all_types(reading.types)
    types = types[:1] if types[0] in OUTPUTS else types
    labels = {"threats": list(types), "primary": types[0], "red_flags": list(reading.flags)}
    return {**labels, "disposition": reading.level, "decision": READ, "sources": ""}
