"""The audit only grows; whatever is done to it behind the service's back is found, line by line."""

from __future__ import annotations

import logging
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from triage.cli.app import app
from triage.desk import auditing
from triage.desk.auditing import Checked, advance, check
from triage.desk.office import Office
from triage.store import anchor, audit
from triage.store.audit import Entry, Head
from triage.store.database import StoreError
from triage.store.people_tables import AUDIT, AUDIT_HEAD

NOW = datetime(2026, 11, 27, 21, 0, 0, 123456, tzinfo=UTC)
LINES = 9


def written(office: Office, lines: int = LINES, start: int = 0) -> Head:
    """An audit of some lines; its last one."""
    with office.database.write() as connection:
        for i in range(start, start + lines):
            entry = Entry(NOW + timedelta(seconds=i), f"p{i}", "agent", "view", "c1", "report", b"x" if i % 2 else None)
            last = audit.append(connection, office.ring, entry)
    return last


@contextmanager
def tampering(office: Office) -> Iterator[Connection]:
    """What somebody who owns the database may do: the triggers first."""
    with office.database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_only_grows"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_no_{verb}"))
        yield connection


def checked(office: Office, *anchors: Head) -> Checked:
    return check(office.database, office.ring, *anchors)


def test_an_audit_that_nobody_touched_is_whole(each_office: Office) -> None:
    last = written(each_office)
    assert checked(each_office, last, Head(0, audit.NOTHING)) == Checked(last, ())
    assert last.seq == LINES


@pytest.mark.parametrize("verb", ["UPDATE audit SET who = 'x'", "DELETE FROM audit WHERE seq = 3", "TRUNCATE audit"])
def test_the_database_itself_refuses_changes(each_office: Office, verb: str) -> None:
    written(each_office)
    if "TRUNCATE" in verb and each_office.database.engine.dialect.name == "sqlite":
        verb = "DELETE FROM audit"
    with pytest.raises((DBAPIError, StoreError)) as refused, each_office.database.write() as connection:
        connection.execute(text(verb))
    assert "audit can only grow" in str(refused.value.__cause__)
    assert not checked(each_office).faults


@pytest.mark.parametrize(
    "column, value",
    [
        ("at", NOW + timedelta(seconds=4, microseconds=1)),
        ("who", "p5"),
        ("role", "supervisor"),
        ("what", "claim"),
        ("case_id", "c2"),
        ("about", ""),
        ("why", b""),
        ("digest", bytes(32)),
    ],
)
def test_a_change_of_any_column_is_found(each_office: Office, column: str, value: object) -> None:
    written(each_office)
    with tampering(each_office) as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.seq == 5).values({column: value}))
    (first, *rest) = checked(each_office).faults
    assert first.startswith("ligne 5 : modifiée")
    assert len(rest) == (column == "digest")  # the line after covers the digest, and no longer fits


def test_every_column_is_covered() -> None:
    """A column that is added later has to be in the digest, and in the test above."""
    assert {one.name for one in AUDIT.c} == {"seq", "digest", *Entry.__dataclass_fields__}


def deletion(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq.in_([4, 5])))


def renumbering(connection: Connection) -> None:
    deletion(connection)
    for seq in range(6, LINES + 1):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == seq).values(seq=seq - 2))
    connection.execute(update(AUDIT_HEAD).values(seq=LINES - 2))


def swapping(connection: Connection) -> None:
    for was, now in ((4, 99), (5, 4), (99, 5)):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == was).values(seq=now))


def forging(connection: Connection) -> None:
    """A line at the end, by somebody without the keys."""
    row = {"at": NOW, "who": "p1", "role": "agent", "what": "view", "case_id": "", "about": "", "why": None}
    connection.execute(insert(AUDIT).values(seq=LINES + 1, digest=b"\x01" * 32, **row))
    connection.execute(update(AUDIT_HEAD).values(seq=LINES + 1, digest=b"\x01" * 32))


