"""What an export comes to: scenes that happen, and the answer an agent would give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.comments.exports import BEGIN, DEBATE, ORDINARY, SAMPLES, export_of, joined, mixed, of, plain
from triage.comments.comment import Export
from triage.comments.policy import CommentsPolicy
from triage.comments.verdict import Verdict, verdict

Judge = Callable[[Export], Verdict]
ESCALATED = ("agent", "urgent", "immediate")


def test_friends_who_joke(judge: Judge) -> None:
    """Une menace de mort qui fait rire tout le monde ne décide pas seule."""
    texts = ["Trop belle la photo 😍", "je vais te tuer 😂", "mdr vous êtes beaux", "Salut les copains", "À samedi !"]
    found = judge(export_of([*texts, *of("harmless", 15)], authors=8, hours=5))
    assert found.level not in ESCALATED
    assert "menace" not in found.types
    assert found.doubtful >= 1
    assert "trop isolé" in " ".join(found.reasons)


def test_many_jokes_of_friends(judge: Judge) -> None:
    found = judge(export_of([*of("jokes", 8), *of("harmless", 60), *of("irony", 20)], authors=25, hours=20))
    assert found.level not in ESCALATED


SERIOUS = "Je sais où tu habites 12 rue des Lilas, je viens te planter ce soir"


@pytest.mark.parametrize("laugh", ["", " 😂"])
def test_one_serious_threat_decides_alone(judge: Judge, laugh: str) -> None:
    """Une adresse, une arme, un soir : un rire n'y change rien."""
    found = judge(joined(export_of(of("harmless", 300), 100, 48), export_of([SERIOUS + laugh], 1, 1)))
    assert found.level == "immediate"
    assert "menace" in found.types
    assert {"danger_imminent", "domicile_vise"} <= set(found.flags)
    assert found.reasons[0].startswith("1 commentaire sans équivoque")


def test_a_storm_of_insults_is_a_raid(judge: Judge) -> None:
    """300 injures de 80 auteurs en deux heures."""
    found = judge(joined(export_of(of("insults", 300), 80, 2), export_of(mixed(ORDINARY, 100), 60, 48)))
    assert found.raid
    assert found.level == "agent"
    assert found.types[:1] == ("injure",)
    assert "raid" in found.types
    assert 75 <= found.hostile_authors <= 85
    assert any("auteurs hostiles" in reason for reason in found.reasons)


def test_insults_with_laughs_are_a_raid_too(judge: Judge) -> None:
    texts = [f"{text} 😂😂" for text in of("insults", 120)]
    assert judge(export_of(texts, 60, 3)).raid


def test_the_same_insults_over_a_year_are_none(judge: Judge) -> None:
    """Autant d'auteurs, mais jamais ensemble."""
    spread = joined(export_of(of("insults", 60), 60, 24 * 365), export_of(mixed(ORDINARY, 300), 100, 24 * 365))
    assert not judge(spread).raid


def test_a_harsh_debate_is_allowed(judge: Judge) -> None:
    """500 commentaires durs sur un projet : la critique n'est pas une attaque."""
    found = judge(export_of(mixed(DEBATE, 500), 220, 36))
    assert found.level not in ESCALATED
    assert not found.raid
    assert found.harmless > 400


def test_threats_among_thousands(judge: Judge) -> None:
    """8 menaces de mort de 5 auteurs parmi 10 000 commentaires."""
    found = judge(joined(export_of(plain(ORDINARY, 10_000), 3000, 72), export_of(of("threats", 8), 5, 60)))
    assert found.level == "urgent"
    assert "menace" in found.types
    assert not found.raid
    assert found.total == 10_008


def test_veiled_threats_among_thousands(judge: Judge) -> None:
    """Aucune ne suffit seule ; ensemble, elles disent la même chose."""
    texts = ["On sait à quelle école vont tes enfants", "Tu vas voir ce qui va t'arriver, tic tac"] * 3
    found = judge(joined(export_of(plain(ORDINARY, 3_000), 1000, 72), export_of(texts, 4, 60)))
    assert found.level in ("agent", "urgent")
    assert "menace" in found.types


PASTED = "Toi le maire, grosse ordure, on veut plus voir ta sale gueule dans notre ville, dégage espèce de raclure !"


