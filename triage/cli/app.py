"""One Typer application; each command, or group of commands, has a module of its own, read when it is asked for.

Whoever serves the guichet would otherwise keep in memory, and wait for, all that analysts work with.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

# The name of a command → its module, and what is a command in it: a function, or a group of them (`app`).
_COMMANDS = {
    "assess": "assess:assess",
    "train": "train:train",
    "evaluate": "evaluate:evaluate",
    "corpus": "corpus:corpus",
    "study": "study:study",
    "comments": "comments:comments",
    "batch": "batch:batch",
    "serve": "serve:serve",
    "worker": "worker:worker",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "purge": "purge:purge_command",
    "quality": "quality:quality_command",
    "data": "data:app",
    "db": "db:app",
    "keys": "keys:app",
    "duty": "duty:app",
    "directory": "directory:app",
    "audit": "audit:app",
    "models": "models:app",
    "rules": "rules:rules",
    "subject": "subject:app",
    "users": "users:app",
}


class Commands(TyperGroup):
    """The commands, each found where it is once its name is typed, or when all are listed."""

    def list_commands(self, ctx: object) -> list[str]:
        """Their names, in the order in which they are told."""
        return list(_COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperGroup | TyperCommand | None:
        """The one of that name, None without."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"triage.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return cast(TyperCommand, get_command(alone))


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback(help="Trie les récits d'atteintes numériques visant les élus, leurs équipes et leurs proches.")
def triage() -> None:
    """What all commands share: nothing."""
