"""The other files that people give: tables, exports, settings, labelled sets, the manifest of a backup."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import strategies as st

from tests.fuzz.files import HTML
from tests.fuzz.mutating import damaged
from tests.fuzz.running import Target
from tests.fuzz.texts import SIGNS, any_text
from triage.batch.reading import open_source
from triage.batch.rows import BatchError, Row
from triage.comments.parsing import parse
from triage.configuration import ConfigurationError
from triage.desk.measures.names import load_directory_rules
from triage.desk.measures.reading import read_communes, read_units
from triage.desk.measures.sheets import Sheet
from triage.errors import DataError, IntakeError
from triage.learning.cases import labels_of
from triage.learning.corpus import Labels, load
from triage.learning.interchange import as_csv, as_jsonl, imported, read_set
from triage.learning.mapping import load_mapping
from triage.settings import Settings
from triage.store.backups.copying import BackupError
from triage.store.backups.manifest import FORMAT, NAME
from triage.store.backups.manifest import read as read_manifest

pytestmark = pytest.mark.whole
RULES = Settings().rules
ROWS = [
    {
        "id": "a1",
        "text": "Il écrit : « crève », signé X",
        "kind": "message",
        "received_at": "2026-03-01T22:15:00+01:00",
    },
    {"id": 2, "text": 'Bof ; "oui", non\u2028fin', "kind": "report", "received_at": ""},
]
TABLES = [
    'id;text\n1;"Il écrit ;\ncrève"\n2;b\n'.encode(),
    'ID,Commune,text,received_at\r\n1,Ici,"a ""b"" c",2026-03-01\r\n2,,é,\r\n'.encode("utf-8-sig"),
    b"id,text\n" + b"x,y\n" * 40,
]
COMMENTS = [
    b'Auteur;Commentaire;Date\nAna;"Bravo ; merci";12/03/2026 22:14\nBob;Dehors;03/25/26 9:05 PM\n',
    json.dumps(
        {
            "data": [
                {
                    "author": {"name": "Ana"},
                    "message": "Bravo",
                    "created_time": "2026-03-12T22:14:00+0100",
                    "replies": [{"from": "Bob", "text": "Dehors 😀", "timestamp": 1773349440}],
                }
            ]
        }
    ).encode(),
    b'{"author": "a", "comment": "b", "date": "12 mars 2026"}\n{"author": "c", "comment": "d"}\n',
    HTML,
    "Commentaire\tLien\nOui\thttps://exemple.fr\n".encode("utf-16"),
]
SETTINGS = [
    b'data = "donnees"\nport = 8017\nhost = "127.0.0.1"\noperator = "Mairie"\nper_minute = 300\naltcha = true\n',
    b'address = "https://exemple.fr"\nsmtp = "hote:25"\nsmtp_tls = "starttls"\nsmtp_user = "u"\nsmtp_password = "p"\n',
    b"port = 2026-01-01\n[a]\nb = [1, {c = 2.5}]\n\"d\\u0000\" = '''x'''\n",
]
MAPPING = """columns: {id: numero, text: commentaire, threats: etiquettes, disposition: gravite, facts.public: visible}
separator: "|"
values:
  threats: {menace: [menace], insulte: [injure], neutre: [hors_perimetre], autre: []}
  disposition: {"3": [urgent], "0": [advice]}
  facts.public: {oui: [oui], non: [non]}
