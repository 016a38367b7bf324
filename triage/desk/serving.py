"""Follows which model is put into service, so that another one serves without a restart and without a request lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from triage.engine import Engine
from triage.errors import TriageError, traced
from triage.intake.report import Report
from triage.threats.modelfile import KINDS, Shelf, current, load_version

_LOG = logging.getLogger(__name__)
_EVERY = 0.5  # seconds between two looks at the pointers
_TRIAL = datetime(2026, 1, 15, 9, 0)  # any moment: the answer is thrown away
_Seen = tuple[tuple[int, int] | None, ...]


class Follower:
    """Looks at the pointers of `shelves`, from the moment it is made: make it before the engine that serves first."""

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self._shelves = shelves
        self._seen = self._pointers()

    @contextmanager
    def following(self, engine: Engine, swap: Callable[[Engine], None]) -> Iterator[None]:
        """While inside, `swap` is given each engine that is to serve from then on, in place of `engine` at first.

        A thread reads the new model while the old one goes on; nobody waits. A model that is refused is told once in
        the log, and the one that served goes on, with a warning.
        """
        stop = threading.Event()

        def follow() -> None:
            serving = engine
            while not stop.wait(_EVERY):
                try:
                    serving = self._looked(serving, swap)
                except Exception as error:  # what is done with a new engine may fail, and the next one is still awaited
                    _LOG.error("the change of model failed: %s\n%s", type(error).__name__, traced(error))

        thread = threading.Thread(target=follow, name="follower", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _looked(self, serving: Engine, swap: Callable[[Engine], None]) -> Engine:
        """The engine that serves after a look."""
        seen = self._pointers()
        if seen == self._seen:
            return serving
        self._seen = seen
        after = self._named(serving)
        swap(after)
        return after

    def _named(self, serving: Engine) -> Engine:
        """The engine with the model that is named now, or the same as before with a warning."""
        try:
            model = load_version(current(self._shelves), self._shelves)
            engine = replace(serving, model=model, warning=None)
            for kind in KINDS:  # what does not go with these rules fails here, and not before somebody
                engine.assess(Report("Bonjour.", kind), _TRIAL)
        except TriageError as error:
            refused = str(error)
        except Exception as error:  # a model that breaks in a way of its own must not end this thread
            refused = f"le modèle ne va pas avec ces règles ({type(error).__name__})"
        else:
            return engine
        _LOG.warning("model refused, the one before goes on: %s", refused)
        kept = serving.model.version if serving.model else "aucun"
        return replace(serving, warning=f"{refused} : le modèle qui servait continue ({kept}).")

    def _pointers(self) -> _Seen:
        """What tells that a pointer was written again."""
        return tuple(_stamp(shelf) for shelf in self._shelves)


def _stamp(shelf: Shelf) -> tuple[int, int] | None:
    try:
        found = shelf.pointer.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
