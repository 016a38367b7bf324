"""What the worker does: reads evidence and sorts exports of comments until nothing waits, and sends notices."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from triage.desk import evidence
from triage.desk.case import load
from triage.desk.flood import looking
from triage.desk.notice import Mailer, send_notice
from triage.desk.office import Office
from triage.desk.queue import claiming
from triage.desk.sorting import sort_export
from triage.errors import TriageError, traced
from triage.store.cases import UnknownCaseError
from triage.store.evidence import Pending

_LOG = logging.getLogger(__name__)


def never() -> bool:
    """Nothing stops."""
    return False


def read_files(office: Office, mailer: Mailer | None, stopping: Callable[[], bool] = never) -> None:
    """Reads every exhibit that waits, exports of comments left aside.

    Between two of them, looks whether the worker is `stopping`: what is left waits for the next one.
    """
    office.database.clear_journal()

    def read(one: Pending) -> None:
        evidence.read_exhibit(office, one, _now())

    _work(office, mailer, False, read, stopping)


def sort_comments(office: Office, mailer: Mailer | None, workers: int, stopping: Callable[[], bool] = never) -> None:
    """Sorts every export that waits, the same way: one that is `stopping` leaves off after the batch begun."""

    def sort(one: Pending) -> None:
        sort_export(office, one, _now(), workers, stopping)

    _work(office, mailer, True, sort, stopping)


def end_leases(office: Office) -> None:
    """Gives back to the queue the cases whose holders do nothing any more."""
    claiming.sweep(office, _now())


def set_apart(office: Office) -> None:
    """Looks for reports used as weapons."""
    looking.try_look(office, _now())


def _work(
    office: Office,
    mailer: Mailer | None,
    exports: bool,
    work: Callable[[Pending], None],
    stopping: Callable[[], bool],
) -> None:
    """Does `work` on each exhibit that waits, `exports` or the others, each once; what fails waits a minute."""
    done: set[str] = set()
    while waiting := [one for one in evidence.waiting(office, exports) if one.exhibit_id not in done]:
        for one in waiting:
            if stopping():
                return
            done.add(one.exhibit_id)
            try:
                before = load(office, one.case_id).rank
                work(one)
                if mailer and load(office, one.case_id).rank > before:
                    send_notice(office, mailer, one.case_id)
            except UnknownCaseError:
                continue  # erased meanwhile
            except TriageError as error:
                _LOG.warning("exhibit %s waits: %s", one.exhibit_id, error)
                evidence.try_anew(office, one)
            except Exception as error:  # whatever is wrong with one must not keep the others waiting
                _LOG.error("exhibit %s waits: %s\n%s", one.exhibit_id, type(error).__name__, traced(error))


def _now() -> datetime:
    return datetime.now(UTC)
