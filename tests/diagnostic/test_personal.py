"""It speaks to this person: what they said they did is not asked again, and what is not for them is not said."""

from __future__ import annotations

from datetime import datetime

import pytest

from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.forms import as_markdown
from triage.engine import Engine
from triage.intake.report import Report

NOW = datetime(2026, 11, 27, 10, 0)


def diagnosed(engine: Engine, text: str, *traits: str) -> Diagnostic:
    return engine.composer.make(engine.assess(Report(text, received_at=NOW, traits=traits), NOW))


@pytest.mark.parametrize(
    "text",
    [
        "Mon ex-mari a installé un logiciel espion sur mon téléphone : il cite mes messages.",
        "On m'a volé mon compte Facebook ce matin, je n'ai plus accès et il écrit à ma place.",
        "Mon compagnon me menace de publier nos messages et il connaît tous mes mots de passe.",
        "J'ai trouvé un traceur GPS sous ma voiture et quelqu'un sait toujours où je suis.",
    ],
)
def test_a_device_that_may_be_watched_is_said_first(engine: Engine, text: str) -> None:
    assert diagnosed(engine, text).steps["now"][0].text == "Utilisez un autre appareil."


@pytest.mark.parametrize(
    "text",
    [
        "Un habitant m'insulte sous chaque publication de la commune.",
        "J'ai récupéré mon compte Facebook hier, le mot de passe est changé et rien n'a été publié.",
    ],
)
def test_another_device_is_not_asked_for_without_a_reason(engine: Engine, text: str) -> None:
    assert "Utilisez un autre appareil." not in as_markdown(diagnosed(engine, text))


DONE = {
    "deja:plainte": ("J'ai porté plainte hier à la gendarmerie.", "Déposez plainte"),
    "deja:captures": ("J'ai fait des captures d'écran de tout.", "Capturez l'écran entier"),
}


@pytest.mark.parametrize("trait", sorted(DONE))
def test_what_is_done_is_not_asked_again(engine: Engine, trait: str) -> None:
    told, asked = DONE[trait]
    threat = "Je suis maire. Un inconnu m'a écrit sur Facebook hier : « je vais te tuer ». "
    before, after = diagnosed(engine, threat), diagnosed(engine, threat + told)
    assert asked in " ".join(step.text for steps in before.steps.values() for step in steps)
    assert trait in after.situation.labels
    assert asked not in " ".join(step.text for steps in after.steps.values() for step in steps)


@pytest.mark.parametrize(
    ("told", "trait"),
    [
        ("Je vais porter plainte demain.", "deja:plainte"),
        ("Je n'ai pas encore porté plainte.", "deja:plainte"),
        ("Faut-il porter plainte ?", "deja:plainte"),
        ("Je dois faire des captures ?", "deja:captures"),
        ("On m'a conseillé d'appeler ma banque.", "deja:banque"),
    ],
)
def test_what_is_only_thought_of_is_not_done(engine: Engine, told: str, trait: str) -> None:
    assert trait not in diagnosed(engine, f"Il m'a écrit « je vais te tuer ». {told}").situation.labels


ROLES = {
    "Je suis maire d'une commune de l'Aube.": {"role:maire", "role:elu"},
    "Je suis adjointe au maire chargée de l'urbanisme.": {"role:adjoint", "role:elu"},
    "Je suis conseillère municipale d'opposition.": {"role:opposition", "role:elu"},
    "Je suis député de la Drôme.": {"role:parlementaire", "role:elu"},
    "Je suis candidat aux municipales.": {"role:candidat"},
    "Je suis ancien maire de la commune.": {"role:ancien_elu"},
    "Je suis la secrétaire de mairie, je vous écris pour notre maire.": {"parle:equipe", "role:maire"},
    "Mon mari est maire et c'est à lui qu'on en veut.": {"parle:proche", "role:maire"},
}


@pytest.mark.parametrize("told", sorted(ROLES))
def test_the_mandate_is_understood(engine: Engine, told: str) -> None:
    labels = diagnosed(engine, f"{told} On a reçu hier « on va te crever ».").situation.labels
    assert ROLES[told] <= labels, sorted(labels)
    if told.startswith(("Je suis ancien", "Je suis candidat")):
        assert "role:elu" not in labels


def test_no_image_is_ever_asked_for(engine: Engine) -> None:
    """Intimate images, and minors: the address of the page only."""
    for text in (
        "Mon ex diffuse des photos intimes de moi sur Telegram depuis hier.",
        "Ma fille de 14 ans est victime de sextorsion sur Snapchat, il menace d'envoyer ses photos nues.",
    ):
        diagnostic = diagnosed(engine, text)
        written = as_markdown(diagnostic)
        for asked in ("Capturez l'écran entier", "joignez l'image", "envoyez-nous l'image", "constat à un commissaire"):
            assert asked not in written
        assert "adresse" in " ".join(step.text for step in diagnostic.steps["now"])


def test_a_death_threat_is_not_taken_for_an_intimate_image(engine: Engine) -> None:
    text = "Je suis maire. Hier il m'a écrit sur Facebook : « je vais te faire sauter la cervelle »."
    diagnostic = diagnosed(engine, text)
    assert "fait:sexuel=oui" not in diagnostic.situation.labels
    assert "Capturez l'écran entier" in as_markdown(diagnostic)


def test_now_is_short(engine: Engine) -> None:
    text = "Je suis maire. Un homme armé est devant chez moi, il crie qu'il va tuer mes enfants, je suis à bout."
    assert len(diagnosed(engine, text).steps["now"]) <= 7


def test_what_would_change_the_answer_is_said(engine: Engine) -> None:
    diagnostic = diagnosed(engine, "Un habitant m'a traité de « sale type » en public hier sur Facebook.")
    assert diagnostic.level.id == "guided"
    assert any(change.level and change.level.id == "immediate" for change in diagnostic.changes)
    assert any("1 an" in change.effect for change in diagnostic.changes)
