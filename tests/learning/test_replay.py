"""What was answered is made again, to the letter, from what was kept; what cannot be is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.conftest import ROOT, migrated_at, office_at
from tests.desk.handling.cast import held, shown, somebody
from tests.learning.making import SAID, other_model, other_rules, with_rules
from triage import environment
from triage.archive import Archive, archive_of, keep
from triage.desk import case as desk
from triage.desk import follow_up
from triage.desk.evidence import File
from triage.desk.handling import deciding
from triage.desk.handling.deciding import Opinion
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.engine import Engine, without_model
from triage.jobs.work import read_files, sort_comments
from triage.learning import replay as again
from triage.learning.engines import Engines
from triage.learning.replay import Replayed
from triage.settings import Settings
from triage.store.cases import UnknownCaseError
from triage.store.people import Person
from triage.store.people_tables import AUDIT
from triage.store.records import Told
from triage.store.tables import ASSESSMENTS

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
# The bar is 500 decisions: « TRIAGE_REPLAY=500 pytest tests/learning/test_replay.py ».
DECISIONS = int(os.environ.get("TRIAGE_REPLAY", "30"))
MEANWHILE = "Je vais te tuer ce soir, je suis devant chez toi avec mon fusil."
EXPORT = "auteur;date;commentaire\n" + "".join(f"a{i};2026-11-20;je vais te tuer ce soir\n" for i in range(20))
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."


@dataclass
class Service:
    """A guichet whose models and rules change while reports come."""

    settings: Settings
    office: Office
    archive: Archive
    agent: Person

    def serve(self, engine: Engine) -> None:
        """Puts an engine into service, as `triage serve` and the worker do."""
        self.office = replace(self.office, engine=engine)
        keep(self.settings, engine)

    def promote(self, version: str) -> None:
        """Another model."""
        self.serve(replace(self.office.engine, model=self.archive.model_of(version)))

    def replayed(self, wanted: list[again.Wanted] | None = None) -> list[Replayed]:
        """All that is kept, made again with the engine that serves at hand."""
        return self.elsewhere(self.office.engine, wanted)

    def elsewhere(self, at_hand: Engine | None = None, wanted: list[again.Wanted] | None = None) -> list[Replayed]:
        """The same, by a process that has nothing at hand but the archive."""
        engines = Engines(self.settings, archive_of(self.settings), at_hand)
        return list(again.replay(self.office, engines, self.agent, wanted or again.latest(self.office), NOW))


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Service]:
    yield from served(engine, Settings(data=migrated_at(tmp_path)))


@pytest.fixture
def each_service(engine: Engine, tmp_path: Path, store_address: str) -> Iterator[Service]:
    """The same on SQLite, then on PostgreSQL."""
    yield from served(engine, Settings(data=tmp_path, database=store_address))


def served(engine: Engine, settings: Settings) -> Iterator[Service]:
    office = office_at(engine, settings.data, settings.database)
    made = Service(settings, office, archive_of(settings), somebody(office))
    made.serve(engine)
    yield made
    office.database.close()


def texts(count: int) -> list[str]:
    """Reports of the corpus, of every voice in turn."""
    files = [file.read_text(encoding="utf-8").splitlines() for file in sorted((ROOT / "models/corpus").glob("*.jsonl"))]
    rows = [json.loads(lines[i]) for i in range(max(map(len, files))) for lines in files if i < len(lines)]
    return [row["text"] for row in rows if row.get("kind", "report") == "report"][:count]


def live(service: Service, text: str, number: int) -> None:
    """A report, and what its case goes through: each third in a way of its own."""
    office, at = service.office, NOW + timedelta(minutes=7 * number)
    told = Told(text=text, traits=("role:maire",) if number % 2 else (), began=at.date() if number % 5 == 0 else None)
    if number % 3 == 0:
        case_id = submit(office, told, [], at).case_id
        found = desk.understood(office, desk.load(office, case_id), at)
        questions = found.triaged.assessment.questions
        follow_up.answer(office, case_id, {one.id: one.answers[0].id for one in questions[:1]}, at)
    elif number % 3 == 1:
        files = [File("a.txt", MEANWHILE.encode())] if number % 12 == 1 else []
        case_id = submit(office, told, files, at).case_id
        follow_up.write(office, case_id, "official", "Il a recommencé ce matin, devant la mairie.", at)
        follow_up.correct(office, case_id, "chantage", "", at)
    else:
        case_id = held(office, service.agent, text, at)
        opinion = Opinion(("injure",), (), "advice")
        deciding.correct(office, service.agent, case_id, shown(office, case_id), opinion, "Entre amis.", at)
        follow_up.complete(office, case_id, MEANWHILE, at)
        follow_up.write(office, case_id, "official", "Ils ont publié mon adresse.", at)


@pytest.mark.whole
def test_decisions_come_out_the_same_after_two_promotions_and_a_change_of_rules(
    each_service: Service, tmp_path: Path
) -> None:
    service = each_service
    told = texts(DECISIONS // 2)
    changed = other_rules(service.settings, tmp_path / "rules")
    other_model(service.settings, "second", threat=0.3)
    other_model(service.settings, "third", threat=0.7, flag=0.6)
    for number, text in enumerate(told):
        if number == len(told) // 4:
            service.promote("second")
        elif number == len(told) // 2:
            service.settings = changed
            service.serve(with_rules(service.office.engine, changed))
        elif number == 3 * len(told) // 4:
            service.promote("third")
        live(service, text, number)
    read_files(service.office, None)
    wanted = again.latest(service.office, DECISIONS)
    assert len(wanted) == DECISIONS
    found = service.elsewhere(wanted=wanted)
    assert len(found) == DECISIONS
    assert [one for one in found if not one.identical] == []
    assert {one.lock for one in found} == {None}
    with service.office.database.read() as connection:
        used = set(map(tuple, connection.execute(select(ASSESSMENTS.c.rules, ASSESSMENTS.c.model))))
    assert len(used) == 4


def test_comments_pieces_and_a_decision_count_as_they_did(service: Service) -> None:
    office = service.office
    files = [File("a.txt", MEANWHILE.encode()), File("b.csv", EXPORT.encode())]
    made = submit(office, Told(text="Des commentaires hostiles, voici l'export."), files, NOW)
    sort_comments(office, None, 1)
    read_files(office, None)
    found = service.replayed()
    assert sorted(one.cause for one in found) == ["comments", "evidence", "received"]
    assert all(one.identical for one in found), found
    assert desk.load(office, made.case_id).level == "immediate"


def test_what_the_rules_alone_said_is_made_again_by_them(service: Service) -> None:
    service.serve(without_model(service.office.engine))
    submit(service.office, Told(text=THREAT), [], NOW)
    assert [one.identical for one in service.replayed()] == [True]


@pytest.mark.whole
def test_what_would_be_said_otherwise_is_told_without_a_word_of_the_report(
    engine: Engine, service: Service, tmp_path: Path
) -> None:
    changed = other_rules(service.settings, tmp_path / "rules")
    service.serve(with_rules(service.office.engine, changed))
    submit(service.office, Told(text=SAID), [], NOW)
    with service.office.database.write() as connection:  # as if the first rules had made it
        connection.execute(update(ASSESSMENTS).values(rules=engine.catalogue.digest))
    (one,) = service.elsewhere(engine)
    assert not one.identical
    told = " ".join(one.differences)
    assert "Réponse, parties qui diffèrent" in told
    assert "grignoter" not in told


def test_rules_that_are_gone_or_changed_are_said(service: Service, tmp_path: Path) -> None:
    submit(service.office, Told(text=THREAT), [], NOW)
    (kept,) = (service.archive.root / "rules").glob("*.zip")
    service.settings = other_rules(service.settings, tmp_path / "rules")
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    (one,) = service.elsewhere()
    assert "est abîmé ou a changé" in one.way
    kept.unlink()
    (one,) = service.elsewhere()
    assert "ne sont plus là" in one.way
    assert not one.identical


def test_a_model_that_is_gone_or_tampered_with_is_said(service: Service) -> None:
    folder = other_model(service.settings, "second", threat=0.3)
    service.promote("second")
    submit(service.office, Told(text=THREAT), [], NOW)
    text = (folder / "vocabulary.json").read_text(encoding="utf-8")
    (folder / "vocabulary.json").write_text(text + " ", encoding="utf-8")
    (one,) = service.elsewhere(without_model(service.office.engine))
    assert "a changé" in one.way
    folder.rename(folder.with_name("elsewhere"))
    (one,) = service.elsewhere(without_model(service.office.engine))
    assert "Le modèle second ne peut plus servir" in one.way


def test_a_shipped_model_is_found_again_when_another_release_comes_without_it(service: Service, tmp_path: Path) -> None:
    submit(service.office, Told(text=THREAT), [], NOW)
    service.settings = service.settings.model_copy(update={"models": tmp_path / "none"})
    assert [one.identical for one in service.elsewhere(without_model(service.office.engine))] == [True]


def test_another_environment_is_said_with_its_lock(service: Service) -> None:
    submit(service.office, Told(text=THREAT), [], NOW)
    assert service.archive.environment_of(environment.digest()).read_text() == environment.lock()
    with service.office.database.write() as connection:
        connection.execute(update(ASSESSMENTS).values(environment="0123456789ab"))
    (one,) = service.replayed()
    assert one.identical
    assert one.lock == service.archive.root / "environments" / "0123456789ab.txt"


def test_what_was_made_before_inputs_were_kept_cannot_be_made_again(service: Service) -> None:
    submit(service.office, Told(text=THREAT), [], NOW)
    with service.office.database.write() as connection:
        connection.execute(update(ASSESSMENTS).values(environment=None, inputs=None))
    (one,) = service.replayed()
    assert one.way.startswith("Faite avant")


def test_a_case_is_found_by_its_reference_until_it_is_erased(service: Service) -> None:
    office = service.office
    case_id = submit(office, Told(text=THREAT), [], NOW).case_id
    submit(office, Told(text=SAID), [], NOW)
    follow_up.write(office, case_id, "official", "Il a recommencé.", NOW + timedelta(hours=1))
    reference = desk.load(office, case_id).reference
    wanted = again.found(office, reference)
    assert wanted == again.found(office, case_id)
    assert [one.cause for one in service.replayed(wanted)] == ["received", "message"]
    assert again.found(office, reference, wanted[1][1]) == wanted[1:]
    with pytest.raises(UnknownCaseError, match="évaluation"):
        again.found(office, reference, "0" * 32)
    with office.database.write() as connection:
        office.cases.erase(connection, case_id, NOW)
    assert service.replayed(wanted) == []
    with pytest.raises(UnknownCaseError, match="effacé"):
        again.found(office, reference)


def test_whoever_makes_it_again_is_in_the_journal(service: Service) -> None:
    case_id = submit(service.office, Told(text=THREAT), [], NOW).case_id
    service.replayed()
    with service.office.database.read() as connection:
        lines = connection.execute(select(AUDIT.c.who, AUDIT.c.what, AUDIT.c.case_id)).all()
    assert (service.agent.id, "replay", case_id) in [tuple(line) for line in lines]


def test_inputs_take_little_room_beside_the_answer(service: Service) -> None:
    for number, text in enumerate(texts(10)):
        submit(service.office, Told(text=text), [], NOW + timedelta(minutes=number))
    with service.office.database.read() as connection:
        rows = connection.execute(select(ASSESSMENTS.c.answer, ASSESSMENTS.c.inputs)).all()
    assert sum(len(row.inputs) for row in rows) < 0.1 * sum(len(row.answer) for row in rows)


# --- The archive -----------------------------------------------------------------------------------------------------


def test_the_archive_is_written_once_and_is_the_same_to_the_byte(engine: Engine, tmp_path: Path) -> None:
    first, second = Settings(data=tmp_path / "a"), Settings(data=tmp_path / "b")
    keep(first, engine)
    keep(second, engine)
    files = {path.relative_to(tmp_path / "a") for path in (tmp_path / "a" / "archive").rglob("*") if path.is_file()}
    zips = [path for path in files if path.suffix == ".zip"]
    assert [path.stem for path in zips] == [engine.catalogue.digest]
    assert all((tmp_path / "a" / one).read_bytes() == (tmp_path / "b" / one).read_bytes() for one in zips)
    before = {one: (tmp_path / "a" / one).stat().st_mtime_ns for one in files}
    keep(first, engine)
    assert {one: (tmp_path / "a" / one).stat().st_mtime_ns for one in files} == before


@pytest.mark.whole
def test_processes_that_start_together_leave_nothing_but_the_archive(engine: Engine, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from triage.archive import archive_of;"
        "from triage.settings import Settings;"
        "archive = archive_of(Settings(data=Path(sys.argv[1]))); archive.keep_environment();"
        "archive.keep_rules(sys.argv[2]); archive.keep_model(sys.argv[3])"
    )
    assert engine.model is not None
    wanted = [str(tmp_path), engine.catalogue.digest, engine.model.version]
    several = [subprocess.Popen([sys.executable, "-c", code, *wanted], cwd=ROOT) for _ in range(3)]
    assert [one.wait(120) for one in several] == [0, 0, 0]
    archive = tmp_path / "archive"
    assert [path.name for path in (archive / "models").iterdir()] == [engine.model.version]
    assert [path.name for path in (archive / "rules").iterdir()] == [f"{engine.catalogue.digest}.zip"]
    assert [path.name for path in (archive / "environments").iterdir()] == [f"{environment.digest()}.txt"]


def test_the_lock_changes_with_the_code(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    before = environment.code(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"1")
    assert environment.code(tmp_path) == before
    (tmp_path / "a.py").write_text("x = 2\n")
    assert environment.code(tmp_path) != before
