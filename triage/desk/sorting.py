"""Exports of comments, sorted in the background batch by batch: the hostile are kept, the harmless only counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from triage.comments.export import as_csv
from triage.comments.running import Progress, run
from triage.comments.sandbox import parse_safely
from triage.desk.case import reassess_within
from triage.desk.office import Office
from triage.errors import IntakeError, TriageError
from triage.store import evidence
from triage.store.evidence import Pending

DROPPED = (
    "Seuls les commentaires hostiles de cet export sont gardés ici. L'empreinte est celle du fichier reçu : "
    "conservez-le, un enquêteur peut le demander."
)


class StoppedError(TriageError):
    """The service stops: what was sorted is kept, the rest is for the next worker."""


def sort_export(
    office: Office,
    pending: Pending,
    now: datetime,
    workers: int,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Sorts one export from where it was left; the store keeps how far it is after each batch.

    At the end only the hostile comments are kept of the file, and the case is assessed anew. Raises StoreError, and
    begins again where it stopped; an export that never gets further is given up after a few tries. Raises StoppedError
    after a batch when the worker is `stopping`: that is no try.
    """
    with office.database.write() as connection:
        evidence.try_once(connection, pending.exhibit_id)
        sealer = office.cases.sealer(connection, pending.case_id)
        content = evidence.original(connection, sealer, pending.exhibit_id)
        case = office.cases.get(connection, pending.case_id)
    exhibit = next(one for one in case.exhibits if one.id == pending.exhibit_id)
    try:
        export = parse_safely(content)
    except IntakeError as error:
        with office.database.write() as connection:
            about = exhibit.about.model_copy(update={"notes": (str(error),)})
            evidence.settle(connection, sealer, exhibit.id, "unread", about, None)
        return
    start = next((Progress.from_json(dict(r.progress)) for r in case.runs if r.exhibit_id == exhibit.id), Progress())
    total = len(export.comments)

    def save(progress: Progress) -> None:
        with office.database.write() as connection:
            office.cases.sealer(connection, pending.case_id)  # erased meanwhile: nothing more is kept
            evidence.save_run(connection, sealer, exhibit.id, progress.position, total, progress.as_json())
            if progress.position > start.position or stopping():
                evidence.try_anew(connection, exhibit.id)
        if stopping():
            raise StoppedError("Le tri s'arrête avec le service, et reprendra où il en est.")

    save(start)
    author_key = office.ring.digest("authors", pending.case_id)
    done = run(office.engine, export, now, author_key, start, save, workers, office.comments)
    about = exhibit.about.model_copy(update={"notes": (*export.notes, DROPPED)})
    with office.database.write() as connection:
        evidence.drop_original(connection, sealer, exhibit.id, as_csv(done.kept, office.comments).encode())
        evidence.settle(connection, sealer, exhibit.id, "read", about, None)
        reassess_within(office, connection, pending.case_id, "comments", now)
