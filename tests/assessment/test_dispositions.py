"""The taxonomy's base levels and red flags, one line per clause."""

from __future__ import annotations

import pytest

from triage.assessment.facts import Fact
from triage.assessment.red_flags import Raised
from triage.engine import Engine
from triage.threats.fusion import Threat

NEVER: dict[str, float] = {}


def level(engine: Engine, types: str, facts: str = "", flags: str = "") -> str:
    """The disposition of `types`, `facts` (« clique=oui ») and `flags`, told with certainty and without a model."""
    told = {name: Fact(name, value, "rule") for name, value in (pair.split("=") for pair in facts.split())}
    raised = [Raised(engine.assessor.flags[name], ()) for name in flags.split()]
    threats = [Threat(name, 1.0, ()) for name in types.split()]
    return engine.assessor.assess(threats, told, raised, NEVER, NEVER, ()).level.id


@pytest.mark.parametrize(
    ("types", "facts", "expected"),
    [
        ("menace", "voile=non", "urgent"),
        ("menace", "voile=oui", "agent"),
        ("injure", "", "guided"),
        ("haine", "", "agent"),
        ("diffamation", "", "guided"),
        ("diffamation", "propagation=oui", "agent"),
        ("diffamation", "accusation_grave=oui", "agent"),
        ("cyberharcelement", "", "agent"),
        ("raid", "", "agent"),
        ("raid", "en_cours=oui", "agent"),
        ("raid doxing", "en_cours=oui lieu_prive_expose=non", "urgent"),
        ("raid menace", "en_cours=oui voile=oui", "urgent"),
        ("raid menace", "en_cours=non voile=oui", "agent"),
        ("violence_sexuelle", "images_circulent=oui", "urgent"),
        ("violence_sexuelle", "images_circulent=non", "agent"),
        ("chantage", "contenu_detenu=oui", "urgent"),
        ("chantage", "echeance=oui", "urgent"),
        ("chantage", "envoi_masse=oui echeance=oui argent_parti=non", "guided"),
        ("chantage", "envoi_masse=oui contenu_detenu=non echeance=oui", "guided"),
        ("chantage", "", "agent"),
        ("doxing", "lieu_prive_expose=oui", "urgent"),
        ("doxing", "lieu_prive_expose=non", "agent"),
        ("usurpation", "", "agent"),
        ("usurpation", "retire=oui", "guided"),
        ("hypertrucage", "sexuel=non", "agent"),
        ("hypertrucage", "sexuel=oui", "urgent"),
        ("surveillance", "", "urgent"),
        ("piratage_compte", "controle_attaquant=oui", "urgent"),
        ("piratage_compte", "controle_attaquant=non compte_utilise=oui", "agent"),
        ("piratage_compte", "controle_attaquant=non compte_utilise=non", "guided"),
        ("hameconnage", "clique=non donnees_saisies=non argent_parti=non", "advice"),
        ("hameconnage", "clique=oui donnees_saisies=non argent_parti=non", "guided"),
        ("hameconnage", "donnees_saisies=oui acces_coupe=oui argent_parti=non", "guided"),
        ("hameconnage", "donnees_saisies=oui acces_coupe=non argent_parti=non", "agent"),
        ("hameconnage", "argent_parti=oui argent_ancien=non", "urgent"),
        ("rancongiciel", "", "urgent"),
        ("rancongiciel fuite_donnees", "", "urgent"),
        ("intrusion", "en_cours=oui", "urgent"),
        ("intrusion", "perimetre_reseau=oui en_cours=non", "urgent"),
        ("intrusion", "perimetre_reseau=non en_cours=non", "agent"),
        ("virus", "perimetre_reseau=non", "guided"),
        ("virus", "perimetre_reseau=oui", "agent"),
        ("fuite_donnees", "donnees_publiees=non", "agent"),
        ("fuite_donnees", "donnees_publiees=oui", "urgent"),
        ("ddos", "", "agent"),
        ("defiguration", "", "agent"),
        ("ingerence", "", "agent"),
        ("hors_perimetre", "", "advice"),
        ("indetermine", "", "agent"),
        ("injure diffamation haine", "propagation=non", "agent"),
        *(
            (fraud, facts, expected)
            for fraud in ("fraude_virement", "escroquerie", "faux_support")
            for facts, expected in (
                ("argent_parti=oui argent_ancien=non", "urgent"),
                ("argent_parti=oui argent_ancien=oui controle_attaquant=non", "agent"),
                ("controle_attaquant=oui argent_parti=non", "urgent"),
                ("donnees_saisies=oui argent_parti=non controle_attaquant=non", "guided"),
                ("donnees_saisies=non clique=non argent_parti=non controle_attaquant=non", "advice"),
            )
        ),
    ],
)
def test_base_levels(engine: Engine, types: str, facts: str, expected: str) -> None:
    assert level(engine, types, facts) == expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("danger_imminent", "immediate"),
        ("ideation_suicidaire", "immediate"),
        ("violence_physique", "immediate"),
        ("mineur_vise", "urgent"),
        ("domicile_vise", "urgent"),
        ("arme", "urgent"),
        ("auteur_violent_connu", "urgent"),
        ("service_public_arrete", "urgent"),
        ("argent_recent", "urgent"),
        ("detresse", "agent"),
        ("preuve_ephemere", "advice"),
    ],
)
def test_red_flags_raise_even_what_is_out_of_scope(engine: Engine, flag: str, expected: str) -> None:
    assert level(engine, "hors_perimetre", flags=flag) == expected


def test_red_flags_never_lower(engine: Engine) -> None:
    for flag in engine.assessor.flags:
        assert level(engine, "surveillance", flags=flag) in ("urgent", "immediate")


def test_money_gone_at_an_unknown_date_is_recent(engine: Engine) -> None:
    assert level(engine, "escroquerie", "argent_parti=oui controle_attaquant=non donnees_saisies=oui") == "urgent"
