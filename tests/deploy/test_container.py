"""The image and the Compose file: linted, never run, and saying so; what they promise is in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.web.serving import missing
from triage.settings import Settings

HERE = ROOT / "deploy" / "container"
OURS = ("web", "worker")


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = yaml.safe_load((HERE / "compose.yaml").read_text(encoding="utf-8"))
    return found


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of the tools of the « deploy » extra."""
    program = Path(sys.executable).with_name(tool)
    if not program.is_file():
        missing(f"{tool} est absent", "lancez « make setup »")
    return subprocess.run([str(program), *arguments], capture_output=True, text=True)


def test_the_image_passes_its_linter() -> None:
    done = run("hadolint", "--failure-threshold", "style", str(HERE / "Containerfile"))
    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_follows_its_specification() -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(HERE / "compose.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml"])
def test_each_says_that_it_was_not_run(name: str) -> None:
    first = (HERE / name).read_text(encoding="utf-8").splitlines()[0]
    assert "Linted" in first and "NOT RUN" in first


def test_the_image_is_pinned_and_runs_as_nobody_special() -> None:
    lines = (HERE / "Containerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    assert len(bases) == 1
    assert bases.pop().partition(":")[2].count(".") == 2
    assert "USER 10001:10001" in lines
    assert any("/healthz" in line for line in lines)


def test_every_service_is_pinned_read_only_and_without_privileges(compose: dict[str, dict[str, object]]) -> None:
    assert len(compose["services"]) == 4
    for name, service in compose["services"].items():
        assert isinstance(service, dict)
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert ":" in service["image"].rpartition("/")[2] and not service["image"].endswith("latest"), name
        assert "privileged" not in service, name


def test_secrets_are_named_after_the_settings_that_they_are(compose: dict[str, dict[str, object]]) -> None:
    settings = {f"triage_{name}" for name in Settings.model_fields}
    assert set(compose["secrets"]) - settings == {"database-password"}
    services = compose["services"]
    for name in OURS:
        assert services[name]["environment"]["CREDENTIALS_DIRECTORY"] == "/run/secrets"  # type: ignore[index]
        assert set(services[name]["secrets"]) <= set(compose["secrets"])  # type: ignore[index]
    assert services["web"]["deploy"] == {"replicas": 2}  # type: ignore[index]
