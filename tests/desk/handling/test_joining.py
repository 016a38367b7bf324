"""Two cases of one person become one in the queue, and nothing that comes in either is lost; a report becomes two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.handling.cast import CALM, NOW, THREAT, case, held, sent, somebody, standing
from triage.desk import erasing, evidence, follow_up
from triage.desk.evidence import File
from triage.desk.handling import conversing, outcomes
from triage.desk.handling.joining import join, part
from triage.desk.handling.splitting import split
from triage.desk.office import DeskError, Office
from triage.desk.queue.claiming import claim, release
from triage.store import evidence as kept
from triage.store.people import Person, Scope

LATER = NOW + timedelta(minutes=10)
TOMORROW = NOW + timedelta(days=1)
BOTH = f"{CALM}\n\n{THREAT}"


def joined(office: Office, main_text: str = CALM, other_text: str = CALM) -> tuple[Person, str, str]:
    """An agent, the main case and the one that the agent joined to it."""
    agent = somebody(office)
    main, other = sent(office, main_text), held(office, agent, other_text)
    join(office, agent, other, standing(office, main).reference, "La même personne.", LATER)
    return agent, main, other


def test_a_joined_case_leaves_the_queue_and_points_to_the_main_one(each_office: Office) -> None:
    agent, main, other = joined(each_office, THREAT, THREAT)
    after = standing(each_office, other)
    assert (after.merged_into, after.queued, after.claimed_by, after.state) == (main, False, None, "open")
    assert standing(each_office, main).queued
    with pytest.raises(DeskError, match="joint"):
        claim(each_office, agent, other, LATER)
    assert not any("attend de nouveau" in one.detail for one in case(each_office, other).events)


def test_the_main_case_is_as_grave_as_the_other_was(office: Office) -> None:
    _, main, other = joined(office, CALM, THREAT)
    now = standing(office, main)
    assert now.level == standing(office, other).level and now.queued and "menace" in now.types


def test_a_message_in_the_joined_case_brings_the_main_one_back(each_office: Office) -> None:
    agent, main, other = joined(each_office)
    assert not standing(each_office, main).queued
    follow_up.write(each_office, other, "official", "Vous êtes là ?", TOMORROW)
    assert (standing(each_office, main).queued, standing(each_office, other).queued) == (True, False)
    claim(each_office, agent, main, TOMORROW)
    assert conversing.read_by_agent(each_office, agent, other, TOMORROW)
    conversing.write(each_office, agent, other, "Oui, je vous lis.", [], TOMORROW)
    release(each_office, agent, main, TOMORROW)
    assert not standing(each_office, main).queued
    assert case(each_office, other).messages[-1].text == "Oui, je vous lis."


def test_a_danger_in_the_joined_case_raises_the_main_one(office: Office) -> None:
    _, main, other = joined(office)
    evidence.add(office, other, [File("m.txt", b"Je vais te tuer ce soir, je suis devant chez toi.")], TOMORROW)
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, TOMORROW)
    now = standing(office, main)
    assert (now.level, now.queued) == ("immediate", True)
    follow_up.answer(office, main, {"danger": "non"}, TOMORROW)
    assert standing(office, main).level == "immediate"


def test_both_end_and_begin_again_together(office: Office) -> None:
    agent, main, other = joined(office)
    claim(office, agent, main, LATER)
    outcomes.close(office, agent, main, "conseils", "", LATER)
    assert standing(office, other).state == "closed"
    with pytest.raises(DeskError, match="clos"):
        follow_up.write(office, other, "official", "Encore lui.", LATER)
    outcomes.reopen(office, agent, main, "Il recommence.", TOMORROW)
    assert standing(office, other).state == "open"


def test_parted_cases_stand_for_themselves_again(each_office: Office) -> None:
    agent, main, other = joined(each_office, CALM, THREAT)
    part(each_office, agent, other, "Ce n'était pas la même personne.", TOMORROW)
    after = standing(each_office, other)
    assert (after.merged_into, after.queued) == (None, True)
    assert claim(each_office, agent, other, TOMORROW).claimed_by == agent.id
    with pytest.raises(DeskError, match="aucun"):
        part(each_office, agent, other, "Encore.", TOMORROW)
    assert standing(each_office, main).merged_into is None


def test_when_the_main_case_is_erased_the_other_is_back_in_the_queue(each_office: Office) -> None:
    agent = somebody(each_office)
    main, other = sent(each_office, CALM), held(each_office, agent, THREAT)
    join(each_office, agent, other, standing(each_office, main).reference, "La même personne.", LATER)
    with each_office.database.write() as connection:
        each_office.cases.erase(connection, main, LATER)
    after = standing(each_office, other)
    assert (after.merged_into, after.queued) == (None, True)


def test_a_case_is_joined_to_another_open_one_of_ones_scope_and_only_by_whoever_holds_it(office: Office) -> None:
    agent, far = somebody(office, "agent", Scope("35", "")), sent(office, THREAT, departement="13")
    main, other = sent(office), held(office, agent)
    references = {name: standing(office, one).reference for name, one in (("far", far), ("own", other), ("main", main))}
    for reference in (references["far"], references["own"], "0000-0000", "", "%"):
        with pytest.raises(DeskError):
            join(office, agent, other, reference, "La même personne.", LATER)
    with pytest.raises(DeskError):
        join(office, somebody(office), other, references["main"], "La même personne.", LATER)
    assert standing(office, other).merged_into is None


def test_a_part_of_a_report_becomes_a_case_that_the_engine_reads_by_itself(each_office: Office) -> None:
    agent = somebody(each_office)
    case_id = held(each_office, agent, BOTH, departement="35", contact="06 00 00 00 00")
    evidence.add(each_office, case_id, [File("a.txt", b"bonjour"), File("b.txt", b"bonsoir")], NOW)
    for one in evidence.waiting(each_office):
        evidence.read_exhibit(each_office, one, NOW)
    new = split(each_office, agent, case_id, THREAT, {2}, "Deux auteurs différents.", LATER)
    made = case(each_office, new.id)
    assert (new.split_from, new.queued, new.departement, made.told.text) == (case_id, True, "35", THREAT)
    assert "menace" in made.types and made.told.contact == "06 00 00 00 00"
    assert [(one.about.name, one.state) for one in made.exhibits] == [("b.txt", "read")]
    with each_office.database.read() as connection:
        sealer = each_office.cases.sealer(connection, new.id)
        assert kept.original(connection, sealer, made.exhibits[0].id) == b"bonsoir"


def test_a_part_is_undone_by_joining_it_and_nobody_is_written_to_in_it(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent, BOTH)
    new = split(office, agent, case_id, THREAT, (), "Deux auteurs différents.", LATER)
    claim(office, agent, new.id, LATER)
    with pytest.raises(DeskError, match="origine"):
        conversing.write(office, agent, new.id, "Bonjour.", [], LATER)
    join(office, agent, new.id, standing(office, case_id).reference, "C'est la même affaire.", LATER)
    assert standing(office, new.id).merged_into == case_id


@pytest.mark.parametrize("text", ["", "  ", "Il a une arme.", THREAT + " Et il a une arme."])
def test_a_part_is_word_for_word_in_the_report(office: Office, text: str) -> None:
    agent = somebody(office)
    case_id = held(office, agent, BOTH)
    with pytest.raises(DeskError):
        split(office, agent, case_id, text, (), "Deux auteurs.", LATER)


def test_a_joined_case_is_still_its_authors_to_erase(office: Office) -> None:
    _, main, other = joined(office)
    assert erasing.erase(office, other, LATER) == "erased"
    assert standing(office, main).state == "open"
