"""`triage data`: what is typed, what is written and what is said."""

from __future__ import annotations

import stat
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner, Result

from tests.conftest import ROOT, migrated_at, office_at
from tests.desk.handling.cast import NOW, held, sent, shown, somebody
from triage.cli import data
from triage.desk.handling import deciding
from triage.desk.handling.deciding import Opinion
from triage.desk.office import Office
from triage.engine import Engine
from triage.errors import IntakeError
from triage.learning.cases import labels_of
from triage.learning.corpus import load
from triage.settings import Settings

PURPOSE = "préparer le prochain modèle"
MAPPING = {
    "columns": {"id": "id", "text": "texte", "threats": "classe"},
    "values": {"threats": {"insulte": ["injure"], "menace": ["menace"], "rien": ["hors_perimetre"]}},
    "defaults": {"disposition": "guided"},
}


@pytest.fixture
def service(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The guichet that the commands open, with one corrected case and one that nobody has read."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setattr(data, "build_engine", lambda _: engine)
    office = office_at(engine, migrated_at(tmp_path))
    somebody(office, "analyst")
    agent = somebody(office)
    case_id = held(office, agent, "Je suis maire. Mme Perrucat m'a traité de clown, tél. 06 39 98 12 34.")
    opinion = Opinion(("injure",), (), "guided")
    deciding.correct(office, agent, case_id, shown(office, case_id), opinion, "Une injure.", NOW)
    sent(office)
    return office


def typed(*words: object) -> Result:
    return CliRunner().invoke(data.app, [str(word) for word in words])


def told(*words: object) -> str:
    done = typed(*words)
    assert done.exit_code == 0, done.exception or done.output
    return done.output


def mapping(folder: Path) -> Path:
    path = folder / "map.yaml"
    path.write_text(yaml.safe_dump(MAPPING, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.whole
def test_an_extract_and_its_notice(service: Office, tmp_path: Path) -> None:
    out = tmp_path / "extrait.parquet"
    said = told("export", out, "--by", "p0@exemple.fr", "--purpose", PURPOSE)
    assert "1 dossier écrit" in said and "1 sans décision d'agent" in said
    assert list(pd.read_parquet(out)["text"]) == ["Je suis maire. Mme [NOM 1] m'a traité de clown, tél. [TÉLÉPHONE 1]."]
    notice = (tmp_path / "extrait.notice.md").read_text(encoding="utf-8")
    assert {stat.S_IMODE(one.stat().st_mode) for one in (out, tmp_path / "extrait.notice.md")} == {0o600}
    for words in (PURPOSE, "Analyst 0", "au moins 5 dossiers", "peut désigner son maire", "sans décision d'agent : 1"):
        assert words in notice
    assert "103 identifiants de forme fixe sur 103" in notice and "Perrucat" not in notice


def test_an_extract_with_somebody_else_s_columns(service: Office, tmp_path: Path) -> None:
    out = tmp_path / "extrait.csv"
    told("export", out, "--by", "p0@exemple.fr", "--purpose", PURPOSE, "--mapping", mapping(tmp_path))
    frame = pd.read_csv(out)
    assert (list(frame.columns), list(frame["classe"])) == (["id", "texte", "classe"], ["insulte"])


def test_nothing_is_written_over(service: Office, tmp_path: Path) -> None:
    out = tmp_path / "extrait.csv"
    out.write_text("à garder", encoding="utf-8")
    done = typed("export", out, "--by", "p0@exemple.fr", "--purpose", PURPOSE)
    assert isinstance(done.exception, IntakeError) and "existe déjà" in str(done.exception)
    assert out.read_text(encoding="utf-8") == "à garder"


def test_a_day_that_is_none(service: Office, tmp_path: Path) -> None:
    done = typed("export", tmp_path / "a.csv", "--by", "p0@exemple.fr", "--purpose", PURPOSE, "--since", "hier")
    assert "« hier » n'est pas un jour" in str(done.exception)


def test_a_set_in_and_ours_out(tmp_path: Path) -> None:
    theirs, ours, back = tmp_path / "eux.csv", tmp_path / "nous.jsonl", tmp_path / "retour.csv"
    theirs.write_text("id,texte,classe\n1,Clown,insulte\n2,Bravo,rien\n", encoding="utf-8")
    said = told("import", theirs, ours, "--mapping", mapping(tmp_path))
    assert "2 textes écrits" in said and "injure               1" in said
    assert [one.primary for one in load(ours, labels_of(Settings()))] == ["injure", "hors_perimetre"]
    told("convert", ours, back, "--mapping", mapping(tmp_path))
    assert back.read_text(encoding="utf-8").replace("\r\n", "\n") == theirs.read_text(encoding="utf-8")


def test_the_measure(service: Office) -> None:
    said = told("measure", ROOT / "tests" / "learning" / "identifiers.jsonl")
    assert "Phrases gardées à part" in said
    assert "forme fixe       103 sur 103, 100,0 % (à 95 % :" in said
    corpus = ROOT / "models" / "corpus" / "contrastes.jsonl"
    assert "Phrases ordinaires de" in told("measure", ROOT / "tests/learning/identifiers.jsonl", "--texts", corpus)
