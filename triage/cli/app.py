"""One Typer application; each group of commands has a module of its own."""

from __future__ import annotations

import typer

from triage.cli.assess import assess
from triage.cli.audit import app as audit
from triage.cli.batch import batch
from triage.cli.comments import comments
from triage.cli.corpus import corpus
from triage.cli.data import app as data
from triage.cli.db import app as db
from triage.cli.demo import demo
from triage.cli.directory import app as directory
from triage.cli.doctor import doctor
from triage.cli.duty import app as duty
from triage.cli.evaluate import evaluate
from triage.cli.keys import app as keys
from triage.cli.models import app as models
from triage.cli.purge import purge_command
from triage.cli.quality import quality_command
from triage.cli.rules import rules
from triage.cli.serve import serve
from triage.cli.study import study
from triage.cli.subject import app as subject
from triage.cli.teach import teach, undertriage
from triage.cli.train import train
from triage.cli.users import app as users
from triage.cli.worker import worker

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
app.command()(comments)
app.command()(batch)
app.command()(serve)
app.command()(worker)
app.command()(demo)
app.command()(doctor)
app.command("purge")(purge_command)
app.command("quality")(quality_command)
app.add_typer(data, name="data")
app.add_typer(db, name="db")
app.add_typer(keys, name="keys")
data.command()(teach)
data.command()(undertriage)
app.add_typer(duty, name="duty")
app.add_typer(directory, name="directory")
app.add_typer(audit, name="audit")
app.add_typer(models, name="models")
app.add_typer(rules, name="rules")
app.add_typer(subject, name="subject")
app.add_typer(users, name="users")