def inserting(connection: Connection) -> None:
    """A line in the middle: those after make room for it."""
    for seq in range(LINES, 4, -1):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == seq).values(seq=seq + 1))
    copied = connection.execute(select(AUDIT).where(AUDIT.c.seq == 4)).mappings().one()
    connection.execute(insert(AUDIT).values(**{**copied, "seq": 5}))
    connection.execute(update(AUDIT_HEAD).values(seq=LINES + 1))


def cutting(connection: Connection) -> None:
    """The end taken away, and forgotten to be told."""
    connection.execute(delete(AUDIT).where(AUDIT.c.seq > 7))


def emptying(connection: Connection) -> None:
    connection.execute(delete(AUDIT))


@pytest.mark.parametrize(
    "tamper, said",
    [
        (deletion, ["lignes 4 à 5 : disparues", "ligne 6 : modifiée"]),
        (renumbering, ["ligne 4 : modifiée", *(f"ligne {n} : modifiée" for n in (5, 6, 7))]),
        (swapping, ["ligne 4 : modifiée", "ligne 5 : modifiée", "ligne 6 : modifiée"]),
        (inserting, [f"ligne {n} : modifiée" for n in range(5, LINES + 2)]),
        (forging, [f"ligne {LINES + 1} : modifiée ou fausse"]),
        (cutting, [f"fin du journal : la dernière ligne annoncée est la {LINES}, la dernière trouvée la 7"]),
        (emptying, [f"fin du journal : la dernière ligne annoncée est la {LINES}, la dernière trouvée la 0"]),
    ],
)
def test_whatever_is_done_is_found(each_office: Office, tamper: Callable[[Connection], None], said: list[str]) -> None:
    written(each_office)
    with tampering(each_office) as connection:
        tamper(connection)
    found = checked(each_office).faults
    assert len(found) == len(said), found
    assert all(fault.startswith(start) for fault, start in zip(found, said, strict=True)), found


def cut_cleanly(connection: Connection) -> None:
    """The end taken away so that nothing in the store tells."""
    connection.execute(delete(AUDIT).where(AUDIT.c.seq > 6))
    digest = connection.scalar(select(AUDIT.c.digest).where(AUDIT.c.seq == 6))
    connection.execute(update(AUDIT_HEAD).values(seq=6, digest=digest))


def test_an_end_cut_cleanly_is_found_by_the_line_noted_elsewhere(each_office: Office) -> None:
    noted = written(each_office)
    with tampering(each_office) as connection:
        cut_cleanly(connection)
    assert checked(each_office).faults == ()
    assert checked(each_office, noted).faults == (f"lignes 7 à {LINES} : disparues",)


def test_an_end_that_was_written_anew_is_not_the_one_noted(each_office: Office) -> None:
    noted = written(each_office)
    with tampering(each_office) as connection:
        cut_cleanly(connection)
    written(each_office, 5, start=50)
    assert checked(each_office, noted).faults == (f"ligne {LINES} : ce n'est plus celle qui avait été relevée",)


def test_all_faults_are_told_and_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    written(office)
    with tampering(office) as connection:
        connection.execute(update(AUDIT).values(who="x"))
    assert len(checked(office).faults) == LINES
    monkeypatch.setattr(auditing, "MOST_SHOWN", 4)
    assert (len(checked(office).faults), checked(office).more) == (4, LINES - 4)


def test_fifty_threads_that_write_at_once_make_one_chain(each_office: Office) -> None:
    def work(i: int) -> None:
        for j in range(3):
            with each_office.database.write() as connection:
                audit.append(connection, each_office.ring, Entry(NOW, f"p{i}", "agent", "view", "", str(j)))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(work, range(50)))
    found = checked(each_office)
    assert (found.head.seq, found.faults) == (150, ())


