"""People get all that is held about them, by command, and have it erased where the page would."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from tests.conftest import office_at
from tests.desk.handling.cast import CALM, NOW, sent, shown, somebody
from triage.cli.app import app
from triage.desk import case as desk
from triage.desk import follow_up
from triage.desk.evidence import File
from triage.desk.handling import noting, outcomes
from triage.desk.handling.deciding import confirm
from triage.desk.office import DeskError, Office
from triage.desk.people import sessions
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import claim
from triage.desk.submit import Submitted, submit
from triage.engine import Engine
from triage.errors import IntakeError, TriageError
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.store.records import Told
from triage.store.tables import CASES

MESSAGE, NOTE = "Cela recommence ce soir.", "Voir avec la brigade : le voisin est connu."


@pytest.fixture
def here(engine: Engine, tmp_path: Path, store_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A desk that the command opens too, on each database."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setenv("TRIAGE_DATABASE", store_address)
    monkeypatch.setattr("triage.cli.subject.build_engine", lambda _: engine)
    made = office_at(engine, tmp_path, store_address)
    yield made
    made.database.close()


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["subject", *words])


def wrong(*words: str) -> TriageError:
    found = typed(*words).exception
    assert isinstance(found, TriageError)
    return found


def lived(office: Office, agent: Person) -> Submitted:
    """A case with a piece of evidence, a message, a note, a decision, and an agent who read it."""
    told = Told(text=CALM, contact="06 12 34 56 78", departement="35")
    made = submit(office, told, [File("capture.txt", b"Je sais tout.")], NOW)
    follow_up.write(office, made.case_id, "official", MESSAGE, NOW)
    claim(office, agent, made.case_id, NOW)
    noting.note(office, agent, made.case_id, NOTE, NOW)
    confirm(office, agent, made.case_id, shown(office, made.case_id), NOW)
    return made


def code_in(folder: Path, made: Submitted) -> str:
    (folder / "code.txt").write_text(f"{made.receipt}\n")
    return str(folder / "code.txt")


def test_all_that_is_held_of_a_case_is_in_the_archive(here: Office, tmp_path: Path) -> None:
    agent = somebody(here)
    made = lived(here, agent)
    done = typed("export", str(tmp_path / "tout.zip"), "--code-file", code_in(tmp_path, made))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "tout.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "tout.zip") as archive:
        names = archive.namelist()
        told = archive.read("donnees.json").decode()
        desk_only = archive.read("interne/donnees.json").decode()
        assert archive.read(next(one for one in names if one.startswith("dossier/pieces/"))) == b"Je sais tout."
    assert {"LISEZ-MOI.txt", "dossier/dossier.pdf"} <= set(names)
    for words in (CALM, "06 12 34 56 78", MESSAGE, "capture.txt"):
        assert words in told
    assert NOTE not in told and NOTE in desk_only
    assert {"notes", "decisions", "claims", "assessments", "audit"} <= set(json.loads(desk_only))
    assert agent.id not in told + desk_only and agent.name not in told + desk_only
    with here.database.read() as connection:
        acts = connection.execute(select(AUDIT.c.who).where(AUDIT.c.what == "subject.export")).all()
    assert [tuple(one) for one in acts] == [("official",)]


def test_the_desk_exports_only_what_it_may_read(here: Office, tmp_path: Path) -> None:
    agent, elsewhere = somebody(here), somebody(here, "agent", Scope("64"))
    made = lived(here, agent)
    reference = desk.load(here, made.case_id).reference
    words = ("export", str(tmp_path / "a.zip"), "--case", reference, "--by")
    assert isinstance(wrong(*words, elsewhere.login), ForbiddenError)
    assert not (tmp_path / "a.zip").exists()
    assert typed(*words, agent.login).exit_code == 0
    assert isinstance(wrong(*words, agent.login), IntakeError), "never over another file"


def test_what_is_held_of_an_agent_is_theirs_to_read(here: Office, tmp_path: Path) -> None:
    agent, other, ada = somebody(here), somebody(here), somebody(here, "administrator")
    lived(here, agent)
    with here.database.write() as connection:
        sessions.begin(here, connection, agent.id, "password", NOW)
    path = tmp_path / "lea.json"
    assert isinstance(wrong("export", str(path), "--account", agent.login, "--by", other.login), DeskError)
    assert typed("export", str(path), "--account", agent.login, "--by", ada.login).exit_code == 0
    found = json.loads(path.read_text())
    assert found["people"]["login"] == agent.login and len(found["sessions"]) == 1
    assert found["counts"]["decisions"] == 1 and "claim" in [one["what"] for one in found["audit"]]
    assert not {"password", "totp", "token"} & {*found["people"], *found["sessions"][0]}
    assert CALM not in path.read_text() and NOTE not in path.read_text()


def test_erased_as_its_page_would(here: Office, tmp_path: Path) -> None:
    made = submit(here, Told(text=CALM), [], NOW)
    done = typed("erase", "--code-file", code_in(tmp_path, made))
    assert (done.exit_code, "clé est détruite" in done.output) == (0, True)
    assert state(here, made.case_id) == "erased"
    assert "n'ouvre aucun dossier" in str(wrong("erase", "--code-file", code_in(tmp_path, made)))


def test_an_agent_decides_where_somebody_may_be_in_danger(here: Office) -> None:
    agent, case_id = somebody(here), sent(here)
    done = typed("erase", "--case", case_id, "--by", agent.login)
    assert "il décidera" in done.output
    assert [one.kind for one in desk.load(here, case_id).asked] == ["erasure"]


def test_what_was_transmitted_is_refused_with_the_reason(here: Office) -> None:
    agent, made = somebody(here), submit(here, Told(text=CALM), [], NOW)
    claim(here, agent, made.case_id, NOW)
    outcomes.close(here, agent, made.case_id, "transmis", "", NOW)
    assert "transmis à un service d'enquête" in str(wrong("erase", "--case", made.case_id, "--by", agent.login))
    assert state(here, made.case_id) == "transmitted"
    with here.database.read() as connection:
        acts = connection.execute(select(AUDIT.c.what, AUDIT.c.about).where(AUDIT.c.what == "subject.erase")).all()
    assert [tuple(one) for one in acts] == [("subject.erase", "kept")]


def test_what_is_wrong_is_said(here: Office, tmp_path: Path) -> None:
    assert "--code-file" in str(wrong("erase"))
    assert "--by" in str(wrong("export", str(tmp_path / "a.zip"), "--case", 32 * "a"))
    assert "ne désigne pas" in str(wrong("erase", "--case", "1A2B", "--by", "x@y.fr"))
    assert "ne se lit pas" in str(wrong("erase", "--code-file", str(tmp_path / "absent")))
    assert ".zip" in str(wrong("export", str(tmp_path / "a.json"), "--case", "x", "--by", "x"))


def state(office: Office, case_id: str) -> str:
    with office.database.read() as connection:
        return str(connection.scalar(select(CASES.c.state).where(CASES.c.id == case_id)))
