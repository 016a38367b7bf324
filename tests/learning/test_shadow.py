"""A candidate is tried on what comes: it answers apart, nobody sees it, and what it would have changed is counted."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from tests.conftest import migrated_at, office_at
from tests.desk.handling.cast import CALM, THREAT, held, sent, shown, somebody
from tests.learning.making import other_model
from triage.archive import archive_of
from triage.desk import follow_up
from triage.desk.handling import deciding
from triage.desk.handling.deciding import Opinion
from triage.desk.office import Office
from triage.desk.people.registry import registry_of
from triage.engine import Engine
from triage.errors import ModelError
from triage.learning import shadow, tried
from triage.learning.registry import ApprovalError
from triage.learning.trial import MOST_FAILURES, Trial
from triage.settings import Settings
from triage.store.people_tables import AUDIT
from triage.store.tables import ASSESSMENTS, SHADOW_ANSWERS

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
WHY = "Il se trompe moins sur les menaces voilées."
# A model that hears nothing: without a sign of a rule it answers « undetermined ».
DEAF = {"threat": 0.999, "answer": 0.999}


class Trying:
    """An office, a candidate « deaf », and an analyst who may try it."""

    def __init__(self, office: Office, settings: Settings) -> None:
        self.office, self.settings = office, settings
        self.analyst = somebody(office, "analyst")
        self.agent = somebody(office)
        self.trial = Trial(settings)
        other_model(settings, "deaf", **DEAF)

    def start(self, version: str = "deaf") -> None:
        """Named since just before what the tests send."""
        shadow.start(registry_of(self.office), self.settings, self.analyst.login, version, WHY, NOW)
        os.utime(tried.pointer(self.settings), (NOW.timestamp() - 60,) * 2)

    def stop(self) -> str:
        return shadow.stop(registry_of(self.office), self.settings, self.analyst.login, WHY, NOW)

    def answered(self) -> int:
        """How many answers the store has."""
        with self.office.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(SHADOW_ANSWERS)) or 0

    def journal(self) -> list[tuple[str, str, str]]:
        with self.office.database.read() as connection:
            rows = connection.execute(select(AUDIT.c.who, AUDIT.c.what, AUDIT.c.about).order_by(AUDIT.c.seq)).all()
        return [(row.who, row.what, row.about) for row in rows if row.what.startswith("model")]


@pytest.fixture
def trying(engine: Engine, tmp_path: Path) -> Iterator[Trying]:
    yield from tried_in(engine, Settings(data=migrated_at(tmp_path)))


@pytest.fixture
def each_trying(engine: Engine, tmp_path: Path, store_address: str) -> Iterator[Trying]:
    """The same on SQLite, then on PostgreSQL."""
    yield from tried_in(engine, Settings(data=tmp_path, database=store_address))


def tried_in(engine: Engine, settings: Settings) -> Iterator[Trying]:
    office = office_at(engine, settings.data, settings.database)
    yield Trying(office, settings)
    office.database.close()


def test_a_candidate_answers_what_comes_once_and_what_came_before_not_at_all(each_trying: Trying) -> None:
    trying = each_trying
    sent(trying.office, THREAT, NOW - timedelta(hours=1))
    trying.start()
    case_id = sent(trying.office, THREAT)
    follow_up.write(trying.office, case_id, "official", "Il a recommencé ce matin.", NOW + timedelta(minutes=5))
    sent(trying.office, CALM)
    assert trying.trial.catch_up(trying.office) == 3
    assert trying.trial.catch_up(trying.office) == 0
    assert Trial(trying.settings).catch_up(trying.office) == 0
    assert trying.answered() == 3


def test_it_changes_nothing_of_what_is_served(trying: Trying) -> None:
    trying.start()
    sent(trying.office, THREAT)
    with trying.office.database.read() as connection:
        before = connection.execute(select(ASSESSMENTS)).all()
    trying.trial.catch_up(trying.office)
    with trying.office.database.read() as connection:
        assert connection.execute(select(ASSESSMENTS)).all() == before
    assert trying.office.engine.model is not None and trying.office.engine.model.version != "deaf"


def test_who_begins_and_who_ends_a_trial_is_in_the_journal(trying: Trying) -> None:
    trying.start()
    assert tried.named(trying.settings) == ("deaf", NOW - timedelta(seconds=60))
    assert trying.stop() == "deaf"
    assert tried.named(trying.settings) is None
    who = trying.analyst.id
    assert trying.journal() == [(who, "model.shadow", "deaf"), (who, "model.shadow.stop", "deaf")]
    sent(trying.office, THREAT)
    assert trying.trial.catch_up(trying.office) == 0
    with pytest.raises(ModelError, match="rien à arrêter"):
        trying.stop()


def test_who_may_not_decide_of_models_tries_none(trying: Trying) -> None:
    desk = registry_of(trying.office)
    with pytest.raises(ApprovalError, match="rôle"):
        shadow.start(desk, trying.settings, trying.agent.login, "deaf", WHY, NOW)
    with pytest.raises(ApprovalError, match="motif"):
        shadow.start(desk, trying.settings, trying.analyst.login, "deaf", "", NOW)
    with pytest.raises(ModelError, match="n'existe pas"):
        shadow.start(desk, trying.settings, trying.analyst.login, "absent", WHY, NOW)
    assert (tried.named(trying.settings), trying.journal()) == (None, [])


def test_a_candidate_that_cannot_be_read_is_given_up_and_harms_nobody(
    trying: Trying, caplog: pytest.LogCaptureFixture
) -> None:
    trying.start()
    (trying.settings.data / "models" / "deaf" / "vocabulary.json").write_text("{}", encoding="utf-8")
    for minute in range(MOST_FAILURES + 1):
        sent(trying.office, THREAT, NOW + timedelta(minutes=minute))
    with caplog.at_level(logging.WARNING):
        assert trying.trial.catch_up(trying.office, lambda: NOW) == 0
    assert "a changé depuis que le modèle a été fait" in caplog.text
    assert "tried no more" in caplog.text
    assert tried.named(trying.settings) is None
    assert trying.journal()[-1] == ("system", "model.shadow.stop", "deaf")
    assert trying.answered() == 0


def test_a_report_on_which_it_fails_is_asked_again_and_keeps_no_other_waiting(trying: Trying) -> None:
    trying.start()
    first, _ = sent(trying.office, THREAT), sent(trying.office, CALM, NOW + timedelta(minutes=1))
    with trying.office.database.write() as connection:
        whole = connection.scalar(select(ASSESSMENTS.c.inputs).where(ASSESSMENTS.c.case_id == first))
        sealer = trying.office.cases.sealer(connection, first)
        broken = update(ASSESSMENTS).where(ASSESSMENTS.c.case_id == first).values(inputs=sealer.seal(b"?"))
        connection.execute(broken)
    assert trying.trial.catch_up(trying.office) == 1
    with trying.office.database.write() as connection:
        connection.execute(update(ASSESSMENTS).where(ASSESSMENTS.c.case_id == first).values(inputs=whole))
    assert trying.trial.catch_up(trying.office) == 1


def test_a_store_that_is_down_only_makes_it_wait(trying: Trying) -> None:
    trying.start()
    sent(trying.office, THREAT)
    absent = replace(trying.office, database=type(trying.office.database)("sqlite:////absent/store.sqlite"))
    assert trying.trial.catch_up(absent) == 0
    assert trying.trial.catch_up(trying.office) == 1


def test_its_answers_are_erased_with_the_case(each_trying: Trying) -> None:
    trying = each_trying
    trying.start()
    case_id = sent(trying.office, THREAT)
    trying.trial.catch_up(trying.office)
    with trying.office.database.write() as connection:
        trying.office.cases.erase(connection, case_id, NOW)
    assert trying.answered() == 0


# --- Compared --------------------------------------------------------------------------------------------------------


def test_what_it_would_have_changed_is_counted(each_trying: Trying) -> None:
    trying = each_trying
    trying.start()
    case_id = held(trying.office, trying.agent, THREAT)
    sent(trying.office, CALM)
    trying.trial.catch_up(trying.office)
    deciding.confirm(trying.office, trying.agent, case_id, shown(trying.office, case_id), NOW)
    found = shadow.compare(trying.office, "deaf")
    pairs = shadow.pairs(trying.office, "deaf")
    assert found.answers == len(pairs) == 2
    assert found.up + found.down == sum(found.moves.values()) == sum(one.level != one.served_level for one in pairs)
    assert found.primary_differs == sum(one.types[0] != one.served_types[0] for one in pairs)
    assert (found.levels.cases, found.levels.served_right) == (1, 1)
    assert {one.agent_level for one in pairs} == {"urgent", ""}
    assert list(shadow.frame(pairs).columns)[:3] == ["case_id", "assessment_id", "at"]
    assert shadow.compare(trying.office, "none").answers == 0


def test_what_is_said_after_an_agent_decided_says_nothing_of_the_model(trying: Trying) -> None:
    trying.start()
    case_id = held(trying.office, trying.agent, THREAT)
    opinion = Opinion(("injure",), (), "advice")
    deciding.correct(trying.office, trying.agent, case_id, shown(trying.office, case_id), opinion, "Entre amis.", NOW)
    follow_up.write(trying.office, case_id, "official", "Merci.", NOW + timedelta(minutes=5))
    assert trying.trial.catch_up(trying.office) == 2
    (pair,) = shadow.pairs(trying.office, "deaf")
    assert (pair.served_level, pair.agent_level, pair.agent_types) == ("urgent", "advice", ("injure",))


@pytest.mark.parametrize(
    ("served", "candidate", "alone", "p"),
    [
        ("agent", "agent", (0, 0), 1.0),  # nothing sets them apart
        ("guided", "agent", (0, 8), 2 / 2**8),  # the candidate alone is right eight times
        ("agent", "guided", (8, 0), 2 / 2**8),
    ],
    ids=["same", "better", "worse"],
)
def test_both_are_judged_by_what_agents_decided(
    office: Office, served: str, candidate: str, alone: tuple[int, int], p: float
) -> None:
    agent = somebody(office)
    for number in range(8):
        case_id = held(office, agent, THREAT, NOW + timedelta(minutes=number))
        with office.database.write() as connection:
            assessment = connection.scalar(select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.case_id == case_id))
            row = {"id": f"{number:032}", "case_id": case_id, "assessment_id": assessment, "version": "v", "at": NOW}
            said = {"level": candidate, "types": "menace", "flags": "", "held": False}
            was = {"served": "s", "served_level": served, "served_types": "menace", "served_flags": ""}
            connection.execute(insert(SHADOW_ANSWERS).values(**row, **said, **was))
        opinion = Opinion(("menace",), (), "agent")
        deciding.correct(office, agent, case_id, shown(office, case_id), opinion, "Relu.", NOW + timedelta(minutes=9))
    judged = shadow.compare(office, "v").levels
    assert (judged.served_alone, judged.tried_alone) == alone
    assert judged.p == pytest.approx(p)


def test_the_archive_gives_the_candidate(trying: Trying) -> None:
    assert archive_of(trying.settings).model_of("deaf").version == "deaf"
