"""Whether a store can be used as it is. Nothing is changed."""

from __future__ import annotations

from triage.store.database import Database, StoreError, revisions


def fault(database: Database) -> str:
    """Why it cannot, in a sentence: it does not answer, or its tables are not those of this program."""
    try:
        found = database.revision()
    except StoreError:
        return "Le registre ne répond pas."
    if found != revisions()[0]:
        return "Le registre n'est pas à la version de ce programme : lancez « triage db upgrade »."
    return ""
