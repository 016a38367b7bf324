"""What leaves: the transmission, whole or masked, its digests, what the audit keeps of it, and who may."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from hashlib import sha256

import pypdfium2
import pytest

from tests.desk.handover.cases import MAIL, NOW, agent, handled, image, told_of, whole_mask
from triage.desk import case as desk
from triage.desk import follow_up, trail
from triage.desk.evidence import File
from triage.desk.handling.deciding import Opinion, correct, version
from triage.desk.handling.opening import NotHeldError
from triage.desk.handover import archive, leaving
from triage.desk.handover.folded import words
from triage.desk.handover.gathering import Handover, redacted
from triage.desk.handover.masking import Mask
from triage.desk.handover.minutes import minutes
from triage.desk.handover.proposing import no_mask
from triage.desk.office import DeskError, Office
from triage.dossier.texts import DossierTexts, load_dossier_texts
from triage.settings import Settings
from triage.store import evidence as kept
from triage.store.people import Person

SECRET = ("Valmont", "Kergoat", "Clara", "Lilas", "Saint-Aubin", "exemple.fr", "0639981234", "0639984567", "Ardèche")


@pytest.fixture(scope="module")
def texts() -> DossierTexts:
    return load_dossier_texts(Settings().rules)


def read_pdf(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    try:
        pages = "\n".join(page.get_textpage().get_text_range() for page in document)
        return pages + json.dumps(document.get_metadata_dict())
    finally:
        document.close()


def pictures(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    try:
        return sum(1 for page in document for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
    finally:
        document.close()


def unpacked(told: Handover, office: Office, person: Person, texts: DossierTexts, mask: Mask) -> dict[str, bytes]:
    made = b"".join(leaving.archive(office, person, told, texts, mask).stream())
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def exported(office: Office, case_id: str) -> list[tuple[str, str]]:
    with office.database.read() as connection:
        return [(one.line.what, one.line.about) for one in trail.exports(office, connection, case_id)]


def test_the_whole_file_says_who_what_and_that_it_is_an_indication(each_office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(each_office)
    opinion = Opinion(("menace", "doxing"), (), "urgent")
    shown = version(desk.load(each_office, case_id))
    correct(each_office, person, case_id, shown, opinion, "Son adresse est publiée aussi.", NOW)
    told = told_of(each_office, case_id, person, "Brigade de Privas")
    made = leaving.pdf(each_office, person, told, texts, no_mask(each_office))
    said = " ".join(read_pdf(made.data).split())
    for words_ in ("Brigade de Privas", "Camille Agent", "jeanne.valmont@exemple.fr", "Identité non vérifiée"):
        assert words_ in said
    assert "Corrigé. Niveau : Danger immédiat → Urgent" in said and "« Son adresse est publiée aussi. »" in said
    assert "sont des indications" in said and "12 bis rue des Lilas" in said
    assert exported(each_office, case_id) == [("export.pdf", f"whole sha256:{sha256(made.data).hexdigest()}")]


def test_the_same_transmission_is_the_same_bytes(office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(office)
    told = told_of(office, case_id, person)
    made = [b"".join(archive.package(office, told, texts, no_mask(office)).stream()) for _ in range(2)]
    assert made[0] == made[1]


def test_the_archive_holds_the_originals_and_the_digest_of_each_file(each_office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(each_office)
    files = unpacked(told_of(each_office, case_id, person), each_office, person, texts, no_mask(each_office))
    assert files["pieces/01-menaces-Jeanne_VALMONT.txt"] == MAIL.encode()
    manifest = json.loads(files[archive.MANIFEST])
    assert {one["name"] for one in manifest["files"]} == set(files) - {archive.MANIFEST, archive.DIGESTS}
    for one in manifest["files"]:
        assert (one["size"], one["sha256"]) == (len(files[one["name"]]), sha256(files[one["name"]]).hexdigest())
    listed = dict(line.split("  ")[::-1] for line in files[archive.DIGESTS].decode().splitlines())
    digest = sha256(files[archive.MANIFEST]).hexdigest()
    assert listed[archive.MANIFEST] == digest and len(listed) == len(files) - 1
    assert exported(each_office, case_id) == [("export.zip", f"whole sha256:{digest}")]
    assert manifest["program"]["rules"] and not manifest["masked"]


def test_an_original_that_is_no_longer_what_was_received_is_said(office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(office)
    with office.database.write() as connection:
        exhibit = office.cases.get(connection, case_id).exhibits[0]
        kept.drop_original(connection, office.cases.sealer(connection, case_id), exhibit.id, b"changed")
    files = unpacked(told_of(office, case_id, person), office, person, texts, no_mask(office))
    (noted,) = [one for one in json.loads(files[archive.MANIFEST])["files"] if "note" in one]
    assert "empreinte différente" in noted["note"] and noted["name"].startswith("pieces/01")


def test_the_masked_version_holds_no_masked_word_anywhere(each_office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(each_office)
    whole = told_of(each_office, case_id, person, "Préfecture de l'Ardèche")
    mask = whole_mask(each_office, whole, "corbeau34")
    told = redacted(whole, mask, frozenset({2}))
    files = unpacked(told, each_office, person, texts, mask)
    said = {name: data.decode("utf-8", "ignore") for name, data in files.items()}
    said["transmission.pdf"] = read_pdf(files["transmission.pdf"])
    for name, text in said.items():
        for secret in (*SECRET, "corbeau34", "Camille"):
            for spelling in ("".join(words(secret)), " ".join(words(secret))):
                assert spelling not in " ".join(words(f"{name} {text}")), (name, secret)
    assert "[personne 1]" in said["proces-verbal.txt"] and "je vais te tuer" in said["proces-verbal.txt"]
    assert sorted(name for name in files if "/" in name) == ["images/02.jpg", "textes/01.txt"]
    assert files["images/02.jpg"][:3] == b"\xff\xd8\xff"
    absent = json.loads(files[archive.MANIFEST])["absent"]
    assert [(one["exhibit"], one["why"]) for one in absent] == [(1, "version masquée")]
    assert exported(each_office, case_id)[0][1].startswith("masked sha256:")


def test_no_image_is_in_a_masked_version_unless_it_was_ticked(office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(office)
    whole = told_of(office, case_id, person)
    mask = whole_mask(office, whole)
    files = unpacked(redacted(whole, mask, frozenset()), office, person, texts, mask)
    assert [name for name in files if "/" in name] == ["textes/01.txt"]
    assert pictures(files["transmission.pdf"]) == 0
    ticked = redacted(whole, mask, frozenset({2}))
    assert pictures(leaving.pdf(office, person, ticked, texts, mask).data) == 1


def test_an_image_in_which_a_masked_word_is_read_does_not_leave(office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(office)
    with office.database.write() as connection:
        exhibit = office.cases.get(connection, case_id).exhibits[1]
        about = exhibit.about.model_copy(update={"text": "Chez les VALMONT"})
        kept.settle(connection, office.cases.sealer(connection, case_id), exhibit.id, "read", about, None)
    whole = told_of(office, case_id, person)
    mask = whole_mask(office, whole)
    with pytest.raises(DeskError, match="pièce n° 2"):
        leaving.pdf(office, person, redacted(whole, mask, frozenset({2})), texts, mask)
    assert exported(office, case_id) == []


def test_the_minutes_are_neutral_and_exact(office: Office, texts: DossierTexts) -> None:
    case_id, person = handled(office)
    text = minutes(office, told_of(office, case_id, person), texts, no_mask(office))
    digest = sha256(MAIL.encode()).hexdigest()
    assert "« je vais te tuer »" in text and f"SHA-256 {digest}" in text
    assert "À titre d'indication" in text and "article 433-3" in text
    assert "votre" not in text.replace(MAIL, "").lower()
    assert text.index("25 novembre 2026") < text.index("jeudi 26 novembre 2026")


# --- Confirming ---------------------------------------------------------------------------------------------------


def answered(office: Office, case_id: str) -> None:
    follow_up.read_messages(office, case_id, "official", NOW)


def test_only_an_agent_says_that_a_case_was_transmitted(each_office: Office) -> None:
    case_id, person = handled(each_office)
    assert desk.load(each_office, case_id).state == "open"
    answered(each_office, case_id)
    after = leaving.confirm(each_office, person, case_id, "  Brigade de   Privas ", NOW, NOW)
    case = desk.load(each_office, case_id)
    assert (after.state, case.state) == ("transmitted", "transmitted")
    assert "Transmis à Brigade de Privas le 27 novembre 2026 à 22 h." in [one.detail for one in case.events]
    with each_office.database.read() as connection:
        last = trail.of_case(each_office, connection, case_id)[0]
    assert (last.line.what, last.why) == ("close", "Transmis à Brigade de Privas le 27 novembre 2026 à 22 h.")


def test_a_case_where_somebody_waits_is_not_transmitted_away(office: Office) -> None:
    case_id, person = handled(office)
    with pytest.raises(DeskError, match="lisez-le"):
        leaving.confirm(office, person, case_id, "Brigade", NOW, NOW)
    assert desk.load(office, case_id).state == "open"


def test_who_does_not_hold_the_case_does_not_confirm(office: Office) -> None:
    case_id, _ = handled(office)
    answered(office, case_id)
    with pytest.raises(NotHeldError):
        leaving.confirm(office, agent(office, "autre@exemple.fr"), case_id, "Brigade", NOW, NOW)


@pytest.mark.parametrize(
    "to, moved", [("", 0), ("x" * 201, 0), ("Brigade", 1), ("Brigade", -24)], ids=["nobody", "long", "ahead", "before"]
)
def test_what_does_not_fit_is_refused(office: Office, to: str, moved: int) -> None:
    case_id, person = handled(office)
    answered(office, case_id)
    with pytest.raises(DeskError):
        leaving.confirm(office, person, case_id, to, NOW + timedelta(hours=moved), NOW)
    assert desk.load(office, case_id).state == "open"


def test_a_large_case_leaves_in_little_memory(office: Office, texts: DossierTexts) -> None:
    """Twelve files of two megabytes: never much more than a few of them at once."""
    size = 2 * 2**20
    files = tuple(File(f"vue{i}.png", image() + bytes([i]) * size) for i in range(12))
    case_id, person = handled(office, files, read=False)
    told = told_of(office, case_id, person)
    archive.package(office, told, texts, no_mask(office))  # what is loaded once and kept
    tracemalloc.start()
    total = sum(len(piece) for piece in archive.package(office, told, texts, no_mask(office)).stream())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 12 * size
    assert peak < 9 * size
