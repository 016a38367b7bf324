"""Comments in JSON, however they are nested: lists of objects, threads with their answers, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from triage.comments.fields import Names, Raw, Table, name_of
from triage.comments.policy import CommentsPolicy
from triage.comments.wording import counted
from triage.errors import IntakeError

_DEEPEST = 60


def read_json(text: str, policy: CommentsPolicy) -> Table:
    """The comments of a JSON file, or of a file with one JSON object a line. Raises IntakeError."""
    data, notes = _loaded(text)
    if not isinstance(data, dict | list):
        return Table((), notes)
    walk = _Walk(policy)
    rows = tuple(walk.comments(data, 0))
    if walk.posts:
        notes = (
            *notes,
            f"{counted(walk.posts, 'publication', 'publications')} au-dessus des commentaires, sans compter parmi eux.",
        )
    return Table(rows, notes)


def _loaded(text: str) -> tuple[Any, tuple[str, ...]]:
    start = min((i for i in (text.find("["), text.find("{")) if i >= 0), default=0)
    try:
        return json.loads(text[start:].strip().rstrip(";")), ()
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise IntakeError(
                f"Ce fichier JSON est incomplet ou abîmé (ligne {getattr(error, 'lineno', 1)}). "
                "Refaites l'export, puis joignez-le tel quel."
            ) from error
    except RecursionError as error:
        raise IntakeError("Ce fichier JSON est trop imbriqué pour être lu. Refaites l'export au format CSV.") from error
    return _by_line(lines)


def _by_line(lines: list[str]) -> tuple[Any, tuple[str, ...]]:
    """One object a line; what is not JSON is counted."""
    read = []
    for line in lines:
        try:
            read.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    lost = len(lines) - len(read)
    return read, (f"{counted(lost, 'ligne illisible passée', 'lignes illisibles passées')}.",) if lost else ()


class _Walk:
    """Looks for comments in nested data; counts the posts that they answer."""

    def __init__(self, policy: CommentsPolicy) -> None:
        self._names = Names(policy)
        self._inner = [name_of(name) for name in policy.numbers.inner]
        self._threads = {name_of(name) for name in policy.numbers.threads}
        self.posts = 0

    def comments(self, data: dict[str, Any] | list[Any], depth: int) -> Iterator[Raw]:
        """Every comment in `data`, an answer after what it answers."""
        if depth > _DEEPEST:
            return
        if isinstance(data, dict):
            yield from self._own(data)
        for child in data.values() if isinstance(data, dict) else data:
            if isinstance(child, dict | list):
                yield from self.comments(child, depth + 1)

    def _own(self, data: dict[str, Any]) -> Iterator[Raw]:
        found = self._names.pick(dict(self._scalars(data)))
        if "text" not in found:
            return
        if "author" not in found and self._has_thread(data):
            self.posts += 1
        else:
            yield Raw.of(found)

    def _has_thread(self, data: dict[str, Any]) -> bool:
        return any(isinstance(value, dict | list) and name_of(name) in self._threads for name, value in data.items())

    def _scalars(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """The fields of `data` that have a value, be it in an object of their own; a text is never a number."""
        for name, field in data.items():
            value = self._value(field) if isinstance(field, dict) else field
            plain = isinstance(value, int | float) and not isinstance(value, bool) and self._names.role(name) != "text"
            if isinstance(value, str) or plain:
                yield name, str(value)

    def _value(self, data: dict[str, Any]) -> Any:  # noqa: ANN401 (any JSON)
        plain = {name_of(name): one for name, one in data.items() if isinstance(one, str | int | float)}
        return next((plain[name] for name in self._inner if plain.get(name)), None)