def test_a_copied_insult_is_a_raid(judge: Judge) -> None:
    """Le même texte sous douze noms, en douze semaines, avec d'autres signes de ponctuation."""
    copies = [PASTED, PASTED.lower(), PASTED.replace(" !", "!!")] * 4
    found = judge(joined(export_of(copies, 12, 24 * 84), export_of(plain(ORDINARY, 400), 150, 24 * 84)))
    assert found.raid
    assert found.level == "agent"
    assert "Le même texte hostile a été publié sous 12 noms." in found.reasons


def test_a_copied_petition_is_none(judge: Judge) -> None:
    text = "Non à la fermeture de la maternité ! Signez la pétition et venez samedi à 10 h devant la préfecture."
    found = judge(joined(export_of([text] * 200, 200, 24), export_of(plain(ORDINARY, 300), 150, 24)))
    assert found.level not in ESCALATED
    assert not found.raid


def test_hate(judge: Judge) -> None:
    found = judge(joined(export_of(of("hate", 12), 9, 10), export_of(plain(ORDINARY, 200), 90, 24)))
    assert found.level == "agent"
    assert "haine" in found.types


def test_one_who_insists(judge: Judge) -> None:
    """Un même auteur, vingt insultes en un mois."""
    found = judge(joined(export_of(of("insults", 20), 1, 700), export_of(plain(ORDINARY, 600), 200, 700)))
    assert "cyberharcelement" in found.types
    assert found.level == "agent"
    assert not found.raid


@pytest.mark.parametrize("kind", ["harmless", "criticism", "irony"])
def test_what_is_harmless_is_only_counted(judge: Judge, kind: str) -> None:
    found = judge(export_of(of(kind, 200), 90, 24))
    assert found.level not in ESCALATED
    assert found.counts.get("menace", 0) <= 4
    assert found.harmless + found.doubtful + sum(found.counts.values()) >= found.total == 200


def test_without_authors_a_flood_still_escalates(judge: Judge) -> None:
    """Sans auteurs, pas de raid établi ; mais tant d'injures demandent quelqu'un."""
    export = export_of(of("insults", 300), 80, 2)
    nameless = Export(tuple(replace(comment, author="") for comment in export.comments), ())
    found = judge(nameless)
    assert not found.raid
    assert found.authors == found.hostile_authors == 0
    assert found.level == "agent"


def test_without_dates_the_whole_export_is_one_window(judge: Judge) -> None:
    export = export_of(of("insults", 100), 50, 2)
    undated = Export(tuple(replace(comment, when=None) for comment in export.comments), ())
    found = judge(undated)
    assert found.raid
    assert found.peaks == ()
    assert any("dates n'ont pas pu être lues" in reason for reason in found.reasons)


def test_peaks_by_the_hour_then_by_the_day(judge: Judge) -> None:
    day = judge(export_of(of("insults", 48), 12, 24))
    assert len(day.peaks) == 24
    assert [begin for begin, _, _ in day.peaks] == sorted(begin for begin, _, _ in day.peaks)
    assert sum(total for _, total, _ in day.peaks) == 48
    assert all(hostile <= total for _, total, hostile in day.peaks)
    month = judge(export_of(of("insults", 48), 12, 24 * 30))
    assert len(month.peaks) <= 31
    assert {begin.hour for begin, _, _ in month.peaks} == {0}


def test_counts_add_up(judge: Judge) -> None:
    found = judge(export_of(mixed({**ORDINARY, "threats": 30, "hate": 30}, 400), 100, 20))
    assert found.total == 400
    assert found.first == BEGIN
    assert found.last is not None and found.last < BEGIN + timedelta(hours=20)
    assert found.authors == 100
    assert all(found.authors_by_type[name] <= count for name, count in found.counts.items())


def test_an_empty_verdict(policy: CommentsPolicy) -> None:
    from triage.comments.tally import Tally

    found = verdict((), Tally(total=3, harmless=3), policy)
    assert found.level == "advice"
    assert found.reasons == ("Rien d'hostile n'a été trouvé (3 commentaires).",)


def test_there_are_samples_enough() -> None:
    assert sum(len(texts) for name, texts in SAMPLES.items() if name != "slots") >= 120
