"""The processes of a Dask cluster. Each builds its engine once, from its own rules and models: the same for all.

Dask sends pickles between its processes, and whoever reaches its ports may run what they like there: a cluster is of
machines that trust each other, on a closed network (or tls://, as Dask's own configuration has it). What a batch reads
and writes on disk is never a pickle.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import Any
from uuid import uuid4

from triage.batch.rows import BatchError, Chunk
from triage.batch.sorting import Identity, Job, Sorted, identity_of, sort_chunk
from triage.bootstrap import build_engine
from triage.engine import Engine
from triage.settings import Settings

_PATIENCE = 10  # seconds for the scheduler to answer, then for a first worker to be there
_AHEAD = 2  # chunks per thread: one at work, one waiting beside it
_building = Lock()


class ClusterCrew:
    """The workers of the scheduler at `address` (« tcp://host:port »).

    Dask does the chunks of a lost worker again elsewhere; each answer is taken once. Raises BatchError when
    `distributed` is not installed, when the scheduler does not answer or has no worker, and when workers disagree.
    """

    def __init__(self, address: str, patience: float = _PATIENCE) -> None:
        self._address = address
        self._client = _connected(address, patience)
        try:
            self.identity, self.warning = self._agreed(patience)
        except BaseException:
            self.close()
            raise

    def sort(self, chunks: Iterable[Chunk], job: Job) -> Iterator[Sorted]:
        """See `Crew`."""
        supply, batch = iter(chunks), uuid4().hex
        running = _distributed().as_completed(loop=self._client.loop)
        while True:
            while running.count() < _AHEAD * self._threads() and (chunk := next(supply, None)):
                key = f"triage-{batch}-{chunk.index}"
                running.add(self._client.submit(sort_here, chunk, job, key=key, pure=False, retries=0))
            if running.is_empty():
                return
            yield self._result(next(running))

    def close(self) -> None:
        """See `Crew`."""
        with suppress(OSError, TimeoutError):  # a scheduler that is gone
            self._client.close(timeout=_PATIENCE)

    def _threads(self) -> int:
        try:
            threads: dict[str, int] = self._client.nthreads()
        except Exception as error:  # Dask raises what its sockets do, and names of its own
            raise BatchError(_incapable(error)) from error
        return max(1, sum(threads.values()))

    def _agreed(self, patience: float) -> tuple[Identity, str | None]:
        try:
            self._client.wait_for_workers(1, timeout=patience)
        except TimeoutError as error:
            raise BatchError(f"La grappe {self._address} n'a aucun processus de calcul (« dask worker »).") from error
        try:
            found: set[tuple[Identity, str | None]] = set(self._client.gather(self._present()))
        except Exception as error:  # whatever the worker's machine lacks: triage itself, its rules, memory
            raise BatchError(_incapable(error)) from error
        if len({identity for identity, _ in found}) != 1:
            raise BatchError(
                "Les processus de la grappe n'ont pas tous les mêmes règles et le même modèle : installez partout la "
                "même version, avec le même dossier TRIAGE_DATA/models."
            )
        return next(iter(found))

    def _present(self) -> list[Any]:
        """One answer to come from each worker; as tasks, so that building an engine stops nothing else there."""
        return [
            self._client.submit(present_here, workers=[worker], pure=False, allow_other_workers=False)
            for worker in self._client.nthreads()
        ]

    def _result(self, future: Any) -> Sorted:  # noqa: ANN401 (a Dask future, whose package may be absent)
        try:
            done: Sorted = future.result()
        except (asyncio.CancelledError, Exception) as error:  # KilledWorker, a lost scheduler, a worker without triage
            raise BatchError(_incapable(error)) from error
        return done


def sort_here(chunk: Chunk, job: Job) -> Sorted:
    """Run by a Dask worker: `chunk`, sorted by the engine of its process."""
    engine, identity = _engine()
    return sort_chunk(engine, identity, chunk, job)


def present_here() -> tuple[Identity, str | None]:
    """Asked of every Dask worker first: what it sorts with, and what its engine warns of."""
    engine, identity = _engine()
    return identity, engine.warning


def _engine() -> tuple[Engine, Identity]:
    with _building:  # threads of one worker share one engine
        return _built()


@lru_cache(maxsize=1)
def _built() -> tuple[Engine, Identity]:
    engine = build_engine(Settings())
    return engine, identity_of(engine)


def _connected(address: str, patience: float) -> Any:  # noqa: ANN401
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is told in French, once
    kind = _distributed().Client
    client = kind.__new__(kind)  # by name from its first instant: see below
    try:
        client.__init__(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        # Left to Python's collector, it may be closed by the very thread that the next client waits for, and both
        # wait for the other's lock: ten seconds, then an AssertionError of Dask's.
        client.close()
        raise BatchError(
            f"La grappe {address} ne répond pas. L'adresse est celle du « dask scheduler », par exemple "
            "tcp://serveur:8786."
        ) from error
    return client


def _distributed() -> Any:  # noqa: ANN401 (a module without types, of an extra)
    try:
        return import_module("distributed")
    except ImportError as error:
        raise BatchError(
            "L'option --cluster demande un complément : installez-le par « pip install 'triage[cluster]' »."
        ) from error


def _incapable(error: BaseException) -> str:
    return (
        f"La grappe n'a pas pu trier ({type(error).__name__}). Ce qui est fait est gardé : vérifiez que ses processus "
        "ont la même version de triage et assez de mémoire (700 Mo chacun), puis relancez la même commande."
    )
