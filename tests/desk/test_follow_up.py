"""What is added to a case, and what it changes: evidence and corrections raise a level, only answers may lower it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.desk import case as desk
from triage.desk import duty, erasing, evidence, follow_up
from triage.desk.evidence import File
from triage.desk.office import DeskError, Office
from triage.desk.submit import submit
from triage.store import evidence as kept
from triage.store.cases import UnknownCaseError
from triage.store.records import Case, Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
SCREENSHOT = b"Je vais te tuer ce soir, je suis devant chez toi avec mon fusil."


def sent(office: Office, text: str = CALM, files: tuple[File, ...] = ()) -> str:
    return submit(office, Told(text=text), files, NOW).case_id


def read_all(office: Office) -> None:
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, NOW)


def loaded(office: Office, case_id: str) -> Case:
    return desk.load(office, case_id)


def test_a_threat_read_in_a_file_raises_the_case(each_office: Office) -> None:
    case_id = sent(each_office, files=(File("message.txt", SCREENSHOT),))
    before = loaded(each_office, case_id)
    read_all(each_office)
    after = loaded(each_office, case_id)
    assert before.level in ("advice", "guided")
    assert (after.level, after.exhibits[0].state) == ("immediate", "read")
    assert "menace" in after.types
    assert after.events[-1].detail.endswith("→ Danger immédiat.")


def test_a_harmless_file_never_lowers_a_threat(office: Office) -> None:
    case_id = sent(office, THREAT, (File("note.txt", b"Bonjour, la salle est libre samedi pour le loto."),))
    before = loaded(office, case_id)
    read_all(office)
    assert loaded(office, case_id).rank >= before.rank


def test_a_file_that_is_refused_does_not_refuse_the_report(office: Office) -> None:
    result = submit(office, Told(text=THREAT), [File("prime.exe", b"MZ\x90\x00" * 40), File("a.txt", b"bonjour")], NOW)
    assert len(result.refused) == 1
    assert result.refused[0].startswith("« prime.exe » n'a pas été gardé.")
    assert [one.about.name for one in loaded(office, result.case_id).exhibits] == ["a.txt"]


def test_a_name_leads_nowhere(office: Office) -> None:
    case_id = sent(office, files=(File("../../etc/pass\x00wd.txt", b"bonjour"), File("C:\\mes\\photo.txt", b"salut")))
    assert [one.about.name for one in loaded(office, case_id).exhibits] == ["passwd.txt", "photo.txt"]


def test_a_file_is_given_back_as_it_came(each_office: Office) -> None:
    case_id = sent(each_office, files=(File("message.txt", SCREENSHOT),))
    read_all(each_office)
    exhibit, content = evidence.original(each_office, case_id, 1)
    assert content == SCREENSHOT
    assert exhibit.size == len(SCREENSHOT)
    with pytest.raises(UnknownCaseError):
        evidence.original(each_office, case_id, 2)


def test_a_case_holds_so_much_and_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_CASE", 100)
    case_id = sent(office, files=(File("un.txt", b"a" * 80),))
    assert len(evidence.add(office, case_id, [File("deux.txt", b"b" * 30)], NOW)) == 1
    assert evidence.add(office, case_id, [File("trois.txt", b"c" * 10)], NOW) == []


def test_a_file_that_kills_its_reader_is_given_up_and_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = sent(office, files=(File("piège.txt", b"bonjour"),))
    for _ in range(kept.MOST_TRIES):
        with office.database.write() as connection:
            kept.try_once(connection, loaded(office, case_id).exhibits[0].id)
    assert evidence.waiting(office) == []
    assert loaded(office, case_id).exhibits[0].state == "unread"
    assert evidence.original(office, case_id, 1)[1] == b"bonjour"


def test_a_correction_changes_the_advice_and_never_lowers_the_level(office: Office) -> None:
    case_id = sent(office, THREAT)
    before = loaded(office, case_id)
    found = follow_up.correct(office, case_id, "injure", "C'est surtout une insulte.", NOW)
    assert found.triaged.assessment.primary == "injure"
    assert loaded(office, case_id).rank == before.rank
    assert desk.understood(office, loaded(office, case_id), NOW).diagnostic.level.id == before.level
    with pytest.raises(DeskError):
        follow_up.correct(office, case_id, "météo", "", NOW)
    with pytest.raises(DeskError):
        follow_up.correct(office, case_id, "", "  ", NOW)


def test_an_answer_that_tells_a_danger_raises_the_case(office: Office) -> None:
    case_id = sent(office, "On me menace à demi-mot dans des courriers : « fais attention à toi ».")
    follow_up.answer(office, case_id, {"danger": "oui"}, NOW)
    assert loaded(office, case_id).level == "immediate"


def test_a_question_passed_over_is_not_asked_again(office: Office) -> None:
    case_id = sent(office, "On me menace à demi-mot dans des courriers : « fais attention à toi ».")
    asked = [one.id for one in desk.understood(office, loaded(office, case_id), NOW).diagnostic.questions]
    follow_up.answer(office, case_id, {asked[0]: ""}, NOW)
    again = [one.id for one in desk.understood(office, loaded(office, case_id), NOW).diagnostic.questions]
    assert asked[0] not in again


def test_more_of_the_report_raises_the_case(office: Office) -> None:
    case_id = sent(office)
    follow_up.complete(office, case_id, "Ce soir il m'a écrit : « je vais te tuer, je sais où tu habites ».", NOW)
    assert loaded(office, case_id).rank >= 3
    with pytest.raises(DeskError):
        follow_up.complete(office, case_id, " \n ", NOW)


def test_gestures_done_stay_done_section_by_section(each_office: Office) -> None:
    case_id = sent(each_office)
    follow_up.tick(each_office, case_id, {"a", "b"}, {"a"}, NOW)
    follow_up.tick(each_office, case_id, {"c"}, {"c"}, NOW)
    assert set(loaded(each_office, case_id).told.ticks) == {"a", "c"}
    follow_up.tick(each_office, case_id, {"a", "b"}, {"b"}, NOW)
    assert set(loaded(each_office, case_id).told.ticks) == {"b", "c"}


def test_a_measure_is_asked_once_and_only_if_it_is_asked_for_here(office: Office) -> None:
    case_id = sent(office, THREAT)
    for _ in range(2):
        follow_up.ask_measure(office, case_id, "bouton_appel", NOW)
    assert [one.kind for one in loaded(office, case_id).asked] == ["bouton_appel"]
    with pytest.raises(DeskError):
        follow_up.ask_measure(office, case_id, "protection_fonctionnelle", NOW)


def test_messages_go_both_ways_and_tell_when_they_are_read(each_office: Office) -> None:
    case_id = sent(each_office, THREAT)
    follow_up.write(each_office, case_id, "official", "Il a recommencé ce matin.", NOW)
    follow_up.write(
        each_office, case_id, "agent", "Restez chez vous, une patrouille passe.", NOW + timedelta(minutes=1)
    )
    follow_up.read_messages(each_office, case_id, "agent", NOW + timedelta(minutes=2))
    told = [(one.by, one.text, one.read_at is not None) for one in loaded(each_office, case_id).messages]
    assert told == [
        ("official", "Il a recommencé ce matin.", False),
        ("agent", "Restez chez vous, une patrouille passe.", True),
    ]
    for wrong in ("", " ", "x" * 5_001):
        with pytest.raises(DeskError):
            follow_up.write(each_office, case_id, "official", wrong, NOW)


def claim(office: Office, case_id: str) -> None:
    from sqlalchemy import update

    from triage.store.tables import CASES

    with office.database.write() as connection:
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(claimed_by="agent", claimed_at=NOW))


def test_a_calm_case_is_erased_at_once_with_its_key_and_all_that_it_held(each_office: Office) -> None:
    result = submit(each_office, Told(text=CALM), [File("a.txt", b"bonjour")], NOW)
    follow_up.correct(each_office, result.case_id, "injure", "", NOW)
    assert erasing.erase(each_office, result.case_id, NOW) == "erased"
    assert desk.open_by(each_office, result.receipt) is None
    with pytest.raises(UnknownCaseError):
        loaded(each_office, result.case_id)
    from triage.store.tables import METADATA

    with each_office.database.read() as connection:
        counts = {t.name: len(connection.execute(t.select()).all()) for t in METADATA.sorted_tables}
        row = connection.execute(METADATA.tables["cases"].select()).one()
    assert {name for name, count in counts.items() if count} == {"cases", "audit_head"}
    assert (row.state, row.told, row.receipt, row.types) == ("erased", None, None, "")


@pytest.mark.parametrize(("text", "claimed"), [(THREAT, False), (CALM, True)])
def test_a_pressing_or_claimed_case_is_erased_by_an_agent_only(office: Office, text: str, claimed: bool) -> None:
    case_id = sent(office, text)
    if claimed:
        claim(office, case_id)
    assert [erasing.erase(office, case_id, NOW) for _ in range(2)] == ["asked", "asked"]
    assert [one.kind for one in loaded(office, case_id).asked] == ["erasure"]
    with pytest.raises(DeskError):
        erasing.withdraw(office, case_id, NOW)


def test_a_transmitted_case_is_kept_and_takes_nothing_more(office: Office) -> None:
    case_id = sent(office)
    with office.database.write() as connection:
        office.cases.set_state(connection, case_id, "transmitted", NOW)
    assert erasing.erase(office, case_id, NOW) == "kept"
    with pytest.raises(DeskError, match="clos"):
        follow_up.complete(office, case_id, "Encore un message.", NOW)
    with pytest.raises(DeskError, match="clos"):
        evidence.add(office, case_id, [File("a.txt", b"bonjour")], NOW)


def test_a_report_withdrawn_leaves_the_queue_and_stays(office: Office) -> None:
    case_id = sent(office)
    erasing.withdraw(office, case_id, NOW)
    assert loaded(office, case_id).state == "withdrawn"


def test_a_delay_is_promised_only_where_somebody_is_there(each_office: Office) -> None:
    def there(departement: str, force: str, at: datetime = NOW) -> bool:
        return duty.on_duty(each_office, departement, force, at)

    assert not there("07", "gendarmerie")
    duty.add(
        each_office.database, "Adj. Martin", NOW - timedelta(hours=1), NOW + timedelta(hours=8), "07", "gendarmerie"
    )
    assert there("07", "gendarmerie")
    assert not there("07", "police")
    assert not there("26", "gendarmerie")
    assert not there("", "")
    assert not there("07", "gendarmerie", NOW + timedelta(hours=9))
    duty.add(each_office.database, "Permanence", NOW - timedelta(hours=1), NOW + timedelta(hours=8))
    assert there("", "")
    assert there("26", "police")
    with pytest.raises(DeskError):
        duty.add(each_office.database, "Personne", NOW, NOW)
