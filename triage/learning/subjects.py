"""The texts that a change of rules is tried on: those shipped with the service, or those of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from triage.engine import Engine
from triage.errors import DataError, Location, Problem
from triage.intake.report import Kind, Report
from triage.learning.build import labelled
from triage.learning.corpus import KEYS, Labels, faults
from triage.learning.evaluation import Labelled
from triage.learning.frames import record_of
from triage.learning.impact import READ_AT, Text
from triage.learning.spreading import Progress, spread
from triage.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
_LABELS = frozenset(KEYS) - {"id", "text"}


def read_texts(path: Path, labels: Labels) -> list[Text]:
    """The texts of a JSONL file: « text », « kind » and « id » if there are any, and labels, all or none of them.

    Raises DataError with every problem.
    """
    problems: list[Problem] = []
    texts: list[Text] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise DataError([Problem(Location(path), "fichier illisible : donnez un fichier .jsonl en UTF-8")]) from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            text, wrong = _text(line, number, labels)
            problems += [Problem(Location(path, number), what) for what in wrong]
            texts += [text] if text else []
    if problems or not texts:
        raise DataError(problems or [Problem(Location(path), "aucun texte à juger")])
    return texts


def evenly(items: Sequence[T], most: int) -> list[T]:
    """At most `most` of `items`, evenly spread; all of them for 0."""
    if not most or len(items) <= most:
        return list(items)
    return [items[i * len(items) // most] for i in range(most)]


def known(
    settings: Settings, engine: Engine, texts: Sequence[Text], workers: int = 0, progress: Progress = lambda _: None
) -> dict[str, Labelled]:
    """What `engine` says of shipped `texts`, by id: judged once, then kept in DATA/cache for the next trial.

    Raises IntakeError.
    """
    from triage.learning.analysis.cache import code_digest, kept, key_of  # pandas, which takes a second to import

    model = f"{engine.model.version} {engine.model.thresholds}" if engine.model else "aucun"
    told = (f"{one.id} {one.report.kind} {one.report.text}" for one in texts)
    key = key_of("rules impact", engine.catalogue.digest, model, code_digest(), *told)
    frame = kept(settings.data / "cache" / "impact", key, lambda: _judged(engine, texts, workers, progress))
    columns = ("id", "engine_threats", "engine_primary", "engine_disposition", "engine_red_flags")
    rows = zip(*(frame[name] for name in columns), strict=True)
    return {
        str(one): Labelled(frozenset(types), str(primary), str(level), frozenset(flags))
        for one, types, primary, level, flags in rows
    }


def _judged(engine: Engine, texts: Sequence[Text], workers: int, progress: Progress) -> pd.DataFrame:
    import pandas as pd

    said = spread(lambda place: labelled(texts[place].judged(engine).assessment), len(texts), workers, progress)
    return pd.DataFrame(
        {
            "id": [one.id for one in texts],
            "engine_threats": [tuple(sorted(one.threats)) for one in said],
            "engine_primary": [one.primary for one in said],
            "engine_disposition": [one.disposition for one in said],
            "engine_red_flags": [tuple(sorted(one.red_flags)) for one in said],
        }
    )


def _text(line: str, number: int, labels: Labels) -> tuple[Text | None, list[str]]:
    """One line of a file, and what is wrong with it."""
    try:
        record: Any = record_of(line)
    except ValueError as error:
        return None, [str(error)]
    if not isinstance(record, dict):
        return None, ["une ligne est un objet JSON"]
    record = {"id": f"ligne {number}", **record}
    with_labels = not _LABELS.isdisjoint(record)
    wrong = list(faults(record, labels)) if with_labels else list(_plain_faults(record))
    if wrong:
        return None, wrong
    report = Report(record["text"], record.get("kind", "report"))
    return Text(str(record["id"]), report, _gold(record) if with_labels else None, READ_AT), []


def _plain_faults(record: Mapping[str, Any]) -> list[str]:
    found = []
    if not isinstance(record.get("text"), str) or not record["text"].strip():
        found.append("« text » est vide ou absent")
    if record.get("kind", "report") not in get_args(Kind):
        found.append(f"« kind » inconnu : {record['kind']}")
    return found


def _gold(record: Mapping[str, Any]) -> Labelled:
    return Labelled(
        frozenset(record["threats"]), record["primary"], record["disposition"], frozenset(record["red_flags"])
    )
