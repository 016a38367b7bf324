"""The ZIP: everything is there, untouched, named safely, and its digests can be checked."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dossier.cases import case, comments, exhibit
from triage.dossier.archive import MANIFEST, as_zip, comments_csv, safe_name
from triage.dossier.texts import DossierTexts
from triage.engine import Engine

ONE = exhibit(1)


def opened(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def test_everything_is_there(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine, exhibits=(exhibit(1), exhibit(2, text="")), comments=comments())
    with opened(as_zip(told, texts)) as archive:
        assert sorted(archive.namelist()) == [
            "LISEZ-MOI.txt",
            "commentaires.csv",
            "dossier.pdf",
            MANIFEST,
            "pieces/01-Capture_d_ecran.png",
            "pieces/02-Capture_d_ecran.png",
            "plainte.docx",
            "protection-fonctionnelle.docx",
            "textes/01.txt",
        ]
        assert archive.read("pieces/01-Capture_d_ecran.png") == told.exhibits[0].original
        assert archive.read("dossier.pdf").startswith(b"%PDF")


def test_the_digests_can_be_checked(engine: Engine, texts: DossierTexts, tmp_path: Path) -> None:
    told = case(engine, exhibits=(exhibit(1), exhibit(2)), comments=comments())
    with opened(as_zip(told, texts)) as archive:
        archive.extractall(tmp_path)
        listed = dict(line.split("  ")[::-1] for line in archive.read(MANIFEST).decode().splitlines())
        assert set(listed) == set(archive.namelist()) - {MANIFEST}
        assert all(sha256(archive.read(name)).hexdigest() == digest for name, digest in listed.items())
    if shutil.which("sha256sum") is None:
        pytest.skip("SHA256SUM ABSENT : la commande dite dans LISEZ-MOI n'est pas essayée")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", MANIFEST], cwd=tmp_path, check=True)


def test_broken_signs_break_nothing(engine: Engine, texts: DossierTexts) -> None:
    """Half a surrogate pair, as exports have them, is no valid UTF-8."""
    told = case(engine, exhibits=(exhibit(1, name="a\ud83d", text="b\ud83d"),), comments=comments(("c\ud83d",)))
    with opened(as_zip(told, texts)) as archive:
        assert archive.read("textes/01.txt") == b"b?"


def test_without_right_or_comments_there_is_no_such_file(engine: Engine, texts: DossierTexts) -> None:
    with opened(as_zip(case(engine, "Je suis candidat et on me menace de mort."), texts)) as archive:
        assert "protection-fonctionnelle.docx" not in archive.namelist()
        assert "commentaires.csv" not in archive.namelist()
        assert "être candidat ne suffit pas" in archive.read("LISEZ-MOI.txt").decode()


def test_it_depends_only_on_the_case(engine: Engine, texts: DossierTexts) -> None:
    told = case(engine, exhibits=(exhibit(1),), comments=comments())
    first = as_zip(told, texts)
    assert as_zip(told, texts) == first
    assert as_zip(replace(told, made_at=told.made_at + timedelta(days=1)), texts) != first


def test_a_missing_or_altered_original_is_said(engine: Engine, texts: DossierTexts) -> None:
    given_ = (exhibit(1, original=None), exhibit(2, original=b"altered"), exhibit(3))
    with opened(as_zip(case(engine, exhibits=given_), texts)) as archive:
        readme = archive.read("LISEZ-MOI.txt").decode()
    assert "Pièce n° 1 (Capture d'écran.png) : le fichier d'origine n'est pas" in readme
    assert "Pièce n° 2 (Capture d'écran.png) : son empreinte n'est plus celle" in readme
    assert "Pièce n° 3" not in readme


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("Capture d'écran été.PNG", "image/png", "03-Capture_d_ecran_ete.PNG"),
        ("../../etc/passwd", "text/plain", "03-passwd.txt"),
        ("C:\\temp\\photo.jpg", "image/jpeg", "03-photo.jpg"),
        ("facture.exe", "image/png", "03-facture.exe.png"),
        ("facture\u202egnp.exe", "application/pdf", "03-facturegnp.exe.pdf"),
        ("", "message/rfc822", "03-piece.eml"),
        ("...", "image/webp", "03-piece.webp"),
        ("写真.heic", "image/heic", "03-piece.heic"),
        ("inconnu.dat", "application/x-autre", "03-inconnu.dat.bin"),
        ("x" * 300 + ".txt", "text/plain", "03-" + "x" * 60 + ".txt"),
    ],
)
def test_names_are_safe(name: str, kind: str, safe: str) -> None:
    assert safe_name(exhibit(3, name=name, media_type=kind)) == safe


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(["image/png", "text/plain", "application/x-autre"]))
def test_no_name_leaves_its_folder(name: str, kind: str) -> None:
    safe = safe_name(replace(ONE, name=name, media_type=kind))
    assert safe.startswith("01-")
    assert not set(safe) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert ".." not in safe or "/" not in safe
    assert len(safe) < 80


@pytest.mark.parametrize("cell", ["=1+1", "+33 6", "-1", "@SUM(A1)", "\t=1", " =cmd|'/c calc'!A1", "\r=1", "\n=1"])
def test_a_spreadsheet_takes_no_comment_for_a_formula(cell: str) -> None:
    told = comments((cell,))
    told = replace(told, kept=(replace(told.kept[0], author=cell, url=cell),))
    rows = list(csv.reader(io.StringIO(comments_csv(told).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[1][2] == rows[1][5] == rows[1][6] == f"'{cell}"


def test_comments_are_given_in_clear_the_worst_first() -> None:
    content = comments_csv(comments(("Je vais te planter ; ce soir\nà la mairie", "Sale ordure 😂")))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == ["numéro", "date", "auteur", "types", "niveau", "texte", "adresse"]
    assert [row[5] for row in rows[1:]] == ["Je vais te planter ; ce soir\nà la mairie", "Sale ordure 😂"]
    assert rows[1][1] == "2026-03-18 22:21:00+01:00"
