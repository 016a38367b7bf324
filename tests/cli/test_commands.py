"""The command as a person types it: results on the output, errors in French, exit codes as documented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Triage
from triage.settings import Settings


def test_a_report_on_standard_input(triage: Triage) -> None:
    done = triage("assess", told="Un inconnu m'écrit chaque nuit « je vais te tuer ».")
    assert done.returncode == 0, done.stderr
    assert "URGENT" in done.stdout
    assert "Menace de mort ou de violence" in done.stdout
    assert "n'est pas une plainte" in done.stdout


def test_explain_names_rules(triage: Triage) -> None:
    done = triage("assess", "--explain", told="Il m'a écrit « je vais te tuer ».")
    assert "Tous les indices" in done.stdout
    assert "menace." in done.stdout


INSULT = "Je suis maire. Il y a 80 jours un habitant a publié sur Facebook, visible de tous, « gros porc, ordure »."


@pytest.mark.parametrize(("option", "said"), [("--markdown", "## Avant quand"), ("--html", "<h2>Avant quand</h2>")])
def test_the_diagnostic_in_other_forms(triage: Triage, option: str, said: str) -> None:
    done = triage("assess", option, told=INSULT)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "il reste" in done.stdout


def test_the_deadlines_for_a_calendar(triage: Triage, tmp_path: Path) -> None:
    done = triage("assess", "--ics", str(tmp_path / "d.ics"), told=INSULT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "d.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


def test_a_corpus_is_counted_and_its_faults_are_said(triage: Triage, tmp_path: Path) -> None:
    done = triage("corpus", "models/frozen")
    assert done.returncode == 0, done.stderr
    assert "620 textes" in done.stdout
    assert "| hors_perimetre |" in done.stdout
    (tmp_path / "a.jsonl").write_text('{"id": "x"}\n', encoding="utf-8")
    done = triage("corpus", str(tmp_path))
    assert done.returncode == 3
    assert "a.jsonl:1" in done.stderr


def test_the_situation_is_told_apart(triage: Triage) -> None:
    done = triage("assess", "--explain", "--situation", "lieu:la_reunion", told="Il me harcèle chaque jour par SMS.")
    assert "à La Réunion" in done.stdout
    done = triage("assess", "--situation", "lieu:reunion", told="Il me harcèle.")
    assert done.returncode == 1
    assert "lieu:la_reunion" in done.stderr


def test_jsonl_in_and_out_keeps_order_and_loses_nothing(triage: Triage, tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        {"id": "a", "text": "SMS « colis en attente », je n'ai pas cliqué."},
        {"id": "b", "text": "   "},
        {"id": "c", "text": "crève", "kind": "message", "received_at": "2026-03-01T22:15:00+01:00"},
        {"id": "d", "text": "crève", "received_at": "9999-12-31T23:59:59-12:00"},
    ]
    source.write_text("\n".join(json.dumps(line) for line in lines) + "\npas du json\n", encoding="utf-8")
    done = triage("assess", str(source), "--output", str(output))
    answers = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c", "d", ""]
    assert "error" in answers[1]
    assert "received_at" in answers[3]["error"]
    assert "error" in answers[4]
    assert answers[0]["disposition"] == "advice"
    assert done.returncode == 3
    assert f"{source}:2" in done.stderr
    assert f"{source}:4" in done.stderr
    assert f"{source}:5" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told", "code", "said"),
    [
        (["assess"], "", 1, "vide"),
        (["assess"], b"\x00\xff\xfe\x80PNG", 1, "pas un texte"),
        (["assess"], "a" * 50_001, 1, "limite"),
        (["assess", "nulle-part.txt"], "", 1, "fichier introuvable"),
        (["assess", "--html", "--markdown"], "bonjour", 1, "une seule forme"),
        (["assess", "--ics", "/nulle/part.ics"], "bonjour", 1, "écriture impossible"),
        (["assess", "--output", "/nulle/part.json"], "bonjour", 1, "écriture impossible"),
        (["evaluate", "nulle-part.jsonl"], "", 3, "aucun fichier"),
        (["rules", "new", "menace"], "", 1, "menace.mort_annoncee"),
        (["rules", "new", "inconnu.essai"], "", 1, "Types, drapeaux et faits connus"),
        (["train", "--version", "../x"], "", 1, "lettres"),
    ],
)
def test_mistakes_are_said_without_a_traceback(
    triage: Triage, arguments: list[str], told: str | bytes, code: int, said: str
) -> None:
    done = triage(*arguments, told=told)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.whole
def test_rules_are_sound(triage: Triage) -> None:
    done = triage("rules", "check")
    assert done.returncode == 0, done.stderr
    assert "0 erreur(s)" in done.stdout


def test_a_new_rule_is_a_file_to_complete(triage: Triage, tmp_path: Path, settings: Settings) -> None:
    for name in ("threats", "lexicon", "cues"):
        (tmp_path / name).symlink_to(settings.rules / name)
    for name in ("signals", "red_flags", "facts"):
        (tmp_path / name).mkdir()
    done = triage("rules", "new", "menace.essai", TRIAGE_RULES=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "signals" / "menace" / "essai.yaml").is_file()
    again = triage("rules", "new", "menace.essai", TRIAGE_RULES=str(tmp_path))
    assert "existe déjà" in again.stderr


def test_without_a_model_the_rules_still_answer(triage: Triage, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "cache").symlink_to((settings.data / "cache").absolute())  # the tokenizer, slow to build again
    done = triage(
        "assess",
        "--json",
        told="Il m'a écrit « je vais te tuer ».",
        TRIAGE_MODELS=str(tmp_path),
        TRIAGE_DATA=str(tmp_path),
    )
    answer = json.loads(done.stdout)
    assert answer["engine"]["degraded"] is True
    assert answer["disposition"] in ("urgent", "immediate")
    assert "règles seules" in done.stderr