def test_lines_added_during_a_check_do_not_trouble_it(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_BATCH", 3)
    written(each_office)
    last = audit.head

    def head_then_more(connection: Connection) -> Head:
        found = last(connection)
        with each_office.database.write() as other:
            audit.append(other, each_office.ring, Entry(NOW, "p", "agent", "view"))
        return found

    monkeypatch.setattr(audit, "head", head_then_more)
    assert checked(each_office).faults == ()


def test_a_moment_is_the_same_in_any_zone_and_to_the_microsecond(each_office: Office) -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    for moment in (paris, NOW.replace(microsecond=0), NOW.replace(microsecond=1), NOW.replace(year=2005)):
        with each_office.database.write() as connection:
            audit.append(connection, each_office.ring, Entry(moment, "p", "agent", "view"))
    assert checked(each_office).faults == ()


def test_a_long_audit_is_read_in_little_memory(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_BATCH", 500)
    written(office, 4_000)
    tracemalloc.start()
    assert checked(office).faults == ()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 2**20  # all the lines at once take more than twice that


# --- The line noted outside the store -----------------------------------------------------------------------------


def test_the_worker_notes_the_last_line_once_it_found_the_new_ones_whole(each_office: Office, tmp_path: Path) -> None:
    first = written(each_office)
    assert advance(each_office.database, each_office.ring, tmp_path) == first
    assert (tmp_path / anchor.NAME).stat().st_mode & 0o777 == 0o600
    second = written(each_office, 3)
    assert advance(each_office.database, each_office.ring, tmp_path) == second == anchor.noted(tmp_path)


@pytest.mark.parametrize("seq", [7, LINES, LINES + 2])
def test_nothing_is_noted_once_something_was_changed(
    each_office: Office, tmp_path: Path, seq: int, caplog: pytest.LogCaptureFixture
) -> None:
    noted = written(each_office)
    advance(each_office.database, each_office.ring, tmp_path)
    written(each_office, 3)
    with tampering(each_office) as connection:
        if seq == 7:
            cut_cleanly(connection)
        elif seq == LINES:
            connection.execute(delete(AUDIT).where(AUDIT.c.seq == seq))
        else:
            connection.execute(update(AUDIT).where(AUDIT.c.seq == seq).values(who="x"))
    with caplog.at_level(logging.ERROR):
        assert advance(each_office.database, each_office.ring, tmp_path) is None
    assert anchor.noted(tmp_path) == noted
    assert "audit" in caplog.text


@pytest.mark.parametrize("typed", ["", "12", "12:abc", "-1:" + 64 * "0", "x:" + 64 * "0", "1:" + 65 * "0"])
def test_what_is_not_a_last_line_is_refused(typed: str) -> None:
    with pytest.raises(anchor.AnchorError, match="forme"):
        anchor.parse(typed)


def test_a_last_line_is_read_as_it_is_printed() -> None:
    assert anchor.parse(f" {Head(12, bytes(range(32)))}\n") == Head(12, bytes(range(32)))


# --- The commands -------------------------------------------------------------------------------------------------


def run(office: Office, monkeypatch: pytest.MonkeyPatch, data: Path, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("TRIAGE_DATA", str(data))
    done = CliRunner().invoke(app, ["audit", *words])
    return done.exit_code, done.output


def test_the_commands_say_what_is_and_what_is_not(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = written(office)
    code, said = run(office, monkeypatch, tmp_path, "verify")
    assert code == 0 and "Aucun repère" in said
    assert f"journal intact : {LINES} lignes, dernière empreinte {last.digest.hex()}" in said
    assert run(office, monkeypatch, tmp_path, "head") == (0, f"{last}\n")
    advance(office.database, office.ring, tmp_path / "keys")
    with tampering(office) as connection:
        cut_cleanly(connection)
    assert run(office, monkeypatch, tmp_path, "verify") == (1, f"lignes 7 à {LINES} : disparues\n")
    (tmp_path / "keys" / anchor.NAME).unlink()
    assert run(office, monkeypatch, tmp_path, "verify", "--head", str(last)) == (1, f"lignes 7 à {LINES} : disparues\n")
