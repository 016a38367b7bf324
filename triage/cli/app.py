"""One Typer application; each group of commands has a module of its own."""

from __future__ import annotations

import typer

from triage.cli.assess import assess
from triage.cli.corpus import corpus
from triage.cli.evaluate import evaluate
from triage.cli.rules import rules
from triage.cli.serve import serve
from triage.cli.study import study
from triage.cli.train import train

app = typer.Typer(
    help="Trie les récits d'atteintes numériques visant les élus, leurs équipes et leurs proches.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(assess)
app.command()(train)
app.command()(evaluate)
app.command()(corpus)
app.command()(study)
app.command()(serve)
app.add_typer(rules, name="rules")
