"""What an agent decides holds, up and down, against what they had read; what comes after can only raise the case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.handling.cast import CALM, NOW, THREAT, case, held, sent, shown, somebody, standing
from triage.desk import case as desk
from triage.desk import evidence, follow_up
from triage.desk.evidence import File
from triage.desk.handling import deciding
from triage.desk.handling.deciding import Opinion
from triage.desk.handling.opening import NotHeldError
from triage.desk.office import DeskError, Office
from triage.desk.queue.moving import escalate
from triage.store import decisions
from triage.store.people_tables import AUDIT

LATER = NOW + timedelta(minutes=10)
JOKE = Opinion(("injure",), (), "advice")
MEANWHILE = b"Je vais te tuer ce soir, je suis devant chez toi avec mon fusil."


def lowered(office: Office, text: str = THREAT) -> str:
    """A case that an agent has read, and put down to advice."""
    agent = somebody(office)
    case_id = held(office, agent, text)
    deciding.correct(office, agent, case_id, shown(office, case_id), JOKE, "Un ami le taquinait.", LATER)
    return case_id


def test_a_correction_is_kept_as_labelled_data(each_office: Office) -> None:
    agent = somebody(each_office)
    case_id = held(each_office, agent)
    before = case(each_office, case_id)
    deciding.correct(each_office, agent, case_id, shown(each_office, case_id), JOKE, "Un ami le taquinait.", LATER)
    with each_office.database.read() as connection:
        (kept,) = decisions.of_case(connection, each_office.cases.sealer(connection, case_id), case_id)
        audit = connection.execute(select(AUDIT).where(AUDIT.c.case_id == case_id).order_by(AUDIT.c.seq.desc())).first()
    assert (kept.kind, kept.by, kept.reason) == ("corrected", agent.id, "Un ami le taquinait.")
    assert (kept.level_before, kept.types_before, kept.flags_before) == (before.level, before.types, before.flags)
    assert (kept.level, kept.types, kept.flags) == ("advice", ("injure",), ())
    assert "menace=rule" in kept.sources.split() and kept.rules and kept.model
    assert audit is not None and (audit.what, audit.who) == ("decide.corrected", agent.id)


def test_an_agent_may_lower_a_case_and_its_author_is_told(each_office: Office) -> None:
    case_id = lowered(each_office)
    now = case(each_office, case_id)
    assert (now.level, now.types, now.flags, now.standing.decided) == ("advice", ("injure",), (), "advice")
    assert now.events[-1].detail == "Un agent a relu votre dossier. Niveau : Urgent → Conseil."
    assert desk.understood(each_office, now, LATER).diagnostic.level.id == "advice"
    assert desk.understood(each_office, now, LATER).triaged.assessment.primary == "injure"


def test_nothing_that_the_agent_had_read_undoes_the_decision(office: Office) -> None:
    case_id = lowered(office)
    follow_up.answer(office, case_id, {"danger": "non"}, LATER)
    follow_up.tell_facts(office, case_id, {"contact": "06 00 00 00 00"}, LATER)
    follow_up.correct(office, case_id, "menace", "C'est bien une menace.", LATER)
    follow_up.complete(office, case_id, "Je précise que cela s'est passé un mardi.", LATER)
    follow_up.write(office, case_id, "official", "Merci pour votre réponse.", LATER)
    assert (case(office, case_id).level, case(office, case_id).types) == ("advice", ("injure",))


@pytest.mark.parametrize(
    "more",
    [
        "Ce soir il m'a écrit : « je vais te tuer, je suis en bas de chez toi ».",
        "Il vient de m'envoyer la photo de son fusil avec ma photo dessus.",
    ],
)
def test_new_words_raise_the_case_above_the_decision(office: Office, more: str) -> None:
    for add in (follow_up.complete, lambda o, c, t, n: follow_up.write(o, c, "official", t, n)):
        case_id = lowered(office)
        add(office, case_id, more, LATER + timedelta(hours=1))
        now = case(office, case_id)
        assert now.rank >= 3 and now.standing.queued, (more, now.level)


def test_a_piece_read_after_the_decision_counts_in_full(each_office: Office) -> None:
    case_id = lowered(each_office)
    evidence.add(each_office, case_id, [File("message.txt", MEANWHILE)], LATER)
    for one in evidence.waiting(each_office):
        evidence.read_exhibit(each_office, one, LATER)
    now = case(each_office, case_id)
    assert now.level == "immediate" and "menace" in now.types and "arme" in now.flags


def test_a_calm_piece_does_not(office: Office) -> None:
    case_id = lowered(office)
    evidence.add(office, case_id, [File("note.txt", b"Bonjour, la salle est libre samedi pour le loto.")], LATER)
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, LATER)
    assert case(office, case_id).level == "advice"


def test_an_answer_that_tells_a_danger_raises_it_too(office: Office) -> None:
    case_id = lowered(office, "On me menace à demi-mot dans des courriers : « fais attention à toi ».")
    follow_up.answer(office, case_id, {"danger": "oui"}, LATER)
    assert case(office, case_id).level == "immediate"


def test_once_confirmed_a_level_is_lowered_by_no_answer(office: Office) -> None:
    agent = somebody(office)
    text = "On me menace à demi-mot dans des courriers : « fais attention à toi »."
    case_id = held(office, agent, text)
    follow_up.answer(office, case_id, {"danger": "oui"}, NOW)
    deciding.confirm(office, agent, case_id, shown(office, case_id), LATER)
    follow_up.answer(office, case_id, {"danger": "non"}, LATER)
    assert case(office, case_id).level == "immediate"


def test_what_an_agent_raised_no_answer_lowers(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent, CALM)
    escalate(office, agent, case_id, "urgent", "Il connaît l'auteur, déjà violent.", LATER)
    follow_up.answer(office, case_id, {"danger": "non"}, LATER)
    assert case(office, case_id).level == "urgent"


def test_a_message_that_tells_a_danger_raises_a_case_that_nobody_had_to_read(each_office: Office) -> None:
    case_id = sent(each_office, CALM)
    assert not standing(each_office, case_id).queued
    follow_up.write(each_office, case_id, "official", "Il est devant ma porte avec un fusil, il crie.", LATER)
    now = standing(each_office, case_id)
    assert (now.level, now.queued, now.due_at) == ("immediate", True, LATER)


def test_thanks_raise_nothing(office: Office) -> None:
    case_id = sent(office, CALM)
    before = case(office, case_id).level
    follow_up.write(office, case_id, "official", "Merci beaucoup, bonne soirée.", LATER)
    assert case(office, case_id).level == before


def test_a_decision_on_a_page_that_is_no_longer_true_is_refused(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    old = shown(office, case_id)
    follow_up.write(office, case_id, "official", "Il a recommencé.", LATER)
    for decide in (
        lambda: deciding.confirm(office, agent, case_id, old, LATER),
        lambda: deciding.correct(office, agent, case_id, old, JOKE, "Rien.", LATER),
    ):
        with pytest.raises(DeskError, match="Du nouveau"):
            decide()


@pytest.mark.parametrize(
    "opinion",
    [
        Opinion((), (), "advice"),
        Opinion(("météo",), (), "advice"),
        Opinion(("injure",), ("pluie",), "advice"),
        Opinion(("injure",), (), "très grave"),
        Opinion(("injure",), (), ""),
        Opinion(tuple("abcdefghi"), (), "advice"),
    ],
)
def test_an_opinion_is_made_of_what_the_rules_name(office: Office, opinion: Opinion) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    with pytest.raises(DeskError):
        deciding.correct(office, agent, case_id, shown(office, case_id), opinion, "Parce que.", LATER)


def test_only_whoever_holds_the_case_decides_and_says_why(office: Office) -> None:
    agent, other = somebody(office), somebody(office)
    case_id = held(office, agent)
    with pytest.raises(NotHeldError):
        deciding.confirm(office, other, case_id, shown(office, case_id), LATER)
    with pytest.raises(DeskError, match="pourquoi"):
        deciding.correct(office, agent, case_id, shown(office, case_id), JOKE, "  ", LATER)
