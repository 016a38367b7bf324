"""What a change of rules would do, said before it is made: the shortcut loses nothing, words are shown to few."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.desk.handling.cast import held, sent, shown, somebody
from triage.desk import case as desk
from triage.desk import erasing
from triage.desk.handling import deciding
from triage.desk.handling.deciding import Opinion
from triage.desk.office import DeskError, Office
from triage.engine import Engine
from triage.errors import DataError
from triage.intake.report import Report
from triage.learning.build import labelled
from triage.learning.cases import labels_of
from triage.learning.corpus import load
from triage.learning.drafts import engine_by, engine_with
from triage.learning.evaluation import Labelled
from triage.learning.impact import READ_AT, Shift, Text, examples, flags, impact, text_of, types
from triage.learning.passages import passage, telling
from triage.learning.storedcases import hidden_from, note_trial, readable, reader_of, stored
from triage.learning.subjects import evenly, known
from triage.settings import Settings
from triage.store.people import Scope
from triage.store.people_tables import AUDIT

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
SAID = "Ils ont écrit sur ma page : « il faut le grignoter ». J'ai peur pour mes enfants depuis."
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
_REST = """voice: tous
weight: 3
phrases: [{phrases}]
examples: {{match: ["[un]", "[deux]"], no_match: ["trois", "quatre"]}}
limits: aucune
checked_on: 2026-11-27
"""
DANGER = "flags: [danger_imminent]"
Draft = Callable[..., Path]


def written(folder: Path, identifier: str, speaks: str, *phrases: str) -> Path:
    """A draft, of a rule as grave as can be."""
    path = folder / f"{identifier}.yaml"
    told = ", ".join(f'"{one}"' for one in phrases)
    text = f"id: {identifier}\ntitle: essai\n{speaks}\n{_REST.format(phrases=told)}"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return partial(written, tmp_path)


@pytest.fixture(scope="module")
def biting(engine: Engine, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine, once « il faut le grignoter » is a danger."""
    drafted = written(tmp_path_factory.mktemp("brouillons"), "danger_imminent.essai", DANGER, "il faut le grignoter")
    return engine_with(settings, engine, [drafted])


@pytest.fixture
def texts(settings: Settings) -> list[Text]:
    """Some of the shipped texts, enough for two processes, and a few that rules of tests find."""
    some = evenly(load(settings.models / "corpus", labels_of(settings)), 300)
    own = [SAID, "On m'a écrit : « tu vas cr3v3r gr1gn0t3 ».", CALM, "Il a dit qu'il ne faut pas le grignoter."]
    return [*map(text_of, some), *(Text(f"essai-{i}", Report(text)) for i, text in enumerate(own))]


def without_a_rule(settings: Settings, folder: Path) -> Path:
    """The rules without the longest of those that tell a weapon."""
    shutil.copytree(settings.rules, folder)
    biggest = max((folder / "red_flags" / "arme").glob("*.yaml"), key=lambda path: path.stat().st_size)
    biggest.unlink()
    return folder


def with_a_word(settings: Settings, folder: Path) -> Path:
    """The rules with one more word in a lexical field that many of them use."""
    shutil.copytree(settings.rules, folder)
    path = folder / "lexicon" / "violence.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[", '["critique", "grignoter", ', 1), encoding="utf-8")
    return folder


CHANGES = ["une règle de plus", "un mot déguisé", "une règle de moins"]


@pytest.mark.whole
@pytest.mark.parametrize("what", CHANGES)
def test_the_shortcut_says_what_judging_everything_twice_says(
    what: str, engine: Engine, settings: Settings, texts: list[Text], draft: Draft, tmp_path: Path
) -> None:
    if what == "une règle de plus":
        path = draft("danger_imminent.essai", DANGER, "grignoter", "(le|la|les) maire")
        after = engine_with(settings, engine, [path])
    elif what == "un mot déguisé":
        after = engine_with(settings, engine, [draft("menace.essai", "type: menace", "crever grignote")])
    else:
        after = engine_by(settings, engine, without_a_rule(settings, tmp_path / "rules"))
    short = impact(engine, after, texts, workers=1)
    whole = impact(engine, after, texts, every=True, workers=2)
    assert short.judgements == whole.judgements
    assert whole.twice == len(texts)
    assert (short.twice == len(texts)) == short.everything == (what == "un mot de plus")
    assert short.twice > 0
    if what != "une règle de moins":  # the others are there to change something, or the test would prove little
        assert short.different


