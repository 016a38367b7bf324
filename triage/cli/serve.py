"""`triage serve`: the HTTP front, and the worker beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from triage.bootstrap import build_database
from triage.errors import IntakeError
from triage.settings import Settings
from triage.store.database import StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI

_FACTORY = "triage.web.app:from_environment"
# Connections that may wait, those of the seconds in which the service starts included.
_WAITING = 1024


def serve(
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute ; 127.0.0.1 sinon.")] = None,
    port: Annotated[int | None, typer.Option(help="Port d'écoute ; 8017 sinon, 0 pour un port libre.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Processus qui répondent.")] = 1,
    worker: Annotated[bool, typer.Option(help="Lance aussi « triage worker ».")] = True,
) -> None:
    """Sert le guichet et l'interface HTTP, et dit où."""
    import uvicorn  # the front takes time to import, which other commands never pay
    from uvicorn.supervisors import Multiprocess

    settings = Settings()
    listener = _listen(host or settings.host, settings.port if port is None else port)
    _make_tables(settings)
    app = _application(settings) if processes == 1 else _FACTORY
    address, number = listener.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    typer.echo(f"Le guichet est ouvert : http://{shown}:{number}/ (Ctrl-C pour arrêter)")
    if worker:
        threading.Thread(target=_keep_working, daemon=True).start()
    quiet = {"log_level": "warning", "access_log": False, "server_header": False}
    config = uvicorn.Config(app, factory=processes > 1, workers=processes, **quiet)  # type: ignore[arg-type]
    if processes == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


def _application(settings: Settings) -> FastAPI:
    from triage.web.app import create_app

    return create_app(settings)


def _make_tables(settings: Settings) -> None:
    """The store, brought to this version; one that does not answer does not stop the guichet from advising."""
    try:
        build_database(settings).upgrade()
    except StoreError as error:
        typer.echo(f"ATTENTION : {error} Les récits ne seront pas enregistrés tant qu'il ne répond pas.", err=True)


def _keep_working() -> None:
    """A worker beside the front, started again when it ends. It ends with this process."""
    command = [sys.executable, "-m", "triage", "worker", "--follow", str(os.getpid())]
    while True:
        subprocess.run(command, check=False)  # noqa: S603 (our own command)
        threading.Event().wait(2)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, opened before the engine is built so that a taken port is said at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_WAITING)
    except (OSError, OverflowError) as error:
        raise IntakeError(f"Impossible d'écouter sur {host}:{port} ({error}). Choisissez un autre --port.") from error
    return listener
