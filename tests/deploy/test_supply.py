"""What we are made of: an inventory that is valid and repeatable, licences that fit, an audit that never lies."""

from __future__ import annotations

import importlib.util
import json
import sys
from types import ModuleType

import pytest

from tests.conftest import ROOT

ACCEPTED = {"permissive": ["MIT", "BSD-3-Clause"], "reciprocal": ["LGPL-3.0-only"]}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    return script("sbom")


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    return script("audit_deps")


def test_the_inventory_names_every_locked_package_and_the_model(sbom: ModuleType) -> None:
    text = sbom.bill(sbom.parts(ROOT), ROOT)
    assert text == sbom.bill(sbom.parts(ROOT), ROOT)
    document = json.loads(text)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    named = {one["bom-ref"] for one in document["components"]}
    lock = (ROOT / "requirements-serve.lock").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].partition("[")[0] for line in lock if "==" in line and not line.startswith(" ")}
    assert len(pinned) > 80
    assert {f"pypi:{name}" for name in pinned} | {"npm:@picocss/pico", "npm:htmx.org", "triage-model"} <= named
    assert all(one["hashes"] for one in document["components"])
    needs = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    assert "pypi:fastapi" in needs["triage"] and "npm:htmx.org" in needs["triage"]
    assert "pypi:starlette" in needs["pypi:fastapi"]
    assert "timestamp" not in text and "serialNumber" not in text


def test_the_page_of_licences_is_that_of_the_locks(sbom: ModuleType) -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    assert page == sbom.licences_page(sbom.parts(ROOT), ROOT), "lancez « make sbom »"


@pytest.mark.parametrize(
    ("licence", "kind"),
    [
        ("MIT", "permissive"),
        ("LGPL-3.0-only", "réciproque"),
        ("MIT AND LGPL-3.0-only", "réciproque"),
        ("GPL-3.0-only OR MIT", "permissive"),
        ("GPL-3.0-only AND MIT", ""),
        ("Proprietary", ""),
        ("", ""),
    ],
)
def test_a_licence_that_nobody_accepted_is_told(sbom: ModuleType, licence: str, kind: str) -> None:
    assert sbom.kind_of(licence, ACCEPTED) == kind


def audited(*vulnerable: str, skipped: int = 0) -> str:
    found = [{"name": "sain", "version": "1.0", "vulns": []}]
    found += [{"name": name, "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": []}]} for name in vulnerable]
    return json.dumps({"dependencies": found + [{"name": f"p{i}", "skip_reason": "absent"} for i in range(skipped)]})


def test_a_known_fault_fails_the_audit(audit: ModuleType) -> None:
    code, told = audit.judge(audited("paquet"), "")
    assert code == 1 and "paquet 1.0 : CVE-1" in told
    assert audit.judge(audited(), "") == (0, "1 paquets vérifiés : aucune vulnérabilité connue.")


def test_an_audit_that_could_not_look_says_so(audit: ModuleType) -> None:
    """pip-audit itself says « No known vulnerabilities found » when it found none of the packages."""
    nothing = json.dumps({"dependencies": [{"name": "paquet", "skip_reason": "Dependency not found"}]})
    for output, error in ((nothing, ""), ("", "ConnectionError: no route to host")):
        code, told = audit.judge(output, error)
        assert code == 0 and "RIEN N'A ÉTÉ VÉRIFIÉ" in told
    code, told = audit.judge(audited(skipped=2), "")
    assert code == 1 and "p0, p1" in told
