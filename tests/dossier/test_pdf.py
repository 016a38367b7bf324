"""The pages: what they say, that a screen reader can follow them, that nothing in them can break."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import typst

from tests.dossier.cases import MAYOR, case, comments, exhibit
from triage.dossier import typeset as pages
from triage.dossier.glyphs import drawable
from triage.dossier.pdf import as_pdf
from triage.dossier.texts import DossierTexts
from triage.dossier.typeset import DossierError
from triage.engine import Engine

Poppler = Callable[..., str]


def flat(text: str) -> str:
    """On one line, words cut at the end of a line joined again."""
    return " ".join(text.replace("\u00ad\n", "").split())


@pytest.fixture(scope="module")
def whole(engine: Engine, texts: DossierTexts) -> bytes:
    """A case with everything in it."""
    told = case(engine, exhibits=(exhibit(1), exhibit(2)), comments=comments(), addresses=("https://x.com/p/status/9",))
    return as_pdf(told, texts)


def test_the_ten_parts_are_there_in_order(whole: bytes, poppler: Poppler) -> None:
    text = flat(poppler("pdftotext", whole, "-f", "2"))
    titles = (
        "1 Récit", "2 Chronologie", "3 Adresses, comptes et auteurs", "4 Pièces", "5 Qualification possible",
        "6 Délais", "7 Commentaires", "8 Projet de plainte", "9 Projet de demande de protection fonctionnelle",
        "10 Ce que ce dossier ne dit pas", "Annexe : propos reproduits en entier",
    )  # fmt: skip
    places = [text.find(title) for title in titles]
    assert -1 not in places
    assert places == sorted(places)


def test_the_first_page_says_that_it_is_not_a_complaint(whole: bytes, poppler: Poppler) -> None:
    first = flat(poppler("pdftotext", whole, "-l", "1"))
    assert "Dossier 2026-0318-A7" in first
    assert "Ce dossier n'est pas une plainte." in first
    assert "n'arrête aucun délai" in first
    assert "18 mars 2026 à 22 h 30" in first


def test_it_is_tagged_french_and_dated_by_the_case(whole: bytes, poppler: Poppler) -> None:
    info = poppler("pdfinfo", whole, "-isodates").replace("2026-03-18T21:30:00Z", "Wed Mar 18 21:30:00 2026 UTC")
    assert "Tagged:          yes" in info
    assert "Dossier 2026-0318-A7" in info
    assert "CreationDate:    Wed Mar 18 21:30:00 2026 UTC" in info
    assert b"/Lang" in whole
    assert b"pdfuaid:part" in whole


def test_every_page_carries_the_reference_and_its_number(whole: bytes, poppler: Poppler) -> None:
    last = poppler("pdftotext", whole).rstrip("\f").split("\f")
    for number, page in enumerate(last, 1):
        assert f"{number} / {len(last)}" in page
        assert "2026-0318-A7" in page


def test_the_facts_are_told_word_for_word(whole: bytes, poppler: Poppler) -> None:
    text = flat(poppler("pdftotext", whole, "-f", "2", "-l", "2"))
    assert flat(MAYOR.split("La page")[0]) in text


def test_a_digest_and_an_address_can_be_copied_whole(engine: Engine, texts: DossierTexts, poppler: Poppler) -> None:
    one = exhibit(1)
    text = poppler("pdftotext", as_pdf(case(engine, exhibits=(one,)), texts))
    assert one.sha256 in text
    assert "\u200b" not in text
    assert "comment_id=1122334455" in text.replace("\n", "")


def test_dates_told_stand_with_their_words(whole: bytes, poppler: Poppler) -> None:
    text = flat(poppler("pdftotext", whole, "-f", "2", "-l", "3"))
    assert "dimanche 8 mars 2026" in text
    assert "« Il y a 10 jours »" in text
    assert "17 mars 2026 à 14 h" in text


def test_addresses_say_where_they_were_found(whole: bytes, poppler: Poppler) -> None:
    text = flat(poppler("pdftotext", whole, "-f", "2", "-l", "4"))
    assert "@corbeau.61" in text
    assert "+33612345678" in text
    assert "adresse donnée" in text


def test_the_worst_words_stand_only_behind_a_warning(whole: bytes, poppler: Poppler) -> None:
    sheets = poppler("pdftotext", whole).rstrip("\f").split("\f")
    told = [i for i, page in enumerate(sheets) if "planter ce soir" in flat(page)]
    warned = [i for i, page in enumerate(sheets) if "Rien n'oblige à les lire" in flat(page)]
    assert len(told) == len(warned) == 1
    assert told[0] == warned[0] + 1
    assert "J• v••• t• p•••••• c• s•••" in flat(poppler("pdftotext", whole))


def test_without_comments_there_is_no_such_part(engine: Engine, texts: DossierTexts, poppler: Poppler) -> None:
    text = flat(poppler("pdftotext", as_pdf(case(engine), texts)))
    assert "7 Projet de plainte" in text
    assert "Commentaires" not in text
    assert "Aucune pièce n'a été remise." in text


@pytest.mark.whole
@pytest.mark.parametrize(
    "words",
    [
        "Il a écrit « mdr 😂😂 🔪👍🏽 🇫🇷 👨\u200d👩\u200d👧 ☠️ » et je suis maire.",
        "Он сказал : Привет. مرحبا بالعالم. שלום. 中文字. नमस्ते. ไทย ไทย. 한국어",
        "𝕿𝖚 𝖛𝖆𝖘 𝖒𝖔𝖚𝖗𝖎𝖗, h̷̢͎a̴̧ī̶n̸e̵",
        "a\x00b\x07c\x1b[31m d\u202egnp.exe\ufeff \ufffd \ue000 \U000e0041 \ufdd0",
        '#panic("x") \\ $x^2$ `raw` @label <label> *gras* _ital_ = titre // commentaire #image("/etc/passwd")',
        "x" * 12_000,
        "« a : b ; c ? d ! » n° 1 à 8 h 30 " * 400,
        "ligne\n" * 1_000,
        "{reference} {0} {told_on!r} %s {{}}",
        "‰ œ Œ € … — – « » “ ” ’ n° 1 : ½",
    ],
)
def test_no_text_breaks_the_pages(engine: Engine, texts: DossierTexts, words: str) -> None:
    told = f"Je suis maire et on me menace de mort depuis hier. {words}"
    given = exhibit(1, name=f"{words[:40]}.png", text=words, details=(("Objet", words),), notes=(words,))
    made = as_pdf(
        case(engine, told, exhibits=(given,), comments=comments((words,)), facts=((words[:30], words),)), texts
    )
    assert made.startswith(b"%PDF")


def test_markup_is_text(engine: Engine, texts: DossierTexts, poppler: Poppler) -> None:
    told = "Je suis maire. Il m'a écrit : #text(red)[mort] *gras* $x$ https://a.fr // fin"
    assert told in flat(poppler("pdftotext", as_pdf(case(engine, told), texts)))


def test_signs_that_no_font_draws_are_named(engine: Engine, texts: DossierTexts, poppler: Poppler) -> None:
    text = flat(poppler("pdftotext", as_pdf(case(engine, "Je suis maire, il écrit : on va te tuer 😂😂 中文"), texts)))
    assert "[emoji : visage riant aux larmes × 2]" in text
    assert "[2 caractères CJK non imprimables ici : U+4E2D U+6587]" in text


def test_words_that_cannot_be_set_together_are_told_in_latin_letters(
    engine: Engine, texts: DossierTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fonts may draw each sign and yet not all of them side by side."""
    tried: list[str] = []
    real = typst.compile

    def compile_once(*args: object, **options: object) -> object:
        tried.append(str(options["sys_inputs"]))
        if len(tried) == 1:
            raise typst.TypstError("PDF/UA-1 error: the text could not be displayed")
        return real(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pages.typst, "compile", compile_once)
    assert as_pdf(case(engine, "Je suis maire, on me menace : Привет"), texts).startswith(b"%PDF")
    assert "Привет" in tried[0]
    assert "Привет" not in tried[1]
    monkeypatch.setattr(pages, "_compiled", lambda *_: (_ for _ in ()).throw(typst.TypstError("x")))
    with pytest.raises(DossierError, match="n'a pas pu être mis en pages"):
        as_pdf(case(engine), texts)


