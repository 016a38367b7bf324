"""`rules/desk/pack.yaml`, `letters.yaml`, `directory.yaml`: every fault at once, with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triage.desk.measures.letters import load_letter_rules
from triage.desk.measures.names import load_directory_rules
from triage.desk.measures.pack import load_pack
from triage.errors import DataError

KINDS = load_directory_rules(ROOT / "rules").kinds
NAMES = {
    "referent": "R",
    "bouton_appel": "B",
    "referent_surete": "S",
    "alarme_elu": "A",
    "protection_fonctionnelle": "P",
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules, to be spoilt."""
    (tmp_path / "desk").mkdir()
    for name in ("service.yaml", "desk/pack.yaml", "desk/letters.yaml", "desk/directory.yaml"):
        shutil.copy(ROOT / "rules" / name, tmp_path / name)
    return tmp_path


def spoil(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")


def test_every_state_leads_somewhere_and_can_be_reached() -> None:
    for cycle in load_pack(ROOT / "rules", NAMES, KINDS).cycles.values():
        reached, left = {cycle.first, cycle.asked} - {""}, {cycle.first, cycle.asked} - {""}
        while left:
            left = {step.to for name in left for step in cycle.steps_from(name)} - reached
            reached |= left
        assert reached == {one.id for one in cycle.states}, cycle.id


def test_whoever_waits_is_reminded() -> None:
    """A measure that waits for somebody is brought back to mind: nothing is forgotten."""
    for cycle in load_pack(ROOT / "rules", NAMES, KINDS).cycles.values():
        for state in cycle.states:
            reminded = state.remind is not None or state.remind_before is not None
            assert state.final or reminded, f"{cycle.id}.{state.id}"


def test_the_faults_of_the_pack_come_all_at_once(rules: Path) -> None:
    spoil(
        rules / "desk" / "pack.yaml",
        ("route: [referent, brigade, commissariat]", "route: [garnison]"),
        ("suggests: [alarme_elu, referent_surete]", "suggests: [parapluie]"),
        ("waits: referent", "waits: concierge"),
        ("jusqu'au {fin}.", "jusqu'au {jamais}."),
        ("{from: [transmis], to: accorde", "{from: [transmis], to: donne"),
        (
            'asked: demande\n    states:\n      - {id: propose, label: "Proposé"',
            'states:\n      - {id: propose, label: "Proposé"',
        ),
    )
    with pytest.raises(DataError) as error:
        load_pack(rules, NAMES, KINDS)
    said = str(error.value)
    for what in (
        "sorte d'unité inconnue : « garnison »",
        "mesure suggérée inconnue : « parapluie »",
        "acteur inconnu : « concierge »",
        "« {jamais} » n'est pas connu",
        "état inconnu : « donne »",
        "l'élu peut demander « bouton_appel »",
    ):
        assert what in said
    assert all("pack.yaml:" in line for line in said.splitlines())


def test_a_measure_that_the_diagnostic_does_not_know_has_its_name(rules: Path) -> None:
    spoil(rules / "desk" / "pack.yaml", ('    name: "Surveillance renforcée"\n', ""))
    with pytest.raises(DataError, match="« patrouille_renforcee » n'est pas dans measures"):
        load_pack(rules, NAMES, KINDS)


def test_the_faults_of_the_letters_come_all_at_once(rules: Path) -> None:
    spoil(
        rules / "desk" / "letters.yaml",
        ("{official}, {mandate}", "{elu}, {mandate}"),
        ("measure: bouton_appel", "measure: parapluie"),
        ("needs: [flags]", "needs: [drapeaux]"),
        ("  reference: {label", "  numero: {label"),
    )
    with pytest.raises(DataError) as error:
        load_letter_rules(rules, ["bouton_appel", "patrouille_renforcee", "protection_fonctionnelle"])
    said = str(error.value)
    for what in (
        "« {elu} » n'est pas connu",
        "mesure inconnue : « parapluie »",
        "« {drapeaux} »",
        "absent : « numero »",
    ):
        assert what in said


def test_a_column_without_a_name_is_a_fault(rules: Path) -> None:
    spoil(
        rules / "desk" / "directory.yaml",
        ("  phone: [téléphone, phone, tel]\n", ""),
        ("mail: [courriel, mail, email]", "mail: []"),
    )
    with pytest.raises(DataError, match="absente : « phone »") as error:
        load_directory_rules(rules)
    assert "colonne sans nom : « mail »" in str(error.value)
