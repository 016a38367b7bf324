"""What processes write of their work on the standard error: facts and places in the code, nothing that people wrote.

A message of an error may hold what somebody told, a library's message may too: of an error only its type and where
it was raised are kept, of a library only which line of it spoke, unless its messages are known to hold nothing.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from triage.errors import traced

if TYPE_CHECKING:
    from structlog.types import EventDict, Processor

    from triage.settings import Settings

# Ours, and libraries that speak of processes and jobs alone.
_KNOWN = ("triage", "uvicorn", "huey")
# What a line may say beside its event.
_FIELDS = ("method", "route", "status", "ms")
_WARNED = re.compile(r"(?P<place>.+:\d+): (?P<kind>\w+):")
_LOG = logging.getLogger(__name__)


class _Raised(Protocol):
    """What the hooks of threads and of finalizers are given."""

    @property
    def exc_value(self) -> BaseException | None: ...


class _Written(logging.StreamHandler[Any]):
    """The standard error; a line that cannot be made is lost, for the usual complaint would quote what it holds."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (as logging names it)
        """Goes on."""


class _Plain(logging.Formatter):
    """A line for a person at a terminal."""

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 (as logging names it)
        """The error without its message."""
        return f"{type(ei[1]).__name__}\n{traced(ei[1])}" if ei[1] else ""


def quiet() -> None:
    """For commands: what is serious is one plain line, and no message of an error is shown."""
    if logging.lastResort:
        logging.lastResort.setFormatter(_Plain())


def configure(settings: Settings, process: str) -> None:
    """For what runs day and night: one line an event (`log_format`), from `log_level` on. `process` says who speaks."""
    import structlog  # takes a quarter of a second to import, which commands never pay
    from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

    def speaking(_logger: object, _name: str, event: EventDict) -> EventDict:
        return {"process": process, **event}

    json = settings.log_format == "json"
    line: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if json else _text()
    seen: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        ExtraAdder(_FIELDS),
        add_log_level,
        add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        speaking,
        _told,
    ]
    handler = _Written()
    shown: list[Processor] = [_bare, ProcessorFormatter.remove_processors_meta, line]
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=seen, processors=shown))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    logging.getLogger("triage").setLevel(settings.log_level.upper())
    root.setLevel(max(logging.WARNING, logging.getLogger("triage").level))
    logging.captureWarnings(True)
    _hook()


def _text() -> Processor:
    import structlog

    return structlog.dev.ConsoleRenderer(colors=False, timestamp_key="time", exception_formatter=lambda *_: None)


def _told(_logger: object, _name: str, event: EventDict) -> EventDict:
    """A library's line: where it spoke from, but for those whose messages are known."""
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] in _KNOWN:
        return event
    warned = _WARNED.match(event["event"]) if record.name == "py.warnings" else None
    event["event"] = f"warning: {warned['kind']}" if warned else "a library spoke"
    event["place"] = warned["place"] if warned else f"{record.module}:{record.funcName}:{record.lineno}"
    return event


def _bare(_logger: object, _name: str, event: EventDict) -> EventDict:
    """The error without its message."""
    raised = event.pop("exc_info", None)
    error = raised[1] if isinstance(raised, tuple) else sys.exc_info()[1] if raised is True else raised
    event.pop("stack_info", None)
    if isinstance(error, BaseException):
        event["error"], event["where"] = type(error).__name__, traced(error)
    return event


def _hook() -> None:
    """What nobody caught is told the same way."""

    def ended(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            _fault("the process fails", error)

    sys.excepthook = ended
    threading.excepthook = _hooked("a thread fails")
    sys.unraisablehook = _hooked("something fails aside")


def _hooked(what: str) -> Callable[[_Raised], None]:
    def hook(raised: _Raised) -> None:
        if raised.exc_value and not isinstance(raised.exc_value, SystemExit):
            _fault(what, raised.exc_value)

    return hook


def _fault(what: str, error: BaseException) -> None:
    _LOG.error(what, exc_info=(type(error), error, error.__traceback__))