def test_the_template_gives_no_warning(engine: Engine, texts: DossierTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []

    def compile_loudly(*args: object, **options: object) -> object:
        made, warnings = typst.compile_with_warnings(*args, **options)  # type: ignore[call-overload]
        warned.extend(warning.message for warning in warnings)
        return made

    monkeypatch.setattr(pages.typst, "compile", compile_loudly)
    as_pdf(case(engine, exhibits=(exhibit(1),), comments=comments()), texts)
    assert warned == []


@pytest.mark.parametrize("picture", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n truncated"])
def test_a_picture_that_cannot_be_read_is_left_out(engine: Engine, texts: DossierTexts, picture: bytes) -> None:
    assert as_pdf(case(engine, exhibits=(exhibit(1, preview=picture),)), texts).startswith(b"%PDF")


def test_an_intimate_picture_or_that_of_a_minor_is_not_reproduced(
    engine: Engine, texts: DossierTexts, poppler: Poppler
) -> None:
    told = "Je suis maire. On menace de publier une photo de moi nue si je ne démissionne pas."
    made = as_pdf(case(engine, told, exhibits=(exhibit(1),)), texts)
    assert b"/DCTDecode" not in made
    assert "Les images ne sont pas reproduites" in flat(poppler("pdftotext", made))
    assert b"/DCTDecode" in as_pdf(case(engine, exhibits=(exhibit(1),)), texts)


def test_the_same_case_gives_the_same_bytes(engine: Engine, texts: DossierTexts) -> None:
    one = case(engine, exhibits=(exhibit(1),), comments=comments())
    assert as_pdf(one, texts) == as_pdf(one, texts)


def test_every_sign_said_to_be_drawn_is(texts: DossierTexts) -> None:
    """The list of what the fonts draw is true of the fonts that this typst carries."""
    ranges = (one.partition("-") for one in (pages.TEMPLATES / "glyphs.txt").read_text().split())
    signs = [chr(code) for a, _, b in ranges for code in range(int(a, 16), int(b or a, 16) + 1)]
    kept = [drawable(sign, {}) for sign in signs]
    source = (
        b'#import "/style.typ": fonts\n#set document(title: "x")\n#set text(lang: "fr", font: fonts)\n'
        b"#for s in json(bytes(sys.inputs.data)) [#s #strong(s) #emph(s) ]"
    )
    made = typst.compile(
        source,
        root=pages.TEMPLATES,
        sys_inputs={"data": json.dumps([s for s in kept if s])},
        ignore_system_fonts=True,
        pdf_standards="ua-1",
    )
    assert made
    assert len(signs) > 7000
