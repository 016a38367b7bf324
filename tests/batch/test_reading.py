"""Each kind of file gives its reports, one at a time; a bad row is told with its place and its reason."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from triage.batch.reading import open_source
from triage.batch.rows import CHUNK, BatchError, Rejected, Row, chunks, row_of
from triage.intake.report import Report

MOMENT = "2026-03-01T22:15:00+01:00"


def read(path: Path) -> list[tuple[int, str]]:
    """Each row's number and text, or reason."""
    rows = open_source(path).rows()
    return [(row.number, row.report.text if isinstance(row, Row) else f"REFUS {row.reason}") for row in rows]


def test_a_jsonl_line_is_a_report(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'\ufeff{{"id": 7, "text": "é", "kind": "message", "received_at": "{MOMENT}"}}\n', encoding="utf-8")
    assert list(open_source(path).rows()) == [
        Row(1, Report("é", "message", datetime.fromisoformat(MOMENT), "7")),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"pas du json", "JSON illisible, colonne 1", id="pas du JSON"),
        pytest.param(b'["text"]', "chaque ligne est un objet JSON", id="une liste"),
        pytest.param(b'{"id": "a"}', "« text » manque", id="sans texte"),
        pytest.param(b'{"text": 12}', "« text » manque ou n'est pas un texte", id="texte numérique"),
        pytest.param(b'{"text": "a", "kind": "lettre"}', "« kind » vaut", id="autre sorte"),
        pytest.param(b'{"text": "a", "received_at": "hier"}', "« received_at » est une date", id="date en lettres"),
        pytest.param(b'{"text": "a", "received_at": 12}', "« received_at » est une date", id="date numérique"),
        pytest.param(b'{"text": "a", "id": ["b"]}', "« id » est un texte", id="identifiant en liste"),
        pytest.param(b'{"text": "\xe9"}', "pas en UTF-8", id="cp1252"),
        pytest.param(b'{"text": "\\ud83d"}', "pas en UTF-8", id="demi-caractère"),
        pytest.param(b'{"text": "' + b"a" * 50_001 + b'"}', "50001 caractères, la limite est de 50000", id="long"),
        pytest.param(b'{"text": "' + b"a" * 2_500_000 + b'"}', "plus d'un million d'octets", id="sans fin"),
        pytest.param(b'{"id": ' + b"9" * 5000 + b"}", "JSON illisible", id="nombre sans fin"),
        pytest.param(b"[" * 100_000, "JSON illisible", id="crochets sans fin"),
    ],
)
def test_a_bad_line_is_set_aside_and_the_next_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" + line + b'\n{"text": "bon"}')
    (place, refused), good = read(path)
    assert (place, good) == (2, (3, "bon"))
    assert refused.startswith("REFUS ") and reason in refused


def test_a_reject_keeps_the_identifier() -> None:
    assert row_of(4, {"id": "x", "text": None}) == Rejected(4, "x", "« text » manque ou n'est pas un texte")


@pytest.mark.parametrize("separator", [",", ";"], ids=["virgule", "point-virgule"])
def test_csv_with_line_breaks_and_other_columns(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.csv"
    lines = [
        ["ID", "Commune", "text", "received_at"],
        ["1", "Ici", '"Il écrit, ""crève"" ;\nsigné X"', MOMENT],
        ["2", "", "é", ""],
    ]
    path.write_text("\r\n".join(separator.join(line) for line in lines), encoding="utf-8-sig", newline="")
    first, second = open_source(path).rows()
    assert first == Row(2, Report('Il écrit, "crève" ;\nsigné X', received_at=datetime.fromisoformat(MOMENT), id="1"))
    assert second == Row(4, Report("é", id="2"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"1,il dit, puis part", "3 colonnes au lieu de 2", id="virgule sans guillemets"),
        pytest.param(b"1", "1 colonnes au lieu de 2", id="colonne absente"),
        pytest.param(b"1,\xe9", "pas en UTF-8", id="cp1252"),
        pytest.param(b'1,"il dit "non" et part"', "CSV illisible, ligne 2", id="guillemets non doublés"),
    ],
)
def test_a_bad_record_is_set_aside_and_the_next_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n" + line + b"\n2,bon\n")
    (place, refused), good = read(path)
    assert (place, good) == (2, (3, "bon"))
    assert reason in refused


def test_a_quotation_mark_never_closed_is_told_with_the_lines_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,bon\n2,"ouvert\n3,perdu\n', encoding="utf-8")
    assert read(path)[0] == (2, "bon")
    assert "lignes 3 à 4" in read(path)[1][1]


