"""Promises that hold for any text at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from triage import bootstrap
from triage.diagnostic.contract import as_json
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report, validate
from triage.settings import Settings

RANK = {"advice": 0, "guided": 1, "agent": 2, "urgent": 3, "immediate": 4}
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

PIECES = [
    "Il m'a écrit « on va te crever ».",
    "je nai pas cliké",
    "De : x@y.fr\nObjet : z\n",
    "> 06 12 34 56 78",
    "F A U X",
    "cr3ver!!!",
    "l'élu d'Évry 😂",
    "depuis le 3 mars",
    "3 500 €",
    "\u202e\u200b\ufeff",
    "ﬁ ǅ İ ß",
    "]}<script>",
]
TEXTS = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))

# One sentence per red flag, told to somebody, and the level below which it must not leave the report.
RED = {
    "danger_imminent": (
        "Un homme armé est en ce moment devant chez moi, il tape dans la porte et crie qu'il va me tuer.",
        "immediate",
    ),
    "ideation_suicidaire": ("Je n'en peux plus, je veux en finir, je pense à me suicider.", "immediate"),
    "violence_physique": ("Il vient de me frapper au visage et il a dit qu'il allait revenir.", "immediate"),
    "mineur_vise": ("Il menace ma fille de douze ans et il a cité le nom de son école.", "urgent"),
    "domicile_vise": ("Il m'a envoyé la photo de ma maison avec « on sait où tu habites ».", "urgent"),
    "arme": ("Il m'a envoyé une photo de son fusil chargé en disant que c'était pour moi.", "urgent"),
    "argent_recent": ("Hier, 4 000 euros sont partis de mon compte.", "urgent"),
}


def readable(text: str) -> bool:
    try:
        validate(text)
    except IntakeError:
        return False
    return True


@SLOW
@given(text=TEXTS)
@example(text="\x1b[31mrouge\x1b[0m")
@example(text="é" * 3000)
@example(text="´")
@example(text="\u0301 \u20dd")
@example(text="a\n" * 2000)
@example(text="« " * 500)
@example(text="(" * 400 + "…" * 400)
def test_any_text_gives_a_diagnostic_whose_offsets_hold(engine: Engine, text: str) -> None:
    if not readable(text):
        with pytest.raises(IntakeError):
            engine.assess(Report(text), NOW)
        return
    triaged = engine.assess(Report(text), NOW)
    answer = as_json(engine.composer, triaged)
    assert answer["threats"]
    assert answer["primary"] == answer["threats"][0]["type"]
    assert answer["disposition"] in RANK
    assert engine.composer.make(triaged).steps
    evidence = [e for part in ("threats", "red_flags", "reasons") for item in answer[part] for e in item["evidence"]]
    for quote in evidence:
        assert text[quote["start"] : quote["end"]] == quote["text"] != ""


@SLOW
@given(text=TEXTS.filter(readable), flag=st.sampled_from(sorted(RED)))
@example(text="IL", flag="argent_recent")
def test_adding_a_red_flag_sentence_never_lowers(engine: Engine, text: str, flag: str) -> None:
    sentence, floor = RED[flag]
    before = engine.assess(Report(text), NOW).assessment.level.id
    after = engine.assess(Report(f"{text}\n\n{sentence}"), NOW).assessment
    assert RANK[after.level.id] >= max(RANK[before], RANK[floor])


@pytest.mark.parametrize("text", ["IL", "Il est", "Bonjour", "il vient ici", "ok"])
def test_a_word_or_two_alarm_nobody(engine: Engine, text: str) -> None:
    assert RANK[engine.assess(Report(text), NOW).assessment.level.id] <= RANK["agent"]


@pytest.mark.parametrize("flag", sorted(RED))
def test_red_flags_raise_without_a_model(rules_engine: Engine, flag: str) -> None:
    sentence, floor = RED[flag]
    triaged = rules_engine.assess(Report(f"Bonjour. {sentence} Merci de me dire quoi faire."), NOW)
    assert triaged.degraded
    assert flag in {raised.flag.id for raised in triaged.assessment.flags}
    assert RANK[triaged.assessment.level.id] >= RANK[floor]


def test_the_same_report_gives_the_same_answer(engine: Engine) -> None:
    text = "Depuis lundi un inconnu m'écrit « tu vas le payer » sur Instagram."
    answers = [as_json(engine.composer, engine.assess(Report(text), NOW)) for _ in range(2)]
    assert answers[0] == answers[1]


def test_what_is_found_is_told_in_one_order(engine: Engine) -> None:
    """By place, the longest first, then by the name of the rule: sets of words differ from process to process."""
    told = "Il m'écrit chaque jour sur Facebook : « on va te brûler, toi et ta voiture, avec un fusil »."
    hits = engine.assess(Report(told), NOW).findings.hits
    ends = [(hit.start, -hit.end) for hit in hits]
    assert len(hits) > 5 and ends == sorted(ends) and len(set(ends)) < len(ends)
    tied = [[one.signal.id for one in hits if (one.start, -one.end) == end] for end in set(ends)]
    assert all(names == sorted(names) for names in tied)


def test_degraded_is_said(rules_engine: Engine) -> None:
    triaged = rules_engine.assess(Report("On a chiffré tous les fichiers de la mairie et on réclame une rançon."), NOW)
    answer = as_json(rules_engine.composer, triaged)
    assert answer["engine"]["degraded"] is True
    assert any("règles seules" in note for note in answer["notes"])
    assert answer["primary"] == "rancongiciel"


def test_another_language_is_said(engine: Engine) -> None:
    text = "I am a town councillor and somebody has been sending me threats every night for two weeks now."
    assert any("français" in note for note in engine.assess(Report(text), NOW).notes)


def test_answers_change_the_decision(engine: Engine) -> None:
    report = Report("La page Facebook de la mairie a été piratée ce week-end.")
    held = engine.assess(report, NOW, {"compte": "non"}).assessment
    free = engine.assess(report, NOW, {"compte": "oui"}).assessment
    assert (held.level.id, free.level.id) == ("urgent", "guided")
    assert date.fromisoformat(str(held.facts["facts_date"].value)) <= NOW.date()


def test_only_its_owner_reads_where_a_service_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first to write, be it to keep a tokenizer, makes the folder that the store and the models come to."""
    made: list[int] = []
    monkeypatch.setattr(bootstrap, "FrenchPipeline", lambda cache: made.append(cache.parent.stat().st_mode & 0o777))
    with pytest.raises(AttributeError):  # nothing more is read: it takes seconds
        bootstrap.build_reader(Settings(data=tmp_path / "neuf"))
    assert made == [0o700]