levels: {injure: guided}
defaults: {kind: message, disposition: advice}
"""
THEIRS = [
    b'numero;commentaire;etiquettes;gravite;visible\na1;"Tu vas payer ;\non";menace|insulte;3;oui\na2;Bof;autre;0;\n',
    b'{"numero": 1, "commentaire": "x", "etiquettes": ["menace"], "gravite": 3, "visible": "oui"}\n',
]
MANIFEST = json.dumps(
    {"format": FORMAT, "made_at": "2026-03-01T22:15:00Z", "triage": "0.1.0", "schema_": "1", "database": "sqlite",
     "head": "ab", "keys": ["a"], "counts": {"cases": 3}, "files": {"a": {"size": 3, "sha256": "ab"}}, "seal": "00"}
).encode()  # fmt: skip
Made = Callable[[random.Random], bytes]


def maker(*whole: bytes) -> Made:
    return lambda chance: damaged(chance, whole)


def parquet() -> bytes:
    out = io.BytesIO()
    pd.DataFrame([{**one, "id": str(one["id"])} for one in ROWS]).to_parquet(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("suffix", "whole", "most"),
    [
        (".jsonl", ["\n".join(json.dumps(one, ensure_ascii=one["id"] == 2) for one in ROWS).encode()], 3_000),
        (".csv", TABLES, 3_000),
        (".parquet", [parquet()], 1_500),
    ],
    ids=["jsonl", "csv", "parquet"],
)
def test_a_damaged_batch_is_sorted_or_refused(tmp_path: Path, suffix: str, whole: list[bytes], most: int) -> None:
    target, path = Target(f"batch {suffix}", 120, most), tmp_path / f"lot{suffix}"

    def read(content: bytes) -> str:
        path.write_bytes(content)
        try:
            rows = list(open_source(path).rows())
        except BatchError as refused:
            assert str(refused).startswith(str(path))
            return "refused"
        for row in rows:
            assert row.report.text.encode() if isinstance(row, Row) and row.report.text else True
            if not isinstance(row, Row):
                row.as_json().encode()
        return "rows" if any(isinstance(row, Row) for row in rows) else "rejected rows"

    target.tries(target.made(maker(*whole)), read)
    target.check("rows", 0.05)


def test_a_damaged_export_of_comments_is_read_or_refused() -> None:
    target = Target("comments", 200, 4_000)

    def read(content: bytes) -> str:
        try:
            export = parse(content)
        except IntakeError as refused:
            assert str(refused).endswith(".")
            return "refused"
        for one in export.comments:
            f"{one.text}{one.author}{one.url}".encode()
        return "read"

    target.tries(target.made(maker(*COMMENTS)), read)
    target.check("read", 0.2)


def test_a_damaged_file_of_settings_is_used_or_refused(tmp_path: Path) -> None:
    target, path = Target("settings", 150, 2_500), tmp_path / "triage.toml"

    def read(content: bytes) -> str:
        path.write_bytes(content)
        try:
            Settings(config=path)
        except ConfigurationError as refused:
            assert all(one.where.path == path and one.what for one in refused.problems)
            return "refused"
        return "used"

    target.tries(target.made(maker(*SETTINGS)), read)
    target.check("used", 0.03)


def test_a_damaged_directory_is_read_or_refused(tmp_path: Path) -> None:
    target, rules = Target("directory", 150, 2_000), load_directory_rules(RULES)
    units = [";".join(names[0] for names in rules.units.values()), "u1;" + ";".join(["x"] * (len(rules.units) - 1))]
    communes = [";".join(names[0] for names in rules.communes.values()), ";".join(["35238"] * len(rules.communes))]
    whole = [("\n".join(lines) + "\n").encode() for lines in (units, communes)]

    def read(content: bytes) -> str:
        of_units, of_communes = Sheet("a.csv", rules.units), Sheet("a.csv", rules.communes)
        read_units(of_units, content, rules, ["35"])
        read_communes(of_communes, content, rules, ["35"], ["u1"])
        for one in (*of_units.problems, *of_communes.problems):
            assert one.where.line >= 0 and one.what
        fewer = min(of_units.problems, of_communes.problems, key=len)
        return "rows read" if all("colonne «" in one.what for one in fewer) else "refused"

    target.tries(target.made(maker(*whole)), read)
    target.check("rows read", 0.05)


@pytest.fixture(scope="module")
def labels() -> Labels:
    return labels_of(Settings())


def test_a_damaged_set_and_its_mapping_are_read_or_refused(tmp_path: Path, labels: Labels) -> None:
    target, mapping = Target("labelled sets", 150, 2_500), tmp_path / "map.yaml"

    def made(chance: random.Random) -> tuple[bytes, bytes, str]:
        rules = damaged(chance, [MAPPING.encode()]) if chance.random() < 0.4 else MAPPING.encode()
        return rules, damaged(chance, THEIRS), chance.choice((".csv", ".jsonl"))

    def read(one: tuple[bytes, bytes, str]) -> str:
        rules, content, suffix = one
        path = tmp_path / f"eux{suffix}"
        mapping.write_bytes(rules)
        path.write_bytes(content)
        try:
            done = imported(path, load_mapping(mapping, labels), labels)
        except DataError as refused:
            assert refused.problems and all(str(one).startswith(str(tmp_path)) for one in refused.problems)
            return "refused"
        return f"imported {bool(done.records)}"

    target.tries(target.made(made), read)
    target.check("imported", 0.01)


def unix(text: str) -> str:
    """The end of a line is written as the system has it, and read as one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_what_is_written_is_read_again(tmp_path: Path, labels: Labels) -> None:
    """Labelled texts, whatever they hold, go to a file of each kind and come back."""
    target = Target("written and read", 100, 1_000)
    types = sorted(labels.types)
    tables: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
        st.fixed_dictionaries({"id": st.just("x"), "text": st.one_of(any_text, st.text(SIGNS, min_size=1))}),
        min_size=1,
        max_size=4,
    )

    def read(rows: list[dict[str, Any]]) -> str:
        rows = [{"id": f"x{number}", "text": unix(row["text"])} for number, row in enumerate(rows)]
        for suffix, content in ((".jsonl", as_jsonl(rows)), (".csv", as_csv(rows))):
            path = tmp_path / f"eux{suffix}"
            path.write_bytes(content)
            assert [row["text"] for _, row in read_set(path)] == [row["text"] for row in rows], suffix
        first = {"threats": [types[0]], "primary": types[0], "disposition": "advice", "red_flags": []}
        examples = [{**row, "text": f"{row['text']}.", **first} for row in rows]
        path = tmp_path / "nous.jsonl"
        path.write_bytes(as_jsonl(examples))
        assert [one.text for one in load(path, labels)] == [row["text"] for row in examples]
        return "the same"

    target.tries(target.drawn(tables), read)
    target.check("the same", 1.0)


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    target = Target("manifest", 100, 1_000)

    def read(content: bytes) -> str:
        (tmp_path / NAME).write_bytes(content)
        try:
            manifest = read_manifest(tmp_path)
        except BackupError:
            return "refused"
        manifest.model_dump_json().encode()
        return "read"

    target.tries(target.made(maker(MANIFEST)), read)
    target.check("read", 0.04)
