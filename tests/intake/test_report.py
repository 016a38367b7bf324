"""What cannot be read is refused in French; what can be guessed is read with a note."""

from __future__ import annotations

import pytest

from triage.errors import IntakeError
from triage.intake.language import language_of
from triage.intake.report import MAX_CHARACTERS, decode, validate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "vide"),
        (" \n\t ", "vide"),
        ("a" * (MAX_CHARACTERS + 1), "limite"),
        ("\x00\x01\x02\x03\x04\x05" * 9, "lisible"),
    ],
)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        validate(text)


def test_the_longest_text_is_accepted() -> None:
    assert validate("é" * MAX_CHARACTERS)


@pytest.mark.parametrize(
    ("raw", "text", "noted"),
    [
        ("été".encode(), "été", False),
        ("\ufeffété".encode(), "été", False),
        ("été".encode("cp1252"), "été", True),
        ("été".encode("utf-16"), "\ufeffété", False),
    ],
)
def test_encodings(raw: bytes, text: str, noted: bool) -> None:
    read, note = decode(raw)
    assert read.lstrip("\ufeff") == text.lstrip("\ufeff")
    assert (note is not None) == noted


def test_binary_is_refused() -> None:
    with pytest.raises(IntakeError, match="pas un texte"):
        decode(b"\x89PNG\x00\x00\xff\xfe\x80")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je vous écris parce que la mairie a reçu un courriel de menaces ce matin", "fr"),
        ("jvous ecri pcq on ma menacé sur insta hier soir et jai peur", "fr"),
        ("I am writing because somebody has been sending me threats for a week now", "en"),
        ("Hola, me han robado la cuenta de correo y no sé qué tengo que hacer con esto", "es"),
        ("au secours", None),
        ("xkq zrt plmv wqs dfgh jklm tprs vbnx qsdf ghjk", ""),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert language_of(text) == language
