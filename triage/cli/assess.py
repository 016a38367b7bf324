"""`triage assess`: one report to read, or a file of them to sort."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from triage.bootstrap import build_engine
from triage.cli.printing import print_diagnostic
from triage.diagnostic.calendar import as_calendar
from triage.diagnostic.contract import as_json
from triage.diagnostic.export import diagnostic_json
from triage.diagnostic.forms import as_html, as_markdown
from triage.engine import Engine
from triage.errors import DataError, IntakeError, Location, Problem
from triage.intake.moment import in_paris
from triage.intake.report import Report, decode
from triage.settings import Settings


def assess(
    source: Annotated[
        Path | None, typer.Argument(help="Récit (texte) ou récits (.jsonl) ; entrée standard sinon.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Fichier JSONL à écrire.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Donne chaque indice, sa règle et ses qualificatifs.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Donne le JSON au lieu du diagnostic à lire.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Donne le diagnostic en Markdown.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Donne le diagnostic en HTML, à insérer dans une page.")] = False,
    ics: Annotated[
        Path | None, typer.Option("--ics", help="Écrit aussi les échéances dans un fichier d'agenda.")
    ] = None,
    situation: Annotated[
        list[str] | None,
        typer.Option("--situation", help="Ce qu'on sait de plus, par exemple role:maire ou lieu:la_reunion."),
    ] = None,
    message: Annotated[
        bool, typer.Option("--message", help="Le texte est celui de l'attaquant, mot pour mot.")
    ] = False,
) -> None:
    """Trie un récit et affiche le diagnostic, ou trie un fichier JSONL de récits."""
    if sum((as_json_, markdown, html, output is not None)) > 1:
        raise IntakeError("Choisissez une seule forme : --json, --markdown, --html ou --output.")
    settings = Settings()
    console = Console(stderr=True)
    raw = _read(source)
    engine = build_engine(settings)
    if engine.warning:
        console.print(f"[yellow]{engine.warning}[/yellow]")
    if source is not None and source.suffix == ".jsonl":
        _many(engine, source, raw, output, console)
        return
    text, note = decode(raw)
    now = datetime.now(UTC)  # what is told now: « le 3 mars » says how long ago
    traits = engine.composer.observer.checked(situation or ())
    report = Report(text, "message" if message else "report", now, notes=(note,) if note else (), traits=traits)
    triaged = engine.assess(report, now)
    diagnostic = engine.composer.make(triaged)
    if ics is not None:
        _write(ics, as_calendar(diagnostic))
    if output is not None:
        _write(output, json.dumps(as_json(engine.composer, triaged), ensure_ascii=False) + "\n")
    elif as_json_:
        whole = {**as_json(engine.composer, triaged), "diagnostic": diagnostic_json(diagnostic)}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    elif markdown or html:
        typer.echo(as_markdown(diagnostic) if markdown else as_html(diagnostic))
    else:
        print_diagnostic(diagnostic, triaged, explain)


def _read(source: Path | None) -> bytes:
    if source is None or str(source) == "-":
        if sys.stdin.isatty():
            typer.echo("Écrivez le récit, puis Ctrl-D :", err=True)
        return sys.stdin.buffer.read()
    try:
        return source.read_bytes()
    except OSError as error:
        reason = (
            "fichier introuvable" if isinstance(error, FileNotFoundError) else f"lecture impossible ({error.strerror})"
        )
        raise IntakeError(f"{source} : {reason}.") from error


def _many(engine: Engine, source: Path, raw: bytes, output: Path | None, console: Console) -> None:
    """Every line of a JSONL file, in order; a line that cannot be triaged gives an `error`, never a silence."""
    text, _ = decode(raw)
    lines = [(i, line) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    problems: list[Problem] = []
    with Progress(console=console, transient=True) as progress:
        results = _results(engine, source, progress.track(lines, description="Tri des récits"), problems)
        written = [json.dumps(result, ensure_ascii=False) for result in results]
    if output is None:
        typer.echo("\n".join(written))
    else:
        _write(output, "".join(line + "\n" for line in written))
    if problems:
        raise DataError(problems)


def _results(
    engine: Engine, source: Path, lines: Iterable[tuple[int, str]], problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for number, line in lines:
        try:
            report = _report(line)
            yield as_json(engine.composer, engine.assess(report, now), report.id)
        except IntakeError as error:
            problems.append(Problem(Location(source, number), str(error)))
            yield {"id": _identifier(line), "error": str(error)}


def _report(line: str) -> Report:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise IntakeError(f"JSON illisible : {error.msg}") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise IntakeError("chaque ligne est un objet JSON avec au moins « text »")
    kind = record.get("kind", "report")
    if kind not in ("report", "message"):
        raise IntakeError("« kind » vaut « report » ou « message »")
    return Report(record["text"], kind, _moment(record.get("received_at")), str(record.get("id", "")))


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return in_paris(datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError) as error:
        raise IntakeError("« received_at » est une date ISO 8601, par exemple 2026-03-01T22:15:00+01:00") from error


def _identifier(line: str) -> str:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return ""
    return str(record.get("id", "")) if isinstance(record, dict) else ""


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise IntakeError(f"{output} : écriture impossible ({error.strerror}).") from error