@pytest.mark.parametrize(
    ("line", "places"),
    [
        pytest.param("2," + "a" * 2_500_000, "ligne de plus d'un million de signes", id="une ligne sans fin"),
        pytest.param("2" + "," * 2_500_000, "ligne de plus d'un million de signes", id="des colonnes sans fin"),
        pytest.param('2,"' + '\n","' * 260_000, "CSV illisible, lignes 3 à", id="un enregistrement sans fin"),
    ],
)
def test_no_record_is_held_whatever_its_length(tmp_path: Path, line: str, places: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'id,text\n1,bon\n{line}\n"3",encore\n', encoding="utf-8")
    first, (place, refused), *_ = read(path)
    assert first == (2, "bon")
    assert place == 3 and places in refused


def test_a_header_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text," + "a," * 600_000 + "\n1,bon\n", encoding="utf-8")
    with pytest.raises(BatchError, match="trop longue pour un en-tête"):
        open_source(path)


@pytest.mark.parametrize("told", [pa.string(), pa.dictionary(pa.int32(), pa.string())], ids=["texte", "dictionnaire"])
def test_a_value_of_parquet_without_end_is_set_aside(tmp_path: Path, told: pa.DataType) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": pa.array(["a" * 2_000_000, "bon", None]).cast(told)}), path)
    endless, good, none = read(path)
    assert endless == (1, "REFUS valeur de plus d'un million d'octets : ce n'est pas un récit")
    assert good == (2, "bon") and "« text » manque" in none[1]


PARQUET = {"id": [1, 2], "text": ["é", None], "kind": [None, "message"]}


@pytest.mark.parametrize(
    ("received", "moment"),
    [
        pytest.param([MOMENT, None], datetime.fromisoformat(MOMENT), id="en lettres"),
        pytest.param([date(2026, 3, 1), None], datetime(2026, 3, 1), id="jour"),
        pytest.param(pa.array([1, None], pa.timestamp("ns")), datetime(1970, 1, 1), id="nanosecondes"),
    ],
)
def test_parquet_of_many_row_groups(tmp_path: Path, received: Any, moment: datetime) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({**PARQUET, "received_at": received, "autre": [0, 0]}), path, row_group_size=1)
    source = open_source(path)
    assert source.total == 2
    assert list(source.rows()) == [
        Row(1, Report("é", received_at=moment, id="1")),
        Rejected(2, "2", "« text » manque ou n'est pas un texte"),
    ]


def test_parquet_text_that_is_no_utf8_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    bad = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\4\0\0\0"), pa.py_buffer(b"\xe9bon")]
    )
    pq.write_table(pa.table({"text": bad}), path)
    (_, refused), good = read(path)
    assert "pas en UTF-8" in refused and good == (2, "bon")


def test_rows_travel_in_chunks_of_one_size() -> None:
    rows = [Row(i, Report("a")) for i in range(2 * CHUNK + 1)]
    made = list(chunks(rows))
    assert [(one.index, len(one.rows)) for one in made] == [(0, CHUNK), (1, CHUNK), (2, 1)]


def written(folder: Path, name: str, content: bytes | pa.Table) -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pq.write_table(content, path)
    return path


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.txt", b"a", "le nom finit par .jsonl, .csv ou .parquet", id="suffixe inconnu"),
        pytest.param("a.jsonl", b"", "ne contient aucun récit", id="jsonl vide"),
        pytest.param("a.jsonl", b"\n \n", "ne contient aucun récit", id="lignes blanches"),
        pytest.param("a.csv", b"id,text\n", "ne contient aucun récit", id="en-tête seul"),
        pytest.param("a.csv", b'id,"text\n1,a\n', "un guillemet n'est pas fermé", id="en-tête ouvert"),
        pytest.param("a.csv", b"id,texte\n1,a\n", "pas de colonne « text »", id="csv sans text"),
        pytest.param("a.csv", "id,text\n1,a\n".encode("utf-16"), "en UTF-8", id="csv en UTF-16"),
        pytest.param("a.parquet", b"", "ne contient aucun récit", id="parquet vide"),
        pytest.param("a.parquet", b"PAR1 non", "pas un fichier Parquet lisible", id="faux parquet"),
        pytest.param("a.parquet", pa.table({"id": ["a"]}), "il faut une colonne « text »", id="parquet sans text"),
        pytest.param("a.parquet", pa.table({"text": [1]}), "il faut une colonne « text »", id="parquet de nombres"),
        pytest.param("a.parquet", pa.table({"text": pa.array([], pa.string())}), "aucun récit", id="aucune ligne"),
    ],
)
def test_a_file_that_cannot_be_sorted(tmp_path: Path, name: str, content: bytes | pa.Table, reason: str) -> None:
    with pytest.raises(BatchError, match=reason) as refused:
        open_source(written(tmp_path, name, content))
    assert name in str(refused.value) and "\n" not in str(refused.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"absent\.jsonl : fichier introuvable"):
        open_source(tmp_path / "absent.jsonl")
    with pytest.raises(BatchError, match="est un dossier"):
        open_source(tmp_path)
