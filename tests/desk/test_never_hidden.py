"""Sequences by which a report could leave everybody's sight, or words outlive their erasure: none of them works."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.desk.handling.cast import CALM, NOW, THREAT, case, held, listed, sent, somebody, standing
from triage.desk import erasing, evidence, follow_up
from triage.desk.campaigns import changing, telling
from triage.desk.evidence import File
from triage.desk.handling import deciding, erasures, outcomes
from triage.desk.handling.conversing import read_by_agent
from triage.desk.handling.excluding import exclude, readmit, set_concerns
from triage.desk.handling.joining import join
from triage.desk.handling.opening import NotHeldError, permitted
from triage.desk.handling.splitting import split
from triage.desk.office import DeskError, Office
from triage.desk.people import accounts
from triage.desk.people.registry import registry_of
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import claim, release, sweep
from triage.desk.queue.moving import escalate, refer, snooze
from triage.store import campaigns, queue
from triage.store.cases import UnknownCaseError
from triage.store.people import Person, Scope

LATER, DAYS = NOW + timedelta(minutes=10), NOW + timedelta(days=3)
DANGER = "Il vient de m'écrire : « je vais te tuer ce soir, je suis devant chez toi avec un couteau »."
INSULT = "Je suis maire. Depuis un mois un inconnu me suit et me harcèle par SMS, chaque jour, j'ai peur."


def waiting(office: Office, case_id: str, now: datetime) -> bool:
    """Whether somebody who takes the next case may be given this one."""
    anybody = somebody(office, "supervisor")
    with office.database.read() as connection:
        found = queue.page(connection, anybody, queue.ANY, now, 50)
    return case_id in {one.id for one in found}


def sees(office: Office, person: Person, case_id: str) -> bool:
    try:
        with office.database.read() as connection:
            permitted(office, connection, person, case_id)
    except ForbiddenError:
        return False
    return True


def joined(office: Office, person: Person, **other: str) -> tuple[str, str]:
    """A main case, and one that `person` joined to it."""
    main, one = sent(office, CALM), held(office, person, INSULT, **other)
    join(office, person, one, standing(office, main).reference, "La même personne.", LATER)
    return main, one


def test_a_case_long_late_that_was_put_off_comes_back_when_its_level_rises(office: Office) -> None:
    agent = somebody(office)
    case_id = sent(office, CALM)
    escalate(office, agent, case_id, "agent", "À suivre.", NOW)
    claim(office, agent, case_id, DAYS)
    snooze(office, agent, case_id, DAYS + timedelta(days=2), "J'attends la mairie.", DAYS)
    assert not waiting(office, case_id, DAYS)
    escalate(office, somebody(office), case_id, "urgent", "Il connaît l'adresse.", DAYS)
    assert waiting(office, case_id, DAYS)


def test_a_case_that_was_withdrawn_comes_back_with_a_danger(office: Office) -> None:
    case_id = sent(office, CALM)
    erasing.withdraw(office, case_id, NOW)
    follow_up.complete(office, case_id, DANGER, LATER)
    assert waiting(office, case_id, LATER)
    assert standing(office, case_id).state == "open"


def test_whoever_withdraws_does_not_hide_what_another_official_sent(office: Office) -> None:
    main, other = joined(office, somebody(office))
    with office.database.write() as connection:
        office.cases.stand(connection, main, level="agent", rank=2, decided="")
    erasing.withdraw(office, main, DAYS)
    assert standing(office, other).merged_into is None
    assert waiting(office, other, DAYS) == standing(office, other).queued
    follow_up.complete(office, other, DANGER, DAYS)
    assert waiting(office, other, DAYS)


def test_nothing_is_joined_to_a_case_that_was_withdrawn(office: Office) -> None:
    agent, main = somebody(office), sent(office, CALM)
    erasing.withdraw(office, main, NOW)
    with pytest.raises(DeskError, match="retiré"):
        join(office, agent, held(office, agent), standing(office, main).reference, "La même.", LATER)


def test_a_message_to_a_whole_campaign_is_not_work_on_a_case(each_office: Office) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    case_id, second = sent(each_office, THREAT), sent(each_office, THREAT)
    follow_up.write(each_office, case_id, "official", "Que dois-je faire ?", NOW)
    campaign = changing.put_together(each_office, agent, case_id, second, "Même auteur.", NOW)
    claim(each_office, other, case_id, NOW)
    assert read_by_agent(each_office, other, case_id, NOW)
    assert telling.warn(each_office, agent, campaign, "Vous n'êtes pas seul.", LATER) == 2
    release(each_office, other, case_id, LATER + timedelta(minutes=1))
    assert waiting(each_office, case_id, LATER + timedelta(minutes=2))


def test_a_case_is_not_closed_while_a_piece_may_hold_a_danger(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent, CALM)
    evidence.add(office, case_id, [File("sms.txt", DANGER.encode())], NOW)
    with pytest.raises(DeskError, match="pièce"):
        outcomes.close(office, agent, case_id, "conseils", "", LATER)
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, LATER)
    assert standing(office, case_id).level == "immediate"


def test_a_case_is_sent_only_where_somebody_may_read_that_very_case(office: Office) -> None:
    listed(office, "b-35", "brigade", "Brigade de Vitré")
    agent = somebody(office, "supervisor", Scope("13", ""))
    excluded, concerned = (somebody(office, "agent", Scope("35", ""), unit=unit) for unit in ("", "b-35"))
    case_id = held(office, agent, departement="13")
    with office.database.write() as connection:
        office.cases.stand(connection, case_id, concerns="b-35")
    exclude(office, agent, case_id, excluded.id, "Sa sœur.", NOW)
    with pytest.raises(DeskError, match="oublié"):
        refer(office, agent, case_id, "35", "gendarmerie", "C'est là-bas.", LATER)
    assert concerned.covers("35", "gendarmerie") and sees(office, agent, case_id)


def test_a_case_of_unknown_place_goes_to_the_other_force(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    assert refer(office, agent, case_id, "", "police", "Zone de police.", LATER).force == "police"


def test_a_case_over_is_not_raised_out_of_sight(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent, CALM)
    outcomes.close(office, agent, case_id, "conseils", "", LATER)
    with pytest.raises(DeskError, match="rouvrez"):
        escalate(office, agent, case_id, "immediate", "Il arrive.", LATER)


def test_nobody_believes_to_have_put_off_a_case_that_they_do_not_hold(office: Office) -> None:
    case_id = sent(office, INSULT)
    with pytest.raises(NotHeldError):
        snooze(office, somebody(office, "supervisor"), case_id, NOW + timedelta(hours=1), "Plus tard.", NOW)


@pytest.mark.parametrize("how", ["closed", "moved", "role", "told elsewhere"])
def test_a_case_whose_holder_may_no_longer_see_it_comes_back_at_once(each_office: Office, how: str) -> None:
    agent, registry = somebody(each_office, "agent", Scope("35", "")), registry_of(each_office)
    case_id = held(each_office, agent, departement="35")
    assert sweep(each_office, LATER) == 0
    if how == "closed":
        accounts.disable(registry, None, agent.id, LATER)
    elif how == "moved":
        accounts.set_place(registry, None, agent.id, (Scope("13", ""),), None, LATER)
    elif how == "role":
        accounts.set_role(registry, None, agent.id, "analyst", LATER)
    else:
        follow_up.tell_facts(each_office, case_id, {"departement": "13"}, LATER)
    assert sweep(each_office, LATER) == 1
    assert waiting(each_office, case_id, LATER)


def test_who_handles_the_main_case_sees_what_is_joined_to_it_wherever_it_is(each_office: Office) -> None:
    everywhere, south = somebody(each_office), somebody(each_office, "agent", Scope("13", ""))
    main, other = sent(each_office, THREAT, departement="13"), held(each_office, everywhere, departement="35")
    assert not sees(each_office, south, other)
    join(each_office, everywhere, other, standing(each_office, main).reference, "La même.", LATER)
    follow_up.write(each_office, other, "official", "Il est revenu.", LATER)
    claim(each_office, south, main, LATER)
    assert read_by_agent(each_office, south, other, LATER)
    assert not sees(each_office, somebody(each_office, "agent", Scope("75", "")), other)


def test_who_is_kept_out_of_a_case_is_kept_out_of_those_joined_to_it_and_drawn_from_it(each_office: Office) -> None:
    office, boss, friend = each_office, somebody(each_office, "supervisor"), somebody(each_office)
    case_id = held(office, boss, f"{CALM}\n\n{THREAT}")
    exclude(office, boss, case_id, friend.id, "Son beau-frère.", NOW)
    part = split(office, boss, case_id, THREAT, [], "Deux affaires.", LATER)
    main = sent(office, CALM)
    assert sees(office, friend, main) and not sees(office, friend, part.id)
    claim(office, boss, case_id, LATER)
    join(office, boss, case_id, standing(office, main).reference, "La même personne.", LATER)
    assert not sees(office, friend, main) and not sees(office, friend, case_id)
    other = somebody(office)
    exclude(office, boss, case_id, other.id, "Un voisin.", LATER)
    assert not sees(office, other, main)
    readmit(office, boss, main, other.id, "Une erreur.", LATER)
    assert sees(office, other, main) and sees(office, other, case_id)


def test_a_joined_case_about_a_unit_is_kept_from_it_with_the_main_one(office: Office) -> None:
    listed(office, "b-35", "brigade", "Brigade de Vitré")
    agent, theirs = somebody(office), somebody(office, unit="b-35")
    main, other = joined(office, agent)
    claim(office, agent, main, LATER)
    set_concerns(office, agent, other, "b-35", "Un gendarme est cité.", LATER)
    assert not sees(office, theirs, main) and not sees(office, theirs, other)


def test_what_was_drawn_from_a_case_is_erased_with_it(each_office: Office) -> None:
    office, agent = each_office, somebody(each_office)
    case_id = held(office, agent, f"{CALM}\n\n{THREAT}")
    evidence.add(office, case_id, [File("note.txt", b"Une note.")], NOW)
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, NOW)
    part = split(office, agent, case_id, THREAT, [1], "Deux affaires.", NOW)
    release(office, agent, case_id, LATER)
    assert erasing.erase(office, case_id, LATER) == "asked"
    claim(office, agent, case_id, LATER)
    claim(office, somebody(office), part.id, LATER)
    with pytest.raises(DeskError, match="collègue"):
        erasures.accept(office, agent, case_id, LATER)
    sweep(office, LATER + timedelta(hours=2))
    claim(office, agent, case_id, LATER + timedelta(hours=2))
    erasures.accept(office, agent, case_id, LATER + timedelta(hours=2))
    for gone in (case_id, part.id):
        with pytest.raises(UnknownCaseError):
            case(office, gone)


def test_a_part_that_was_transmitted_is_kept_and_stands_for_itself(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent, f"{CALM}\n\n{THREAT}")
    part = split(office, agent, case_id, THREAT, [], "Deux affaires.", NOW)
    with office.database.write() as connection:
        office.cases.stand(connection, part.id, state="transmitted")
        office.cases.erase(connection, case_id, LATER)
    assert case(office, part.id).told.text == THREAT and standing(office, part.id).split_from is None


def test_a_case_that_an_agent_handles_with_another_is_not_erased_under_them(office: Office) -> None:
    agent = somebody(office)
    main, other = joined(office, agent)
    with office.database.write() as connection:
        office.cases.stand(connection, other, level="agent", rank=2)
    claim(office, agent, main, LATER)
    assert erasing.erase(office, other, LATER) == "asked"


def test_a_level_decided_lower_rises_again_with_a_new_danger(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    before = case(office, case_id)
    lower = deciding.Opinion(before.types, (), "advice")
    deciding.correct(office, agent, case_id, deciding.version(before), lower, "Une fiction.", LATER)
    release(office, agent, case_id, LATER)
    follow_up.complete(office, case_id, DANGER, DAYS)
    assert waiting(office, case_id, DAYS)


def test_what_a_campaign_was_called_goes_with_its_last_case(office: Office) -> None:
    agent, one, two = somebody(office), sent(office, CALM), sent(office, CALM)
    campaign = changing.put_together(office, agent, one, two, "Même auteur.", NOW)
    changing.rename(office, agent, campaign, "Les menaces du marché", NOW)
    names = []
    for case_id in (one, two):
        erasing.erase(office, case_id, LATER)
        with office.database.read() as connection:
            names.append(campaigns.get(connection, campaign).name)
    assert names == ["Les menaces du marché", ""]
