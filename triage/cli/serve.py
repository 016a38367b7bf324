"""`triage serve`: the HTTP front, and the worker beside it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from triage import logs
from triage.bootstrap import build_database
from triage.cli.beside import Worker
from triage.errors import IntakeError
from triage.settings import Settings
from triage.store.database import StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Config

_FACTORY = "triage.web.app:from_environment"
# Connections that may wait, those of the seconds in which the service starts included.
_WAITING = 1024
# Seconds without a word after which one of several processes is replaced. Starting takes a few; on a machine that is
# starved it took more than sixty, and a process that is replaced then starts anew, for ever.
_SILENT = 300
# The first file descriptor that systemd passes on (sd_listen_fds(3)).
_PASSED = 3


def serve(
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute ; 127.0.0.1 sinon.")] = None,
    port: Annotated[int | None, typer.Option(help="Port d'écoute ; 8017 sinon, 0 pour un port libre.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Processus qui répondent.")] = 1,
    worker: Annotated[bool, typer.Option(help="Lance aussi « triage worker ».")] = True,
) -> None:
    """Sert le guichet et l'interface HTTP, et dit où."""
    settings = Settings()
    logs.configure(settings, "serve")
    listener = _passed() or _listen(host or settings.host, settings.port if port is None else port)
    _make_tables(settings)
    signal.signal(signal.SIGTERM, _stopped)
    config = _configured(settings, processes)
    typer.echo(f"Le guichet est ouvert : {_shown(listener)} (Ctrl-C pour arrêter)")
    with ExitStack() as beside:
        if worker:
            beside.enter_context(Worker(settings.grace))
        beside.enter_context(_counting(processes))
        _answer(config, listener)


def _configured(settings: Settings, processes: int) -> Config:
    """How requests are answered; the engine is built here for one process, by each of several."""
    from uvicorn import Config  # the front takes time to import, which other commands never pay

    from triage.web.patient import Patient

    return Config(
        _application(settings) if processes == 1 else _FACTORY,
        factory=processes > 1,
        workers=processes,
        http=Patient,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.grace,
        timeout_worker_healthcheck=_SILENT,
    )


def _application(settings: Settings) -> FastAPI:
    from triage.web.app import create_app

    return create_app(settings)


def _answer(config: Config, listener: socket.socket) -> None:
    """Until it is told to stop: then nobody new is let in, and those who are there are answered."""
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    if config.workers == 1:
        Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


@contextmanager
def _counting(processes: int) -> Iterator[None]:
    """Where several processes add up their figures."""
    if processes == 1:
        yield
        return
    from triage.web.counting import SHARED

    with TemporaryDirectory(prefix="triage-figures-", ignore_cleanup_errors=True) as folder:
        os.environ[SHARED] = folder
        yield


def _make_tables(settings: Settings) -> None:
    """The store, brought to this version; one that does not answer does not stop the guichet from advising."""
    try:
        build_database(settings).upgrade()
    except StoreError as error:
        typer.echo(f"ATTENTION : {error} Les récits ne seront pas enregistrés tant qu'il ne répond pas.", err=True)


def _stopped(_signal: int, _frame: object) -> None:
    """SIGTERM, once requests are answered or before any is: ends as a command that did its work."""
    raise SystemExit(0)


def _passed() -> socket.socket | None:
    """The listening socket that systemd keeps for this process across its restarts, if it does (LISTEN_FDS)."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    listener = socket.socket(fileno=_PASSED)
    listener.set_inheritable(False)
    return listener


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, opened before the engine is built so that a taken port is said at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # The protocol is named: asyncio sends at once (TCP_NODELAY) only on sockets that say it, else 40 ms later.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_WAITING)
    except (OSError, OverflowError) as error:
        raise IntakeError(f"Impossible d'écouter sur {host}:{port} ({error}). Choisissez un autre --port.") from error
    return listener


def _shown(listener: socket.socket) -> str:
    address = listener.getsockname()
    if isinstance(address, str):
        return address
    host, number = address[:2]
    return f"http://[{host}]:{number}/" if ":" in host else f"http://{host}:{number}/"
