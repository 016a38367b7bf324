"""Reads the knowledge in `rules/` (YAML) and says on which line a value stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from triage.errors import Location, Problem

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # libyaml is absent: slower, same result
    from yaml import SafeLoader as _Base  # type: ignore[assignment]


class SafeLoader(_Base):
    """YAML in which « on », « no » and « y » are words, as they are in French; only true and false are booleans."""


SafeLoader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
SafeLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


# What PyYAML raises of a value that is not what it looks like: a day that no calendar has, a tag that does not fit.
_IMPOSSIBLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class _Placing(SafeLoader):
    """Says on which line such a value stands; slower, hence only where there is one."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401 (any YAML)
        try:
            return super().construct_object(node, deep)
        except _IMPOSSIBLE as error:
            raise yaml.MarkedYAMLError(problem="valeur impossible", problem_mark=node.start_mark) from error


def _loaded(text: str) -> Any:  # noqa: ANN401 (any YAML)
    """What `text` holds. Raises yaml.YAMLError, whatever is wrong with it."""
    try:
        try:
            return yaml.load(text, Loader=SafeLoader)  # noqa: S506 (safe loader)
        except _IMPOSSIBLE:
            return yaml.load(text, Loader=_Placing)  # noqa: S506 (safe loader)
    except RecursionError as error:
        raise yaml.YAMLError("trop de niveaux") from error


@dataclass(frozen=True)
class DataFile:
    """One YAML mapping and the file that it came from."""

    path: Path
    data: dict[str, Any]

    def location(self, *keys: str | int) -> Location:
        """Where `keys` (a path of mapping keys and list indexes) stands in the file.

        Lines are looked up only when a problem is reported, so that loading stays fast.
        """
        text = self.path.read_text(encoding="utf-8")
        front = _FRONT.match(text) if self.path.suffix == ".md" else None
        node: yaml.Node | None = yaml.compose("---\n" + front[1] if front else text, Loader=SafeLoader)
        line = 1
        for key in keys:
            child = _child(node, key) if node else None
            if child is None:
                break
            node, line = child
        return Location(self.path, line)

    def problem(self, what: str, *keys: str | int, severity: str = "erreur") -> Problem:
        """A problem of this file at the line where `keys` stands."""
        return Problem(self.location(*keys), what, severity)


@dataclass(frozen=True)
class Line:
    """A paragraph or a bullet of a Markdown file, and the line where it begins."""

    text: str
    line: int


@dataclass(frozen=True)
class MarkdownFile:
    """A Markdown file: its front matter, and under each « ## title » its paragraphs and bullets."""

    path: Path
    front: DataFile
    sections: dict[str, tuple[Line, ...]]

    def problem(self, what: str, line: int) -> Problem:
        """A problem of this file at `line`."""
        return Problem(Location(self.path, line), what)


def _child(node: yaml.Node, key: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return value, name.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key].start_mark.line + 1
    return None


def read(path: Path, problems: list[Problem]) -> DataFile | None:
    """The mapping in `path`; unreadable files add to `problems` and give None."""
    try:
        data = _loaded(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(Problem(Location(path), f"fichier illisible ({error.strerror})"))
        return None
    except UnicodeDecodeError:
        problems.append(Problem(Location(path), "fichier qui n'est pas en UTF-8 : enregistrez-le en UTF-8"))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "syntaxe incorrecte"
        problems.append(Problem(Location(path, mark.line + 1 if mark else 0), f"YAML illisible : {reason}"))
        return None
    if not isinstance(data, dict):
        problems.append(Problem(Location(path, 1), "le fichier doit contenir des champs « nom: valeur »"))
        return None
    return DataFile(path, data)


def read_all(folder: Path, problems: list[Problem]) -> Iterator[DataFile]:
    """Every YAML file under `folder`, in the order of their names."""
    for path in sorted(folder.rglob("*.yaml")):
        file = read(path, problems)
        if file is not None:
            yield file


_FRONT = re.compile(r"---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)
_TITLE = "## "
_BULLET = "- "


def read_markdown(path: Path, problems: list[Problem]) -> MarkdownFile | None:
    """The Markdown file in `path`; one without front matter, or unreadable, adds to `problems` and gives None."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(Location(path), "fichier illisible : il doit exister et être en UTF-8"))
        return None
    front = _FRONT.match(text)
    if front is None:
        problems.append(Problem(Location(path, 1), "le fichier commence par un en-tête entre deux lignes « --- »"))
        return None
    data = _front_matter(path, front[1], problems)
    return MarkdownFile(path, DataFile(path, data), _sections(text, front.end())) if data is not None else None


def _front_matter(path: Path, text: str, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        data = _loaded(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(Problem(Location(path, mark.line + 2 if mark else 1), "en-tête YAML illisible"))
        return None
    if not isinstance(data, dict):
        problems.append(Problem(Location(path, 1), "l'en-tête doit contenir des champs « nom: valeur »"))
        return None
    return data


def _sections(text: str, start: int) -> dict[str, tuple[Line, ...]]:
    """Paragraphs and bullets by title; a line that goes on a bullet or paragraph is joined to it."""
    sections: dict[str, list[Line]] = {}
    current: list[Line] = []
    fresh = True
    first = text.count("\n", 0, start) + 1
    for number, raw in enumerate(text[start:].split("\n"), first):
        line = raw.strip()
        if line.startswith(_TITLE):
            current = sections.setdefault(line.removeprefix(_TITLE).strip(), [])
            fresh = True
        elif not line:
            fresh = True
        elif line.startswith(_BULLET) or fresh or not current:
            current.append(Line(line.removeprefix(_BULLET).strip(), number))
            fresh = False
        else:
            current[-1] = Line(f"{current[-1].text} {line}", current[-1].line)
    return {title: tuple(lines) for title, lines in sections.items()}
