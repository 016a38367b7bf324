"""A store that holds cases is brought to this version with all that it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from triage.store import database as store
from triage.store import history, samples
from triage.store.cases import Cases
from triage.store.database import Database
from triage.store.keys import open_ring

AT = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def old_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store as the version before this one made it, on each of the two databases."""
    address = (
        request.getfixturevalue("postgres") if request.param == "postgresql" else f"sqlite:///{tmp_path}/old.sqlite"
    )
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
    engine = create_engine(address)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    engine.dispose()
    return address


def test_an_assessment_made_before_inputs_were_kept_is_still_read(old_store: str, tmp_path: Path) -> None:
    ring = open_ring(tmp_path / "keys")
    wrapped = ring.new_case_key()
    sealed = ring.sealer(wrapped).seal(b'{"primary": "menace"}')
    engine = create_engine(old_store)
    case = {"id": "a" * 32, "at": AT, "wrapped": wrapped, "sealed": sealed}
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO cases (id, received_at, changed_at, state, level, rank, types, flags, departement, force)"
                " VALUES (:id, :at, :at, 'open', 'urgent', 3, 'menace', '', '35', '')"
            ),
            case,
        )
        connection.execute(text("INSERT INTO case_keys (case_id, wrapped) VALUES (:id, :wrapped)"), case)
        connection.execute(
            text(
                "INSERT INTO assessments (id, case_id, at, level, cause, rules, model, answer)"
                " VALUES ('b', :id, :at, 'urgent', 'received', '0123456789ab', 'first', :sealed)"
            ),
            case,
        )
    engine.dispose()
    database = Database(old_store)
    database.upgrade()
    with database.read() as connection:
        made = history.made(connection, Cases(ring).sealer(connection, case["id"]), str(case["id"]), "b")
    database.close()
    assert (made.level, made.model, made.shown["primary"]) == ("urgent", "first", "menace")
    assert (made.inputs, made.environment) == (None, None)


def test_what_was_read_of_the_sample_is_still_there(old_store: str, tmp_path: Path) -> None:
    ring = open_ring(tmp_path / "keys")
    wrapped = ring.new_case_key()
    case = {"id": "a" * 32, "at": AT, "wrapped": wrapped, "note": ring.sealer(wrapped).seal("Rien à voir.".encode())}
    engine = create_engine(old_store)
    with engine.begin() as connection:
        for made in (
            "INSERT INTO cases (id, received_at, changed_at, state, level, rank, types, flags, departement, force)"
            " VALUES (:id, :at, :at, 'open', 'advice', 0, 'hors_perimetre', '', '35', '')",
            "INSERT INTO case_keys (case_id, wrapped) VALUES (:id, :wrapped)",
            "INSERT INTO samples (id, case_id, day, drawn_at, population, drawn)"
            " VALUES ('s', :id, '2026-11-26', :at, 40, 5)",
            "INSERT INTO sample_reads (id, case_id, sample_id, person_id, at, level, types, note)"
            " VALUES ('r', :id, 's', 'p', :at, 'advice', 'hors_perimetre', :note)",
        ):
            connection.execute(text(made), case)
    engine.dispose()
    database = Database(old_store)
    database.upgrade()
    with database.write() as connection:
        sealer = Cases(ring).sealer(connection, str(case["id"]))
        (kept,) = samples.read_ones(connection, 1, 10)
        (reading,) = samples.readings(connection, sealer, kept.id)
        samples.add_teaching(connection, sealer, kept.case_id, "2026-11-27", ["Mots peu connus."], 9, AT)
        assert samples.drawn_on(connection, "2026-11-27", samples.TEACHING)
    database.close()
    assert (kept.purpose, kept.population, kept.readers) == ("calm", 40, ("p",))
    assert (reading.note, reading.flags, reading.seen) == ("Rien à voir.", (), "")
