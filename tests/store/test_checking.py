"""`db check`: nothing to say of a sound store, and everything that is wrong with another, at once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, select, text, update

from tests.conftest import migrated_at, office_at
from tests.store.filling import filled, place_of
from triage.desk.office import Office
from triage.engine import Engine
from triage.store.backups.copying import known_tables
from triage.store.checking import Store, check
from triage.store.checking_sealed import sealed_columns
from triage.store.database import Database
from triage.store.keys import open_ring
from triage.store.rewrapping import PLACES
from triage.store.tables import ASSESSMENTS, CASE_KEYS, CASES, COMMENT_RUNS, CONTENTS, EXHIBITS, MESSAGES


def harmed(connection: Connection, *harms: str) -> None:
    """Changes that nobody but somebody with the hand on the database can make."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    for harm in harms:
        connection.execute(text(harm))


def told(store: Store, quick: bool = False) -> str:
    return "\n".join(check(store, quick).faults)


def test_a_sound_store(each_office: Office, tmp_path: Path) -> None:
    filled(each_office)
    for quick in (False, True):
        found = check(place_of(each_office, tmp_path), quick)
        assert (found.faults, found.cases, found.exhibits) == ((), 2, 2)


def test_all_that_is_wrong_is_said_at_once(each_office: Office, tmp_path: Path) -> None:
    filled(each_office)
    other = open_ring(tmp_path / "others").new_case_key()
    with each_office.database.write() as connection:
        first, second = connection.scalars(select(EXHIBITS.c.id).order_by(EXHIBITS.c.size))
        sealed = connection.scalar(select(CONTENTS.c.original).where(CONTENTS.c.exhibit_id == first))
        connection.execute(update(CONTENTS).where(CONTENTS.c.exhibit_id == second).values(original=sealed))
        connection.execute(update(MESSAGES).values(text=b"changed"))
        keyless = connection.scalar(select(EXHIBITS.c.case_id).where(EXHIBITS.c.id == first))
        connection.execute(update(CASE_KEYS).where(CASE_KEYS.c.case_id == keyless).values(wrapped=other))
    said = told(place_of(each_office, tmp_path))
    assert "sa clé ne s'ouvre pas avec les clés du service" in said
    assert "pièce 1 : elle ne s'ouvre pas" in said
    assert "messages.text ne s'ouvre pas" in said
    quick = told(place_of(each_office, tmp_path), quick=True)
    assert "sa clé ne s'ouvre pas" in quick and "messages.text" not in quick


def test_evidence_that_was_changed_or_is_gone(each_office: Office, tmp_path: Path) -> None:
    case_id = filled(each_office)
    with each_office.database.write() as connection:
        sealer = each_office.cases.sealer(connection, case_id)
        mine = select(EXHIBITS.c.id).where(EXHIBITS.c.case_id == case_id)
        connection.execute(
            update(CONTENTS).where(CONTENTS.c.exhibit_id.in_(mine)).values(original=sealer.seal(b"faux"))
        )
        connection.execute(CONTENTS.delete().where(CONTENTS.c.exhibit_id.not_in(mine)))
    said = told(place_of(each_office, tmp_path))
    assert "elle n'est plus celle qui a été reçue" in said and "son contenu manque" in said


def test_a_case_without_its_key_and_rows_of_nobody(each_office: Office, tmp_path: Path) -> None:
    filled(each_office)
    engine = create_engine(each_office.database.url)  # without what a connection of the service forbids
    with engine.begin() as connection:
        harmed(connection, "DELETE FROM case_keys", "DELETE FROM exhibits", "DELETE FROM assessments")
    engine.dispose()
    said = told(place_of(each_office, tmp_path))
    assert "sa clé manque" in said
    assert "2 lignes de exhibit_contents renvoient à exhibits qui n'est plus là" in said


def test_the_audit(each_office: Office, tmp_path: Path) -> None:
    filled(each_office)
    with each_office.database.write() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        harmed(connection, "UPDATE audit SET who = 'x' WHERE seq = 1")
    assert "journal : ligne 1 : modifiée" in told(place_of(each_office, tmp_path))


def test_a_damaged_file(engine: Engine, tmp_path: Path) -> None:
    office = office_at(engine, migrated_at(tmp_path))
    filled(office)
    office.database.clear_journal()
    office.database.close()
    path = tmp_path / "triage.sqlite"
    content = bytearray(path.read_bytes())
    with office.database.engine.connect() as connection:
        size = connection.exec_driver_sql("PRAGMA page_size").scalar() or 4096
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").scalar() or 0
    office.database.close()
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(bytes(content))
    again = office_at(engine, tmp_path)
    said = told(place_of(again, tmp_path))
    assert said.startswith("base : ")
    again.database.close()


def test_tables_of_another_version(tmp_path: Path) -> None:
    old = Database(f"sqlite:///{tmp_path}/triage.sqlite")
    old.upgrade("0005")
    store = Store(old, open_ring(tmp_path / "keys"), tmp_path / "keys")
    assert "version 0005" in told(store) and "db upgrade" in told(store)
    assert old.revision() == "0005"  # it was looked at, not changed
    old.close()
    nowhere = Store(Database(f"sqlite:///{tmp_path}/none.sqlite"), store.ring, store.keys)
    assert "n'existe pas" in told(nowhere) and not (tmp_path / "none.sqlite").exists()


def test_every_sealed_column_has_a_key_that_is_known() -> None:
    """What is closed with no key of a case is closed anew when the service's own key changes, or is in the audit."""
    places = {place.sealed for place in PLACES}
    of_no_case = {
        column
        for table in known_tables()
        if "case_id" not in table.c and table not in (CASES, CONTENTS, COMMENT_RUNS)
        for column in sealed_columns(table)
    }
    assert of_no_case | {CASE_KEYS.c.wrapped} == places
    assert CASES.c.told in sealed_columns(CASES) and ASSESSMENTS.c.answer in sealed_columns(ASSESSMENTS)
