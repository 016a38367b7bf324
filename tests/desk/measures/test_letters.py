"""The letters to the préfecture: facts of the case, visible blanks, the report only when the agent wants it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from odfdo import Document

from tests.desk.measures.conftest import NOW, THREAT, directory, holds, somebody, told
from triage.desk.case import load
from triage.desk.measures import lifecycle
from triage.desk.measures.facts import facts, mandate
from triage.desk.measures.lifecycle import Noted
from triage.desk.office import Office
from triage.dossier.letter import Letter, Paragraph
from triage.dossier.letter_pdf import letter_as_pdf
from triage.dossier.odt import as_odt
from triage.dossier.texts import load_dossier_texts
from triage.settings import Settings
from triage.store import measures

QUOTED = "je vais te tuer"


def written(office: Office, narrative: bool = False, name: str = "demande", **more: str) -> Letter:
    """The letter of a case whose threat was assessed, in Clairval."""
    directory(office)
    agent = somebody(office, unit="BR-01")
    case_id = told(office, commune="Clairval")
    holds(office, agent, case_id)
    for kind in ("referent", "bouton_appel"):
        lifecycle.propose(office, agent, case_id, kind, "", NOW)
    for at, kind, step in (
        (1, "referent", Noted("propose", "transmis", unit="RE-G")),
        (2, "referent", Noted("transmis", "evalue", result="elevee")),
        (3, "bouton_appel", Noted("propose", "transmis", unit="PREF35")),
        (4, "bouton_appel", Noted("transmis", "accorde", since=date(2026, 3, 20))),
    ):
        lifecycle.advance(office, agent, case_id, kind, step, NOW + timedelta(hours=at))
    case = load(office, case_id)
    with office.database.read() as connection:
        mine = measures.of_case(connection, case_id, office.cases.sealer(connection, case_id))
        values = facts(office, connection, case, mine, "bouton_appel", agent, NOW)
    values["mandate"] = mandate(office, case, load_dossier_texts(Settings().rules), NOW)
    letter = office.policies.letters.letter("bouton_appel", name)
    assert letter is not None
    return office.policies.letters.write(letter, values | more, case.told.text if narrative else "", NOW)


def text(letter: Letter) -> str:
    return "\n".join(one.text for one in letter.paragraphs)


def test_a_letter_says_the_facts_of_the_case(office: Office) -> None:
    said = text(written(office, official="Claude Aubry"))
    for fact in (
        "Préfecture d'Ille-et-Vilaine, cabinet\n3 place du Parc, Rennes",
        "Brigade de Clairval\n02 99 00 00 01",
        "Claude Aubry, maire, commune de Clairval, département : Ille-et-Vilaine (35)",
        "signalés le 18 mars 2026",
        "menace",
        "Évaluation du référent « atteintes aux élus » : menace élevée, le 18 mars 2026.",
    ):
        assert fact in said
    assert QUOTED not in said


def test_what_is_not_known_is_a_visible_blank(office: Office) -> None:
    blanks = written(office).blanks
    assert "[à compléter : prénom et nom de l'élu]" in blanks
    assert "[à compléter : lieu]" in blanks


def test_the_renewal_says_until_when(office: Office) -> None:
    assert "Il prend fin le 20 juin 2026." in text(written(office, name="renouvellement"))


def test_the_report_is_there_only_when_it_is_asked_for(office: Office) -> None:
    quotes = [one.text for one in written(office, narrative=True).paragraphs if one.style == "quote"]
    assert quotes == [f"« {THREAT} »"]


def test_the_pdf_holds_the_facts_and_is_for_everybody(office: Office, tmp_path: Path) -> None:
    """typst refuses to set what PDF/UA-1 does not allow."""
    letter = written(office, official="Claude Aubry")
    pdf = letter_as_pdf(letter, "Essai", {})
    assert pdf == letter_as_pdf(letter, "Essai", {}) and b"pdfuaid" in pdf
    if shutil.which("pdftotext") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Poppler est absent : lancez « make system »")
        pytest.skip("POPPLER ABSENT : le PDF n'est pas relu")
    path = tmp_path / "lettre.pdf"
    path.write_bytes(pdf)
    said = " ".join(subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout.split())
    said = said.replace("\u00a0", " ")
    assert "Demande de bouton d'appel" in said and "Claude Aubry, maire" in said
    assert "menace élevée, le 18 mars 2026" in said and "[à compléter : lieu]" in said


def test_the_odt_holds_the_facts_and_opens_again(office: Office) -> None:
    letter = written(office, official="Claude Aubry")
    made = as_odt(letter)
    assert made == as_odt(letter)
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        first = packed.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert b'fo:language="fr"' in packed.read("styles.xml")
    document = Document(io.BytesIO(made))
    said = document.get_formatted_text()
    assert "Claude Aubry, maire" in said and "menace élevée, le 18 mars 2026" in said
    assert document.meta.title == "Demande de bouton d'appel"
    blanks = [one.text for one in document.body.get_spans(style="Blanc")]
    assert blanks == list(letter.blanks)


def test_signs_that_no_font_draws_and_markup_do_no_harm() -> None:
    strange = Letter("Titre", (Paragraph("body", '#let x = "😀" 中文 *gras* <b>\x00 {champ}'),), NOW)
    assert letter_as_pdf(strange, "", {"😀": "rire"}).startswith(b"%PDF")
    assert '#let x = "😀" 中文 *gras* <b> {champ}' in Document(io.BytesIO(as_odt(strange))).get_formatted_text()
