"""`triage data teach` and `triage data undertriage`, as somebody types them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.conftest import migrated_at, office_at
from tests.desk.handling.cast import somebody
from triage.cli import teach as commands
from triage.desk.handling import sampling
from triage.desk.handling.deciding import Opinion
from triage.desk.office import Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.submit import submit
from triage.engine import Engine
from triage.errors import TriageError
from triage.store.records import Told

STRANGE = "Un zorglub a bidulé ma pancarte."
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
app = typer.Typer()
app.command()(commands.teach)
app.command()(commands.undertriage)


@pytest.fixture
def there(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A service; the commands work on it."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setattr(commands, "build_engine", lambda _: engine)  # the same, which takes seconds to build
    office = office_at(engine, migrated_at(tmp_path))
    yield office
    office.database.close()


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.mark.whole
def test_an_analyst_chooses_what_is_read_and_no_word_of_it_is_shown(there: Office) -> None:
    analyst = somebody(there, "analyst")
    for number in range(8):
        submit(there, Told(text=f"{STRANGE} Le {number} du mois."), [], YESTERDAY)
    result = typed("teach", "--by", analyst.login, "--number", "2")
    assert result.exit_code == 0, result.output
    assert "2 récits choisis" in result.output and "zorglub" not in result.output
    waiting = sampling.waiting(there, analyst, "teaching")
    assert len(waiting) == 2 and len(sampling.waiting(there, analyst)) == 5
    again = typed("teach", "--by", analyst.login)
    assert "1 récit choisi :" in again.output
    assert "Aucun récit choisi" in typed("teach", "--by", analyst.login).output


@pytest.mark.parametrize(("who", "error"), [("agent", ForbiddenError), ("nobody", TriageError)])
def test_who_may_not_chooses_nothing(there: Office, who: str, error: type[Exception]) -> None:
    login = somebody(there, "agent").login if who == "agent" else "personne@exemple.fr"
    assert isinstance(typed("teach", "--by", login).exception, error)


def test_misses_are_estimated_once_enough_was_read(there: Office) -> None:
    assert "échantillon trop petit pour conclure" in typed("undertriage").output
    one, other = somebody(there), somebody(there)
    made = submit(there, Told(text=STRANGE), [], YESTERDAY).case_id
    sampling.draw(there, datetime.now(UTC))
    (sample,) = sampling.waiting(there, one)
    assert sample.case_id == made
    for person in (one, other):
        sampling.read(there, person, sample.id, Opinion(("menace",), (), "urgent"), "", datetime.now(UTC))
    told = typed("undertriage", "--days", "30").output
    assert "Récits tirés au sort et lus : 1\nDont manqués : 1\n" in told and "trop petit" in told
