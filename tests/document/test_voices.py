"""Whose words: what is quoted or pasted is the attacker's."""

from __future__ import annotations

import pytest

from tests.conftest import NOW
from triage.document.voices import VoiceCues, attacker_spans
from triage.engine import Engine
from triage.intake.report import Report

CUES = VoiceCues(
    headers=("De", "À", "Objet", "Date"),
    sender_headers=("de",),
    announcements=("commentaires", "messages"),
    own_names=("moi",),
)


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("Il a écrit « tu vas voir » hier.", [" tu vas voir "]),
        ("Il a écrit “tu vas voir” hier.", ["tu vas voir"]),
        ('Il a écrit "tu vas voir" hier.', ["tu vas voir"]),
        ("J'ai reçu ceci :\n> tu vas voir\n> on arrive\nQue faire ?", ["> tu vas voir", "> on arrive"]),
        ("Voici :\n    tu vas voir\nMerci", ["    tu vas voir"]),
        (
            "[12/03/2026 21:04] Kevin : tu dors ?\n[12/03/2026 21:05] Moi : qui êtes-vous\n"
            "[12/03/2026 21:06] Kevin : tu verras",
            ["tu dors ?", "tu verras"],
        ),
        (
            "Je transmets.\nDe : x@y.fr\nObjet : facture\nPayez ce soir.",
            ["De : x@y.fr\nObjet : facture\nPayez ce soir."],
        ),
        ("Objet : mon problème\nJe suis maire.", []),
        ("Les commentaires sous la photo :\n- crève\n- honte à toi\nJe suis inquiète.", ["crève", "honte à toi"]),
        ("Ce que j'ai fait :\n- appelé la banque", []),
        ("08h12 : serveur muet\n08h30 : tout débranché", []),
        ("L'élu d'aujourd'hui n'est pas l'élu d'hier.", []),
        ("Aucune citation ici.", []),
    ],
)
def test_spans(text: str, theirs: list[str]) -> None:
    assert [text[start:end] for start, end in attacker_spans(text, CUES)] == theirs


def test_a_letter_with_headers_may_be_the_reporters_own(engine: Engine) -> None:
    text = "De : mairie de Vaugreuil\nObjet : escroquerie\n\nMonsieur, hier, 4 000 euros sont partis de notre compte."
    triaged = engine.assess(Report(text), NOW)
    assert "argent_recent" in {raised.flag.id for raised in triaged.assessment.flags}


def test_what_follows_a_pasted_mail_may_be_the_story(engine: Engine) -> None:
    text = """Voici le courriel que notre comptable a reçu mardi matin :

De : banque@exemple.fr
Objet : votre compte

Cher client, validez vos coordonnées sans tarder.

Elle l'a fait. Hier, 4 000 euros sont partis de notre compte."""
    triaged = engine.assess(Report(text), NOW)
    assert "argent_recent" in {raised.flag.id for raised in triaged.assessment.flags}
