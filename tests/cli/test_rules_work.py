"""`triage rules test` and `triage rules impact`, as an analyst types them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import migrated_at, office_at
from tests.desk.handling.cast import somebody
from triage.cli import rules_impact
from triage.cli.rules import rules
from triage.desk import case as desk
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.engine import Engine
from triage.errors import DataError, TriageError
from triage.store.people import Scope
from triage.store.records import Told

SAID = "Ils ont écrit sur ma page : « il faut le grignoter »."
RULE = """id: danger_imminent.essai
title: On veut le grignoter
flags: [danger_imminent]
voice: tous
weight: 3
phrases:
  - il faut (le|la) grignoter
examples:
  match:
    - "Il écrit : « [il faut le grignoter] »."
    - "On va [le grignoter], dit-il."
  no_match:
    - "Un fromage à grignoter."
    - "Il faut la grignoter, cette pomme."
limits: aucune
checked_on: 2026-11-27
"""
WRONG = """id: menace.essai
title: essai
type: menace
voix: tous
phrases:
  - (un|deux
  - <inconnu> va venir
examples:
  match: ["[un]"]
  no_match: ["trois", "quatre"]
limits: aucune
checked_on: 2026-11-27
"""
Typed = Callable[..., Result]


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(rules, list(map(str, words)))


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "essai.yaml"
    path.write_text(RULE, encoding="utf-8")
    return path


@pytest.fixture
def live(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A service that has received a report; the commands work on it."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setattr(rules_impact, "build_engine", lambda _: engine)  # the same, which takes seconds to build
    office = office_at(engine, migrated_at(tmp_path))
    yield office
    office.database.close()


@pytest.mark.whole
def test_a_rule_in_service_is_tried(live: Office) -> None:
    result = typed("test", "menace.appel_a_violence", "--limit", "200", "--examples", "2")
    assert result.exit_code == 0, result.output
    assert "  trouvé " in result.output
    assert "  écarté " in result.output
    assert "manqué" not in result.output
    assert "Dans les 200 textes livrés : trouvée dans " in result.output
    assert "Précision pour le type menace" in result.output
    assert "µs (millionièmes de seconde) par texte à elle seule" in result.output


def test_a_draft_is_tried_on_its_examples_and_on_a_text(live: Office, draft: Path) -> None:
    result = typed("test", draft, "--text", SAID, "--text", "Il ne faut pas le grignoter.")
    assert result.exit_code == 3
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines[:2] == ["danger_imminent.essai : On veut le grignoter", str(draft)]
    assert "trouvé Il écrit : « [il faut le grignoter] »." in lines
    assert "manqué On va [le grignoter], dit-il." in lines
    assert f"{draft}:11 : non trouvé" in lines
    assert "écarté Un fromage à grignoter." in lines
    assert "trouvé à tort [Il faut la grignoter], cette pomme." in lines
    assert f"{draft}:14 : trouvé alors qu'il ne doit pas l'être" in lines
    assert "trouvé (mots cités) : Ils ont écrit sur ma page : « [il faut le grignoter] »." in lines
    assert lines[-1] == "rien trouvé"


def test_all_that_is_wrong_in_a_draft_is_told_at_once(live: Office, tmp_path: Path) -> None:
    path = tmp_path / "faux.yaml"
    path.write_text(WRONG, encoding="utf-8")
    result = typed("test", path)
    assert result.exit_code == 3
    found = [line.strip().removeprefix(f"{path}:") for line in result.output.splitlines() if f"{path}:" in line]
    assert [line.split(" ", 1)[0] for line in found] == ["1", "4", "6", "7", "9"]
    assert "champ « voix » : champ inconnu" in result.output
    assert "champ « voice » : champ obligatoire absent" in result.output
    assert "parenthèse ouverte" in result.output
    assert "champ lexical inconnu : <inconnu>" in result.output


@pytest.mark.whole
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("test", "menace.inconnue"), "menace.appel_a_violence"),
        (("test", "absent.yaml"), "fichier illisible"),
        (("impact",), "--draft FICHIER"),
        (("impact", "--draft", "absent.yaml"), "fichier illisible"),
        (("impact", "--draft", "{draft}", "--on", "absent.jsonl"), "fichier illisible"),
        (("impact", "--draft", "{draft}", "--json", "absent.txt"), ".json"),
        (("impact", "--draft", "{draft}", "--on", "stored", "--by", "inconnu@exemple.fr"), "n'a pas de compte"),
    ],
)
def test_what_cannot_be_done_is_said(live: Office, draft: Path, words: tuple[str, ...], why: str) -> None:
    """`triage` prints the message of such an error."""
    result = typed(*(word.format(draft=draft) for word in words))
    assert isinstance(result.exception, TriageError | DataError), result.output
    assert why in str(result.exception)


@pytest.mark.whole
def test_the_impact_on_a_file_is_told_and_written(live: Office, draft: Path, tmp_path: Path) -> None:
    labels = {"threats": ["menace"], "primary": "menace", "disposition": "immediate", "red_flags": ["danger_imminent"]}
    texts, out = tmp_path / "textes.jsonl", tmp_path / "effet.json"
    lines = [{"id": "a", "text": SAID, **labels}, {"text": "Le marché est ouvert ce matin."}]
    texts.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    result = typed("impact", "--draft", draft, "--on", texts, "--json", out)
    assert result.exit_code == 0, result.exception
    assert "danger_imminent.essai : nouvelle" in result.output
    assert "2 jugés, dont 1 deux fois" in result.output
    assert "un drapeau manqué : 0 de plus, 1 de moins" in result.output
    assert "      Ils ont écrit sur ma page : « [il faut le grignoter] »." in result.output
    written = json.loads(out.read_text(encoding="utf-8"))
    assert (written["subjects"], written["up"], written["labelled"]) == (2, 1, 1)
    assert "grignoter" not in out.read_text(encoding="utf-8")
    learnt = "Le modèle a appris sur ces textes"
    assert learnt not in result.output and learnt in typed("impact", "--draft", draft, "--limit", "5").output


def test_a_file_that_is_no_set_of_texts_is_told_line_by_line(live: Office, draft: Path, tmp_path: Path) -> None:
    texts = tmp_path / "textes.jsonl"
    texts.write_text('{"text": ""}\nnon\n{"text": "un", "primary": "menace"}\n', encoding="utf-8")
    told = typed("impact", "--draft", draft, "--on", texts).exception
    assert isinstance(told, DataError)
    assert [one.where.line for one in told.problems] == [1, 2, 3]


@pytest.mark.whole
def test_stored_cases_are_named_only_and_read_by_those_who_may(live: Office, draft: Path) -> None:
    case_id = submit(live, Told(text=SAID, departement="35"), [], datetime.now(UTC)).case_id
    reference = desk.load(live, case_id).reference
    alone = typed("impact", "--draft", draft, "--on", "stored").output
    assert f"  {reference}  " in alone
    assert "grignoter" not in alone
    here, elsewhere = somebody(live, "agent", Scope("35")), somebody(live, "agent", Scope("75"))
    assert "[il faut le grignoter]" in typed("impact", "--draft", draft, "--on", "stored", "--by", here.login).output
    unread = typed("impact", "--draft", draft, "--on", "stored", "--by", elsewhere.login).output
    assert reference in unread
    assert "grignoter" not in unread


def test_a_draft_is_begun_in_its_own_folder(tmp_path: Path) -> None:
    result = typed("new", "menace.essai", "--drafts", tmp_path / "brouillons")
    assert result.exit_code == 0, result.exception
    assert (tmp_path / "brouillons" / "menace.essai.yaml").is_file()
    assert "triage rules test" in result.output
