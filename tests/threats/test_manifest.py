"""A model folder is opened when it is whole, unchanged and of this installation; and nothing in it ever runs."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from tests.threats.small import ABOUT, seal, small_model
from triage.errors import ModelError
from triage.threats import manifest
from triage.threats.manifest import ARRAYS, NAME, VOCABULARY
from triage.threats.modelfile import Shelf, current, load, load_version


class Trap:
    """What, once unpickled, leaves a trace in the current folder."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return (Path.write_text, (Path("trace"), "pris"))  # type: ignore[return-value]


def resealed(folder: Path) -> None:
    manifest.write(folder, ABOUT, seal)


def no_manifest(folder: Path) -> None:
    (folder / NAME).unlink()


def changed(folder: Path) -> None:
    (folder / VOCABULARY).write_text((folder / VOCABULARY).read_text("utf-8") + " ", "utf-8")


def made_again(folder: Path) -> None:
    """Somebody changes a file, and lists it anew without the keys."""
    changed(folder)
    manifest.write(folder, ABOUT, None)


def of_other_keys(folder: Path) -> None:
    manifest.write(folder, ABOUT, lambda content: "00" * 32)


def pickled_beside(folder: Path) -> None:
    (folder / "modele.pkl").write_bytes(pickle.dumps(Trap()))


def code_beside(folder: Path) -> None:
    (folder / "greffon.py").write_text("print('pris')", "utf-8")


def pickled_in_place(folder: Path) -> None:
    (folder / ARRAYS).write_bytes(pickle.dumps(Trap()))
    resealed(folder)


def an_object(folder: Path) -> None:
    """A type that skops itself trusts: it is refused here all the same."""
    skops.io.dump(LogisticRegression(), folder / ARRAYS)
    resealed(folder)


def an_unknown_type(folder: Path) -> None:
    skops.io.dump({"piege": Trap}, folder / ARRAYS)
    resealed(folder)


def listed(folder: Path) -> None:
    """A foreign file that the manifest itself names."""
    content = json.loads((folder / NAME).read_text("utf-8"))
    content["files"]["greffon.so"] = "00"
    (folder / NAME).write_text(json.dumps(content), "utf-8")


def linked(folder: Path) -> None:
    (folder / "ailleurs").write_bytes((folder / VOCABULARY).read_bytes())
    (folder / VOCABULARY).unlink()
    (folder / "ailleurs").rename(folder.parent / "ailleurs")
    (folder / VOCABULARY).symlink_to(folder.parent / "ailleurs")


def written(content: str) -> Callable[[Path], None]:
    """The manifest as somebody else may have written it."""

    def damage(folder: Path) -> None:
        told = json.loads((folder / NAME).read_text("utf-8"))
        text = json.dumps({**told, **json.loads(content)}) if content.startswith("{") else content
        (folder / NAME).write_text(text, "utf-8")

    return damage


def without_right(folder: Path) -> None:
    """A file that cannot be read; root reads everything, hence a folder in its place."""
    (folder / VOCABULARY).unlink()
    (folder / VOCABULARY).mkdir()


def incomplete(folder: Path) -> None:
    (folder / ARRAYS).unlink()


def of_another_format(folder: Path) -> None:
    (folder / NAME).write_text('{"format": 7}', "utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (no_manifest, "pas de manifest.json, ce dossier n'a pas été fait ici"),
        (changed, "vocabulary.json a changé"),
        (made_again, "n'a pas été scellé par les clés de cette installation"),
        (of_other_keys, "n'a pas été scellé par les clés de cette installation"),
        (pickled_beside, "« modele.pkl » n'est pas un fichier d'un modèle, et aucun pickle n'est jamais ouvert"),
        (code_beside, "« greffon.py » n'est pas un fichier d'un modèle"),
        (pickled_in_place, "n'est pas une archive de tableaux, et aucun pickle n'est jamais ouvert"),
        (an_object, "type refusé, « sklearn.linear_model"),
        (an_unknown_type, "type refusé, « tests.threats.test_manifest.Trap »"),
        (listed, "fichier étranger à un modèle, « greffon.so »"),
        (linked, "n'est pas un fichier ordinaire"),
        (incomplete, "il manque « model.skops »"),
        (of_another_format, "format inconnu"),
        (written('{"files": 5}'), "champs absents ou inconnus"),
        (written('{"files": {"model.skops": 3}}'), "champs absents ou inconnus"),
        (written('{"frozen": {"report": []}}'), "champs absents ou inconnus"),
        (written('{"trained_at": "hier"}'), "champs absents ou inconnus"),
        (written('{"de_plus": 1}'), "champs absents ou inconnus"),
        (written("[" * 100_000), "est illisible"),
        (without_right, "n'est pas un fichier ordinaire"),
    ],
)
def test_a_folder_that_is_not_ours_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = small_model(tmp_path / "v1")
    assert load(folder, seal).version == "v1"
    damage(folder)
    for reading in (load, manifest.contents):  # what serves, and what lists: both refuse, and say why
        with pytest.raises(ModelError) as refused:
            reading(folder, seal)
        assert said in str(refused.value)
    assert not Path("trace").exists()


def test_a_folder_under_another_name_is_refused(tmp_path: Path) -> None:
    small_model(tmp_path / "v1").rename(tmp_path / "v2")
    with pytest.raises(ModelError, match="le manifeste est celui de « v1 »"):
        load(tmp_path / "v2", seal)


def test_what_the_gate_writes_beside_is_no_change(tmp_path: Path) -> None:
    folder = small_model(tmp_path / "v1")
    (folder / "gate.json").write_text("{}", "utf-8")
    assert load(folder, seal).version == "v1"


def test_the_version_that_serves_is_named_by_this_installation_or_shipped(tmp_path: Path) -> None:
    own, shipped = Shelf(tmp_path / "own", seal), Shelf(tmp_path / "shipped")
    small_model(own.root / "v2")
    small_model(shipped.root / "v1", None)
    with pytest.raises(ModelError, match="triage train"):
        current((own, shipped))
    shipped.point("v1")
    assert current((own, shipped)) == "v1"
    own.point("v2")
    assert current((own, shipped)) == "v2"
    own.point("v1")
    assert load_version(current((own, shipped)), (own, shipped)).version == "v1"
    own.pointer.write_text("v2\n", "utf-8")
    with pytest.raises(ModelError, match="n'a pas été écrit par cette installation"):
        current((own, shipped))
    own.pointer.write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match="ne se lit pas"):
        current((own, shipped))


def test_a_shipped_model_copied_among_ours_is_refused(tmp_path: Path) -> None:
    own = Shelf(tmp_path / "own", seal)
    small_model(own.root / "v1", None)
    with pytest.raises(ModelError, match="scellé"):
        load_version("v1", (own,))


@pytest.mark.parametrize("version", ["", ".", "..", "../own/v1", "v9", "v1\n", "v" * 300, "/etc"])
def test_a_version_is_a_name(tmp_path: Path, version: str) -> None:
    own = Shelf(tmp_path / "own", seal)
    small_model(own.root / "v1")
    with pytest.raises(ModelError, match="n'existe pas"):
        load_version(version, (own,))
