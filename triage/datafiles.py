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


@dataclass(frozen=True)
class DataFile:
    """One YAML mapping and the file that it came from."""

    path: Path
    data: dict[str, Any]

    def location(self, *keys: str | int) -> Location:
        """Where `keys` (a path of mapping keys and list indexes) stands in the file.

        Lines are looked up only when a problem is reported, so that loading stays fast.
        """
        node: yaml.Node | None = yaml.compose(self.path.read_text(encoding="utf-8"), Loader=SafeLoader)
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
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=SafeLoader)  # noqa: S506 (safe loader)
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
