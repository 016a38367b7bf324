"""The letters: the person's own facts, articles from the rules alone, blanks for all that is not known."""

from __future__ import annotations

import io
import re

import docx
import pytest
from docx.oxml.ns import qn

from tests.dossier.cases import MAYOR, case, exhibit
from triage.dossier.letter import Letter
from triage.dossier.letters import as_docx, complaint, no_protection, protection
from triage.dossier.texts import DossierTexts
from triage.engine import Engine

ARTICLE = re.compile(r"\barticles? [LRD]?\d")


def said(letter: Letter | None) -> str:
    assert letter is not None
    return "\n".join(one.text for one in letter.paragraphs)


def test_a_complaint_tells_the_facts_word_for_word(engine: Engine, texts: DossierTexts) -> None:
    quoted = [one.text for one in complaint(case(engine), texts).paragraphs if one.style == "quote"]
    assert quoted == [f"« {line} »" for line in MAYOR.split("\n")]


def test_a_complaint_is_addressed_and_its_identity_left_blank(engine: Engine, texts: DossierTexts) -> None:
    letter = complaint(case(engine), texts)
    told = said(letter)
    assert "procureur de la République\nTribunal judiciaire de [à compléter : ville du tribunal]" in told
    assert "Je soussigné(e) [à compléter : prénom, nom, date et lieu de naissance], maire de [à compléter" in told
    assert "[à compléter : prénom, nom et signature]" in letter.blanks
    assert len(letter.blanks) > 8


def test_articles_come_from_the_law_of_the_diagnostic(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine)
    letter = said(complaint(told, texts))
    assert told.diagnostic.law
    for note in told.diagnostic.law:
        article = note.offence.article_long
        assert f"{note.offence.name} ({article[:1].lower()}{article[1:]})" in letter
    assert "susceptibles de recevoir la qualification de :" in letter


def test_the_sentences_of_the_letters_cite_no_article(texts: DossierTexts) -> None:
    written = [part.text for letter in (texts.complaint, texts.protection) for part in letter.parts]
    assert [text for text in written if ARTICLE.search(text)] == []


def test_what_is_not_settled_keeps_its_condition(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine, "Il m'a traité de gros porc hier.")
    unsettled = [note for note in told.diagnostic.law if not note.settled]
    assert unsettled
    letter = said(complaint(told, texts))
    for note in unsettled:
        condition = note.offence.if_not_settled
        assert f"), {condition[:1].lower()}{condition[1:]}" in letter


def test_a_report_without_any_article_leaves_the_qualification_to_others(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine, "Bonjour, comment obtenir un extrait de naissance ?")
    assert told.diagnostic.law == ()
    assert texts.no_offence in said(complaint(told, texts))


def test_exhibits_are_listed(engine: Engine, texts: DossierTexts) -> None:
    letter = said(complaint(case(engine, exhibits=(exhibit(1), exhibit(2, name="courriel.eml"))), texts))
    assert "Pièce n° 2 : courriel.eml" in letter
    assert "Pièces jointes" in letter
    assert "Pièces jointes" not in said(complaint(case(engine), texts))


@pytest.mark.parametrize(
    ("told", "opening"),
    [
        ("Je suis maire et on me menace de mort.", "maire de [à compléter : commune], porte plainte"),
        ("Je suis adjointe au maire et on me menace de mort.", "adjoint ou adjointe au maire de"),
        ("Je suis candidat aux municipales et on me menace de mort.", "candidat ou candidate à"),
        ("On me menace de mort.", "[à compléter : votre mandat et votre collectivité"),
        ("Je suis secrétaire de mairie et on me menace de mort.", "[à compléter : fonction] auprès de"),
        ("Je suis maire et on menace de mort ma femme.", "proche de [à compléter : prénom, nom et mandat de l'élu]"),
    ],
)
def test_a_complaint_speaks_for_whom_it_concerns(engine: Engine, texts: DossierTexts, told: str, opening: str) -> None:
    letter = said(complaint(case(engine, told), texts))
    assert letter.count("Je soussigné(e)") == 1
    assert opening in letter


