"""Each notebook runs whole, says nothing wrong, and is kept without what it showed.

Every cell of it, on a sample of the texts; `make test-full` (`TRIAGE_SAMPLE=`) takes all the texts, as an analyst does.
The default tests run the first one only, CI all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SAMPLE = os.environ.get("TRIAGE_SAMPLE", "1")
LONGEST = 300 if SAMPLE else 900  # seconds for a cell, on a busy machine
FRENCH = re.compile(r"\b(?:le|la|les|des|une|est|que|ce)\b")
MOST_LINES = 7


def cells(notebook: NotebookNode, kind: str) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


@pytest.fixture(scope="module")
def notebook_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of all notebooks: what one decided, the next reads again."""
    yield tmp_path_factory.mktemp("carnets")


@pytest.fixture
def environment(notebook_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(notebook_data))
    monkeypatch.setenv("TRIAGE_SAMPLE", SAMPLE)
    # Found in this environment, whatever kernels the machine has.
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def test_there_are_notebooks() -> None:
    assert {"01_explorer", "03_evaluer", "04_erreurs", "05_seuils", "06_derive"} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.filterwarnings("default::DeprecationWarning:zmq", "default::DeprecationWarning:jupyter_client")
@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=() if path == NOTEBOOKS[0] else pytest.mark.whole) for path in NOTEBOOKS]
)
def test_it_runs_without_a_word_on_the_error_stream(path: Path, environment: None) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute()
    outputs = [output for cell in cells(notebook, "code") for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_clean_and_short(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = cells(notebook, "code")
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.id for cell in code if sum(map(bool, cell.source.splitlines())) > MOST_LINES] == []
    assert [cell.id for cell in notebook.cells] == [
        f"{path.name[:2]}-{number:02d}" for number in range(1, len(notebook.cells) + 1)
    ]
    told = cells(notebook, "markdown")
    assert len(told) >= 5
    assert FRENCH.search(" ".join(cell.source for cell in told))
