"""A set labelled by others becomes ours by a mapping file, and ours becomes theirs by the same one."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import DataError
from triage.learning.cases import labels_of
from triage.learning.corpus import Labels, load
from triage.learning.frames import read_frame
from triage.learning.interchange import as_csv, as_jsonl, exported, imported, read_set
from triage.learning.mapping import Mapped, load_mapping
from triage.learning.subjects import read_texts
from triage.settings import Settings

MAPPING = """
columns: {id: numero, text: commentaire, threats: etiquettes, disposition: gravite, facts.public: visible}
separator: "|"
values:
  threats: {menace: [menace], insulte: [injure], haine: [haine], neutre: [hors_perimetre], autre: []}
  disposition: {"3": [urgent], "2": [agent], "1": [guided], "0": [advice]}
  facts.public: {oui: [oui], non: [non]}
levels: {injure: guided}
defaults: {kind: message, disposition: advice}
"""
THEIRS = """numero;commentaire;etiquettes;gravite;visible
a1;"Tu vas payer ;
on arrive";menace|insulte;3;oui
a2;Quel clown;insulte;;non
a3;Bravo;neutre;0;oui
a4;Bof;autre;0;oui
"""


@pytest.fixture(scope="module")
def labels() -> Labels:
    return labels_of(Settings())


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mapping(folder: Path, labels: Labels, text: str = MAPPING) -> Mapped:
    return load_mapping(written(folder, "map.yaml", text), labels)


def test_their_rows_are_our_examples(tmp_path: Path, labels: Labels) -> None:
    done = imported(written(tmp_path, "eux.csv", THEIRS), mapping(tmp_path, labels), labels)
    told = [(one["id"], one["threats"], one["disposition"], one["facts"]) for one in done.records]
    assert told == [
        ("a1", ["menace", "injure"], "urgent", {"public": "oui"}),
        ("a2", ["injure"], "guided", {"public": "non"}),
        ("a3", ["hors_perimetre"], "advice", {"public": "oui"}),
    ]
    assert done.records[0]["text"] == "Tu vas payer ;\non arrive"
    assert {one["kind"] for one in done.records} == {"message"}
    assert done.counts == {"menace": 1, "injure": 1, "hors_perimetre": 1}
    assert done.left_out == {"valeur sans équivalent chez nous": 1}
    assert len(load(written(tmp_path, "nous.jsonl", as_jsonl(done.records).decode()), labels)) == 3


def test_jsonl_and_lists(tmp_path: Path, labels: Labels) -> None:
    lines = (
        '{"numero": 7, "commentaire": "Ordure", "etiquettes": ["haine", "insulte"], "gravite": 2, "visible": null}\n'
    )
    done = imported(written(tmp_path, "eux.jsonl", lines), mapping(tmp_path, labels), labels)
    assert [(one["id"], one["threats"], one["facts"]) for one in done.records] == [("7", ["haine", "injure"], {})]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x1e"])
def test_a_text_with_another_end_of_line_stays_one_record(tmp_path: Path, labels: Labels, sign: str) -> None:
    """Word processors write them; JSON leaves them as they are."""
    told = {"id": "a", "text": f"Une ligne{sign}et l'autre", "threats": ["menace"], "primary": "menace"}
    told |= {"disposition": "urgent", "red_flags": []}
    path = written(tmp_path, "nous.jsonl", as_jsonl([told, told | {"id": "b"}]).decode())
    assert [row["text"] for _, row in read_set(path)] == [told["text"]] * 2
    assert [one.text for one in load(path, labels)] == [told["text"]] * 2
    assert [one.report.text for one in read_texts(path, labels)] == [told["text"]] * 2
    assert list(read_frame(path)["text"]) == [told["text"]] * 2


def test_there_and_back_again(tmp_path: Path, labels: Labels) -> None:
    mapped = mapping(tmp_path, labels)
    first = imported(written(tmp_path, "eux.csv", THEIRS), mapped, labels)
    theirs = exported(first.records, mapped)
    again = imported(written(tmp_path, "retour.csv", as_csv(theirs.records).decode()), mapped, labels)
    assert again.records == first.records
    assert theirs.records[0]["etiquettes"] == "menace|insulte"


def test_what_they_have_no_word_for_is_left_out(tmp_path: Path, labels: Labels) -> None:
    ours = [
        {"id": "x", "text": "Rançon", "threats": ["rancongiciel"], "primary": "rancongiciel", "disposition": "agent"}
    ]
    done = exported(ours, mapping(tmp_path, labels))
    assert (done.records, done.left_out) == ([], {"étiquette sans équivalent chez eux": 1})


def test_every_problem_of_a_set_is_said_at_once(tmp_path: Path, labels: Labels) -> None:
    rows = ["a1;Oui;menaces;3;oui", "a1;Non;haine;9;oui", "a1;Bon;haine;2;oui", "a1;Bon;haine;2;oui"]
    wrong = "\n".join([THEIRS.partition("\n")[0], *rows])
    with pytest.raises(DataError) as caught:
        imported(written(tmp_path, "eux.csv", wrong), mapping(tmp_path, labels), labels)
    assert [str(one).partition("eux.csv:")[2] for one in caught.value.problems] == [
        "2 : erreur : « etiquettes » : valeur « menaces » absente de map.yaml (values, threats)",
        "3 : erreur : « gravite » : valeur « 9 » absente de map.yaml (values, disposition)",
        "5 : erreur : « id » : « a1 » est déjà à la ligne 4",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("threats: etiquettes, ", ""), "dites dans quelle colonne est « threats »"),
        (("id: numero", "auteur: numero"), "champ inconnu « auteur »"),
        (("[injure]", "[insulte]"), "valeur inconnue « insulte »"),
        (("injure: guided", "injure: grave"), "« injure », « grave »"),
        (("disposition: advice}", "disposition: rien}"), "valeur inconnue « rien »"),
        (("kind: message", "kind: lettre"), "defaults.kind"),
        (("facts.public: visible", "facts.couleur: visible"), "champ inconnu « facts.couleur »"),
    ],
    ids=["no_label", "field", "type", "level", "default", "kind", "fact"],
)
def test_problems_of_a_mapping(tmp_path: Path, labels: Labels, change: tuple[str, str], said: str) -> None:
    with pytest.raises(DataError) as caught:
        mapping(tmp_path, labels, MAPPING.replace(*change))
    assert said in str(caught.value) and "map.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("eux.csv", "a,b\n1,2\n", "colonne absente « commentaire »"),
        ("eux.csv", "", "aucune ligne"),
        ("eux.txt", "a\n", ".csv ou .jsonl"),
        ("eux.jsonl", "{}\npas du json\n", "eux.jsonl:2"),
    ],
    ids=["column", "empty", "suffix", "json"],
)
def test_sets_that_cannot_be_read(tmp_path: Path, labels: Labels, name: str, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        imported(written(tmp_path, name, text), mapping(tmp_path, labels), labels)


def test_a_set_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="illisible"):
        read_set(tmp_path / "rien.csv")