@pytest.mark.whole
def test_a_word_that_all_rules_share_makes_every_text_be_judged_twice(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    after = engine_by(settings, engine, with_a_word(settings, tmp_path / "rules"))
    found = impact(engine, after, [Text("a", Report(SAID)), Text("b", Report(CALM))])
    assert (found.everything, found.twice) == (True, 2)


@pytest.mark.whole
def test_a_word_that_rules_now_look_for_is_read_under_its_disguise(
    engine: Engine, settings: Settings, draft: Draft
) -> None:
    after = engine_with(settings, engine, [draft("menace.essai", "type: menace", "grignoter")])
    found = impact(engine, after, [Text("a", Report("Il a écrit : « on va te gr1gn0ter ».")), Text("b", Report(CALM))])
    assert found.twice == 1


def test_it_says_what_moves_and_with_which_words(engine: Engine, biting: Engine) -> None:
    gold = Labelled(frozenset({"menace"}), "menace", "immediate", frozenset({"danger_imminent"}))
    calm = Labelled(frozenset({"hors_perimetre"}), "hors_perimetre", "advice", frozenset())
    tale = Text("c", Report("Ce fromage, il faut le grignoter, dit le traiteur du marché."), calm)
    subjects = [Text("a", Report(SAID), gold), Text("b", Report(CALM), calm), tale]
    found = impact(engine, biting, subjects)
    assert found.changed == ("danger_imminent.essai",)
    assert found.twice == 2
    assert [one.id for one in examples(found, 5, "up")] == ["c", "a"]  # what readers contradict comes first
    assert examples(found, 5, "down") == []
    assert found.appearing(flags) == {"danger_imminent": Shift(2, 0)}
    assert found.levels == Shift(2, 0)
    assert found.mistakes["envoyés à un agent à tort"] == Shift(1, 0)
    assert found.mistakes["un drapeau manqué"] == Shift(0, 1)
    assert found.load()[1] > found.load()[0]
    assert "danger_imminent" not in found.appearing(types)
    triaged = subjects[0].judged(biting)
    marked = passage(triaged.document, telling(triaged, found.changed))
    assert marked == "Ils ont écrit sur ma page : « [il faut le grignoter] »."
    assert found.as_json()["mistakes"]["un drapeau manqué"] == {"gained": 0, "lost": 1}


def test_no_sign_that_a_terminal_obeys_is_shown(engine: Engine) -> None:
    triaged = engine.assess(Report("Il m'a écrit \x1b]0;titre\x07 \x9b2J : « je vais te tuer »."), READ_AT)
    shown = passage(triaged.document, telling(triaged, ()))
    assert "tuer" in shown
    assert not [sign for sign in shown if unicodedata.category(sign) == "Cc"]


def test_a_rule_rewritten_for_its_readers_changes_nothing(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    source = settings.rules / "signals" / "menace" / "appel_a_violence.yaml"
    path = tmp_path / "autre.yaml"
    path.write_text(source.read_text(encoding="utf-8") + "\n# relu\n", encoding="utf-8")
    found = impact(engine, engine_with(settings, engine, [path]), [Text("a", Report(SAID))])
    assert (found.changed, found.twice, found.different) == ((), 0, [])


@pytest.mark.whole
def test_what_the_model_cannot_hear_is_said(engine: Engine, settings: Settings, draft: Draft) -> None:
    assert engine.model is not None
    deaf = next(
        (name, value)
        for name in sorted(path.stem for path in (settings.rules / "facts").glob("*.yaml"))
        for value in ("oui", "non")
        if f"fact:{name}={value}" not in engine.model.classifier.targets
    )
    path = draft(f"{deaf[0]}.essai", f'facts: {{{deaf[0]}: "{deaf[1]}"}}', "grignoter")
    found = impact(engine, engine_with(settings, engine, [path]), [Text("a", Report(SAID))])
    assert found.unheard == (f"fact:{deaf[0]}={deaf[1]}",)


@pytest.mark.parametrize(
    ("identifier", "speaks", "phrase", "line", "why"),
    [
        ("menace.essai", "type: menace", "(un|deux", 6, "parenthèse ouverte"),
        ("menace.essai", "type: menaces", "un", 3, "« menaces » n'existe pas"),
        ("menaces.essai", "type: menace", "un", 1, "« menaces » n'existe pas"),
        ("menace", "type: menace", "un", 1, "menace.mort_annoncee"),
    ],
)
def test_a_wrong_draft_is_told_at_its_own_lines(
    engine: Engine, settings: Settings, draft: Draft, identifier: str, speaks: str, phrase: str, line: int, why: str
) -> None:
    path = draft(identifier, speaks, phrase)
    with pytest.raises(DataError) as told:
        engine_with(settings, engine, [path])
    assert [(one.where.path, one.where.line) for one in told.value.problems] == [(path, line)]
    assert why in str(told.value)


def test_what_is_served_says_is_kept_for_the_next_trial(engine: Engine, tmp_path: Path, texts: list[Text]) -> None:
    some, heard = texts[:5], list[int]()
    first = known(Settings(data=tmp_path), engine, some, progress=heard.append)
    assert known(Settings(data=tmp_path), engine, some, progress=heard.append) == first
    assert heard == [1, 2, 3, 4, 5]
    assert first[some[0].id] == labelled(some[0].judged(engine).assessment)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    assert some[0].report.text.encode() not in kept


def test_stored_cases_are_judged_as_they_are_now(each_office: Office, engine: Engine, biting: Engine) -> None:
    agent = somebody(each_office)
    mine = held(each_office, agent, SAID, NOW)
    opinion = Opinion(("menace",), (), "immediate")
    deciding.correct(each_office, agent, mine, shown(each_office, mine), opinion, "Une menace déguisée.", NOW)
    erased = sent(each_office, SAID, NOW)
    erasing.erase(each_office, erased, NOW)
    calm = sent(each_office, CALM, NOW)
    cases, closed = stored(each_office, NOW)
    assert ({one.case_id for one in cases}, closed) == ({mine, calm}, 0)
    case = desk.load(each_office, mine)
    told = next(one for one in cases if one.case_id == mine)
    assert told.judged(engine).assessment == desk.assessed(each_office, case, case.told, NOW).triaged.assessment
    assert told.gold == Labelled(frozenset({"menace"}), "menace", "immediate", frozenset())
    found = impact(engine, biting, cases)
    assert [one.id for one in found.different] == [case.reference]
    assert found.twice == 1
    assert len(stored(each_office, NOW, 1)[0]) == 1


def test_a_case_is_read_by_those_who_may_and_the_audit_says_so(office: Office, settings: Settings) -> None:
    text = "Je suis maire. Mme Sylvie Traoré, 12 rue des Lilas, m'a écrit par SMS : « je vais te tuer »."
    case_id = sent(office, text, NOW, departement="35")
    here, elsewhere = somebody(office, "agent", Scope("35")), somebody(office, "agent", Scope("75"))
    analyst, administrator = somebody(office, "analyst"), somebody(office, "administrator")
    assert readable(office, here, [case_id], NOW) == {case_id}
    assert readable(office, elsewhere, [case_id], NOW) == set()
    assert readable(office, analyst, [case_id], NOW) == {case_id}
    note_trial(office, None, "0123456789ab", 1, NOW)
    with office.database.read() as connection:
        told = select(AUDIT.c.who, AUDIT.c.case_id).where(AUDIT.c.what == "rules.impact").order_by(AUDIT.c.seq)
        lines = [(row.who, row.case_id) for row in connection.execute(told)]
    assert lines == [(here.id, case_id), (analyst.id, case_id), ("system", "")]
    with pytest.raises(DeskError, match="ne permet pas de lire"):
        reader_of(office, administrator.login)
    with pytest.raises(DeskError, match="n'a pas de compte"):
        reader_of(office, "inconnu@exemple.fr")
    triaged = stored(office, NOW)[0][0].judged(office.engine)
    hits = telling(triaged, ())
    hide = hidden_from(reader_of(office, analyst.login), settings, office)
    assert hide is not None
    assert hidden_from(here, settings, office) is None
    assert hits
    hidden = passage(triaged.document, hits, hide)
    assert "Traoré" not in hidden
    assert "Lilas" not in hidden