@pytest.mark.parametrize(
    "traits",
    [
        ("role:maire",), ("role:adjoint", "role:interco"), ("role:opposition",), ("role:parlementaire",),
        ("role:candidat",), ("role:ancien_elu",), ("parle:proche",), ("parle:proche", "cible:proche"),
        ("parle:equipe",), ("parle:equipe", "cible:equipe"), ("cible:mineur", "cible:proche"),
        ("cible:collectivite", "parle:equipe"), ("cadre:collectivite", "role:maire"), ("parle:elu", "parle:equipe"), (),
    ],
)  # fmt: skip
def test_whoever_speaks_every_letter_is_whole(engine: Engine, texts: DossierTexts, traits: tuple[str, ...]) -> None:
    """One opening, one way in to the facts, one addressee, no placeholder left."""
    told = case(engine, "On me menace de mort depuis hier.", traits=traits)
    letters = [complaint(told, texts), protection(told, texts)]
    assert bool(letters[1]) != bool(no_protection(told, texts))
    for letter in filter(None, letters):
        text = said(letter)
        assert text.count("Je soussigné(e)") == 1
        assert text.count("Voici les faits") == 1
        assert sum(one.style == "recipient" for one in letter.paragraphs) == 2
        assert re.findall(r"\{\w*\}", text) == []


def test_a_relative_or_a_clerk_does_not_sign_for_the_official(engine: Engine, texts: DossierTexts) -> None:
    letter = said(complaint(case(engine, "Mon mari est maire et il est menacé de mort sur Facebook."), texts))
    assert "relit, corrige et signe elle-même" in letter
    assert "racontés le 18 mars 2026 par [à compléter" in letter


def test_deadlines_to_come_are_said_once_before_sending(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine)
    notices = [one.text for one in complaint(told, texts).paragraphs if one.style == "notice"]
    press = [text for text in notices if "3 mois" in text or "avant le lundi 8 juin 2026" in text]
    assert len(press) == 1
    assert notices.index(press[0]) < next(i for i, text in enumerate(notices) if "délit" in text)
    assert not [text for text in notices if "préfet" in text]


def test_the_request_goes_to_who_decides(engine: Engine, texts: DossierTexts) -> None:
    def letter(told: str) -> str:
        return said(protection(case(engine, told), texts))

    assert "l'élu qui supplée le maire" in letter("Je suis maire et on me menace de mort.")
    assert "À l'attention du maire" in letter("Je suis adjoint au maire et on me menace de mort.")
    assert "demandez-le aux services" in letter("Je suis conseiller régional et on me menace de mort.")


def test_the_request_asks_what_the_measure_says(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine)
    measure = engine.composer.knowledge.measures[texts.protection.measure]
    letter = said(protection(told, texts))
    for doubt in measure.uncertain:
        assert doubt in letter
    assert engine.composer.knowledge.clocks[texts.protection.clock].basis in letter
    assert "accusé de réception daté" in letter
    assert "préfet" in letter


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("Je suis candidat aux municipales et on me menace de mort.", "être candidat ne suffit pas"),
        ("Je suis l'épouse du maire et on me menace de mort sur Facebook.", "que pour l'élu"),
        ("Je suis secrétaire de mairie et on m'insulte sur Facebook.", "Cette démarche est celle de l'élu"),
        ("Je suis sénatrice et on me menace de mort.", "Elle est celle des élus locaux"),
        ("Je suis maire et notre serveur est chiffré par un rançongiciel.", "n'est pas proposée ici"),
    ],
)
def test_who_has_no_right_to_it_is_told_why(engine: Engine, texts: DossierTexts, told: str, why: str) -> None:
    one = case(engine, told)
    assert protection(one, texts) is None
    assert why in no_protection(one, texts)


def test_a_request_already_made_is_recalled(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine, traits=("deja:protection",))
    letter = protection(told, texts)
    assert letter is not None
    assert letter.paragraphs[0].text == engine.composer.knowledge.measures[texts.protection.measure].asked_text


def test_the_word_file_has_real_styles_french_and_marked_blanks(engine: Engine, texts: DossierTexts) -> None:
    letter = complaint(case(engine, exhibits=(exhibit(1),)), texts)
    document = docx.Document(io.BytesIO(as_docx(letter)))
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "List Bullet", "Quote", "Normal"} <= styles
    assert {one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))} == {"fr-FR"}
    assert document.core_properties.title == letter.title
    assert document.core_properties.language == "fr-FR"
    marked = [run.text for p in document.paragraphs for run in p.runs if run.font.highlight_color]
    assert marked == list(letter.blanks)


def test_the_word_file_takes_any_text_and_is_the_same_twice(engine: Engine, texts: DossierTexts) -> None:
    letter = complaint(case(engine, "Je suis maire, on me menace 😂 🫩 \x0b\x1b \ufffe <w:p> & « fin »"), texts)
    assert as_docx(letter) == as_docx(letter)
    told = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(as_docx(letter))).paragraphs)
    assert "on me menace 😂 🫩" in told
    assert "<w:p> & « fin »" in told
