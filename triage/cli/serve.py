"""`triage serve`: the HTTP front."""

from __future__ import annotations

import socket
from typing import Annotated

import typer
import uvicorn

from triage.errors import IntakeError
from triage.settings import Settings
from triage.web.app import create_app


def serve(
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute ; 127.0.0.1 sinon.")] = None,
    port: Annotated[int | None, typer.Option(help="Port d'écoute ; 8017 sinon, 0 pour un port libre.")] = None,
) -> None:
    """Sert la page et l'interface HTTP, et dit où."""
    settings = Settings()
    listener = _listen(host or settings.host, settings.port if port is None else port)
    app = create_app(settings)
    address, number = listener.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    typer.echo(f"Le guichet est ouvert : http://{shown}:{number}/ (Ctrl-C pour arrêter)")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, opened before the engine is built so that a taken port is said at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        raise IntakeError(f"Impossible d'écouter sur {host}:{port} ({error}). Choisissez un autre --port.") from error
    return listener
