"""`triage doctor`: whether everything that the service needs is there, and how to mend what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.cli import codes
from triage.configuration import ConfigurationError
from triage.doctor.examining import examine
from triage.doctor.finding import Finding, wrong
from triage.settings import Settings

_SHOWN = {"ok": "OK", "watch": "À SURVEILLER", "mend": "À CORRIGER"}
_WIDE = max(map(len, _SHOWN.values()))


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Pour une machine.")] = False,
) -> None:
    """Examine tout ce dont le service a besoin, ne change rien, et dit comment remédier à ce qui ne va pas."""
    found = []
    for part, finding in _found():
        found.append((part, finding))
        if not as_json:
            _say(part, finding)
    mend = any(finding.state == "mend" for _, finding in found)
    if as_json:
        lines = [{"part": part, "state": one.state, "what": one.what, "mend": one.mend} for part, one in found]
        typer.echo(json.dumps({"ok": not mend, "findings": lines}, ensure_ascii=False, indent=1))
    raise typer.Exit(codes.INPUT if mend else codes.OK)


def _found() -> Iterator[tuple[str, Finding]]:
    try:
        settings = Settings()
    except ConfigurationError as error:
        for problem in error.problems:
            yield "réglages", wrong(f"{problem.where} : {problem.what}", "Corrigez-le, puis relancez cette commande.")
        return
    yield from examine(settings, datetime.now(UTC))


def _say(part: str, finding: Finding) -> None:
    typer.echo(f"{_SHOWN[finding.state]:{_WIDE}}  {part} : {finding.what}")
    if finding.mend:
        typer.echo(f"{'':{_WIDE}}  → {finding.mend}")
