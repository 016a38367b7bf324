"""Erased is erased: the key of the case is in no file any more, and whoever was at work on the case keeps nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from triage.comments.running import Progress
from triage.desk import case as desk
from triage.desk import erasing, evidence, follow_up, sorting
from triage.desk.evidence import File
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.jobs.work import read_files, sort_comments
from triage.store.cases import UnknownCaseError
from triage.store.erasing import BELONGINGS
from triage.store.keys import KeyRingError, open_ring
from triage.store.records import Told
from triage.store.tables import CASE_KEYS, CASES, METADATA

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
THREAT = b"Je vais te tuer ce soir, je suis devant chez toi avec mon fusil."
EXPORT = "auteur;date;commentaire\n" + "".join(f"a{i};2026-11-20;je vais te tuer ce soir\n" for i in range(20))


def files(office: Office) -> bytes:
    """All that SQLite has on the disk, its journal included."""
    path = Path(office.database.engine.url.database or "")
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


def filled(office: Office) -> tuple[str, str]:
    """A case with all that a case may have; its id and its code."""
    made = submit(
        office, Told(text=CALM, contact="06"), [File("a.txt", b"bonjour"), File("b.csv", EXPORT.encode())], NOW
    )
    follow_up.write(office, made.case_id, "official", "Encore.", NOW)
    follow_up.correct(office, made.case_id, "", "Pas tout à fait.", NOW)
    return made.case_id, made.receipt


def sealed(office: Office, case_id: str) -> list[bytes]:
    """The wrapped key, the keyed hash of the code, and every sealed text of the case."""
    with office.database.read() as connection:
        rows: list[Any] = [connection.execute(select(CASES).where(CASES.c.id == case_id)).one()]
        for table in METADATA.sorted_tables:
            if "case_id" in table.c and table.name != "audit":  # it outlives the case, and says nothing of it
                rows += connection.execute(select(table).where(table.c.case_id == case_id)).all()
    return [value for row in rows for value in row if isinstance(value, bytes)]


def test_no_byte_of_an_erased_case_is_left_in_a_file(office: Office) -> None:
    case_id, _ = filled(office)
    kept, _ = filled(office)
    stays = sealed(office, kept)
    # Two cases that quote the same words share the keyed digests of them: those of the one that stays are there.
    gone = [value for value in sealed(office, case_id) if value not in stays]
    assert len(gone) > 8
    assert all(value in files(office) for value in gone if len(value) < 400)  # longer ones are cut into pages
    assert erasing.erase(office, case_id, NOW) == "erased"
    left = files(office)
    assert not [value for value in gone if value in left or value[:64] in left or value[-64:] in left]
    assert all(value in left for value in stays if len(value) < 400)


def test_a_reader_only_puts_the_clearing_off(office: Office) -> None:
    """Somebody who reads at that moment holds the journal: the worker clears it at its next round."""
    case_id, _ = filled(office)
    with office.database.read() as connection:
        key = connection.scalar(select(CASE_KEYS.c.wrapped))
        assert erasing.erase(office, case_id, NOW) == "erased"
        assert key in files(office)
    read_files(office, None)
    assert key not in files(office)


def test_what_remains_says_nothing(each_office: Office) -> None:
    case_id, code = filled(each_office)
    erasing.erase(each_office, case_id, NOW)
    with each_office.database.read() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(select(table)).mappings().all()
            if table.name == "audit_head":
                assert [(row["id"], row["seq"]) for row in rows] == [(1, 0)]
            elif table.name not in ("cases", "audit_head"):
                assert rows == [], table.name
            else:
                (row,) = rows
        assert not [name for name, value in row.items() if isinstance(value, bytes)]
        assert {name: row[name] for name in ("types", "flags", "departement", "force", "claimed_by")} == {
            **dict.fromkeys(("types", "flags", "departement", "force"), ""),
            "claimed_by": None,
        }
    assert desk.open_by(each_office, code) is None
    with pytest.raises(UnknownCaseError):
        desk.load(each_office, case_id)


def test_a_copy_made_before_opens_with_the_service_keys_only(office: Office, tmp_path: Path) -> None:
    case_id, _ = filled(office)
    with office.database.read() as connection:
        wrapped = connection.scalar(select(CASE_KEYS.c.wrapped).where(CASE_KEYS.c.case_id == case_id)) or b""
    with pytest.raises(KeyRingError):
        open_ring(tmp_path / "others").sealer(wrapped)


@pytest.mark.parametrize("when", ["read", "settled"])
def test_erased_while_the_worker_reads(each_office: Office, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    case_id = submit(each_office, Told(text=CALM), [File("a.txt", THREAT)], NOW).case_id

    def then(step: Callable[..., Any]) -> Callable[..., Any]:
        def done(*arguments: Any) -> Any:
            found = step(*arguments)
            erasing.erase(each_office, case_id, NOW)
            return found

        return done

    if when == "read":
        monkeypatch.setattr(evidence, "_read", then(evidence._read))
    else:
        monkeypatch.setattr(evidence, "read_exhibit", then(lambda *_: None))
    read_files(each_office, None)
    monkeypatch.undo()
    empty(each_office)


def test_erased_while_an_export_is_sorted(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = submit(each_office, Told(text=CALM), [File("b.csv", EXPORT.encode())], NOW).case_id
    monkeypatch.setattr("triage.comments.running.BATCH", 5)
    kept = sorting.evidence.save_run

    def save(*arguments: Any) -> None:
        kept(*arguments)
        if arguments[3] == 5:
            doomed.append(case_id)

    doomed: list[str] = []
    monkeypatch.setattr(sorting.evidence, "save_run", save)
    begun = Progress.after

    def after(self: Progress, batch: Any) -> Progress:
        if doomed:
            erasing.erase(each_office, doomed.pop(), NOW)
        return begun(self, batch)

    monkeypatch.setattr(Progress, "after", after)
    sort_comments(each_office, None, 1)
    empty(each_office)


def test_erased_while_more_is_sent(each_office: Office) -> None:
    case_id, _ = filled(each_office)
    erasing.erase(each_office, case_id, NOW)
    with pytest.raises(UnknownCaseError):
        evidence.add(each_office, case_id, [File("c.txt", b"encore")], NOW)
    with pytest.raises(UnknownCaseError):
        follow_up.write(each_office, case_id, "official", "Encore.", NOW)
    empty(each_office)


def empty(office: Office) -> None:
    with office.database.read() as connection:
        for table in METADATA.sorted_tables:
            if table.name not in ("cases", "audit_head"):
                assert connection.execute(select(table)).all() == [], table.name


# --- The keys, and the file ---------------------------------------------------------------------------------------


def test_keys_that_are_not_those_of_the_store_are_said_at_once(office: Office) -> None:
    """A service that would go on with new keys keeps reports that nobody opens once the old ones are back."""
    filled(office)
    other = open_ring(Path(office.database.engine.url.database or "").parent / "new")
    with office.database.read() as connection, pytest.raises(KeyRingError, match="sauvegarde"):
        type(office.cases)(other).check_keys(connection)


@pytest.mark.parametrize("name", ["receipts.key", "pages.key"])
def test_a_key_that_is_lost_is_not_replaced(tmp_path: Path, name: str) -> None:
    open_ring(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(KeyRingError, match=name):
        open_ring(tmp_path)


def test_a_file_that_was_removed_is_not_written_to(office: Office) -> None:
    """What would be written in it is gone with the service: it is acknowledged in a file that stays."""
    filled(office)
    path = Path(office.database.engine.url.database or "")
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    made = submit(office, Told(text=CALM), [], NOW)
    office.database.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT id FROM cases").fetchall() == [(made.case_id,)]
    raw.close()


def test_whatever_hangs_on_a_case_goes_with_it() -> None:
    """A table that is added has to be added to what is erased, too. The audit is the one that stays."""
    hang = {table for table in METADATA.sorted_tables if "case_id" in table.c and table.name != "audit"}
    assert hang == set(BELONGINGS)
