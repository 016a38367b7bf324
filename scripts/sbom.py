"""What a delivery is made of, as CycloneDX (dist/sbom.cdx.json), and the licences of it all (docs/licences.md).

Reads the locks alone, and what is installed here for the licences; asks nothing of anybody. The same commit gives the
same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tomllib
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

HOME = Path(__file__).parent.parent
_ENTRY = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*])?==(?P<version>\S+)(?P<rest>(?:.*\n(?:\s.*\n?)*))", re.MULTILINE)
_HEAD = """# Licences

Ce que le service apporte avec lui, et sous quelle licence (`make sbom` refait cette page à partir des verrous).
triage est sous EUPL-1.2. Les licences permissives s'y joignent à la seule condition de garder leurs mentions ; les
réciproques sont nommées par l'annexe de l'EUPL-1.2, et ces bibliothèques sont utilisées telles quelles.
Les bibliothèques C que certains paquets contiennent ont leurs propres mentions, dans ces paquets.
Lecture du projet : aucun juriste ne l'a relue.

| composant | licence | sorte |
|---|---|---|
"""


class SbomError(Exception):
    """A licence is unknown, or not one that fits; the message is French and says how to mend it."""


@dataclass(frozen=True)
class Part:
    """A component: where it comes from (« pypi », « npm »), the digests of its files, what it needs."""

    source: str
    name: str
    version: str
    licence: str
    digests: tuple[HashType, ...]
    needed_by: tuple[str, ...] = field(default=())


def parts(home: Path) -> list[Part]:
    """Every component of a delivery, sorted. Raises SbomError."""
    read = tomllib.loads((home / "deploy/licences.toml").read_text("utf-8"))["read"]
    return sorted([*_python(home, read), *_npm(home, read)], key=lambda one: (one.source, one.name))


def _python(home: Path, read: dict[str, str]) -> list[Part]:
    found = []
    for entry in _ENTRY.finditer((home / "requirements-serve.lock").read_text("utf-8")):
        name, rest = entry["name"], entry["rest"]
        digests = tuple(HashType(alg=HashAlgorithm.SHA_256, content=one) for one in re.findall(r"sha256:(\w+)", rest))
        via = tuple(re.findall(r"#\s+(?:via\s+)?([\w.-]+)", rest.replace("# via\n", "")))
        found.append(Part("pypi", name, entry["version"], read.get(name) or _told(name), digests, via))
    return found


def _told(name: str) -> str:
    """The licence that the package itself gives, in SPDX's words."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        raise SbomError(f"{name} n'est pas installé : lancez « make setup », puis recommencez.") from None
    return str(about.get("License-Expression") or about.get("License") or "").strip()


def _npm(home: Path, read: dict[str, str]) -> list[Part]:
    packages = json.loads((home / "package-lock.json").read_text("utf-8"))["packages"]
    found = []
    for path, one in packages.items():
        if path and not one.get("dev"):
            name = path.removeprefix("node_modules/")
            digest = base64.b64decode(one["integrity"].removeprefix("sha512-")).hex()
            digests = (HashType(alg=HashAlgorithm.SHA_512, content=digest),)
            needed = [who for who, other in packages.items() if name in other.get("dependencies", {})]
            via = tuple(who.removeprefix("node_modules/") or "triage" for who in needed)
            found.append(Part("npm", name, one["version"], read.get(name) or one["license"], digests, via))
    return found


def kind_of(licence: str, accepted: dict[str, list[str]]) -> str:
    """« permissive », « réciproque », or nothing when one of the licences is not accepted.

    Of « A OR B » one is enough; of « A AND B » all count.
    """
    kinds = []
    for choice in licence.split(" OR "):
        names = choice.strip("() ").split(" AND ")
        if all(name in accepted["permissive"] + accepted["reciprocal"] for name in names):
            kinds.append("permissive" if all(name in accepted["permissive"] for name in names) else "réciproque")
    return min(kinds, default="")


def licences_page(found: list[Part], home: Path) -> str:
    """docs/licences.md. Raises SbomError with every licence that does not fit."""
    accepted = tomllib.loads((home / "deploy/licences.toml").read_text("utf-8"))["accepted"]
    kinds = {one: kind_of(one.licence, accepted) for one in found}
    if wrong := [f"  {one.name} : « {one.licence[:60]} »" for one, kind in kinds.items() if not kind]:
        raise SbomError("Licences à lire, puis à ranger dans deploy/licences.toml :\n" + "\n".join(wrong))
    return _HEAD + "".join(f"| {one.name} | {one.licence} | {kind} |\n" for one, kind in kinds.items())


def bill(found: list[Part], home: Path) -> str:
    """The CycloneDX document, valid by its schema. Raises SbomError when it is not."""
    licences = LicenseFactory()
    project = tomllib.loads((home / "pyproject.toml").read_text("utf-8"))["project"]
    ours = Component(
        type=ComponentType.APPLICATION,
        name="triage",
        version=project["version"],
        bom_ref="triage",
        licenses=[licences.make_from_string(project["license"])],
    )
    made = {one: _component(one, licences) for one in found}
    known = {(one.source, one.name): component for one, component in made.items()}
    known |= {("pypi", "triage"): ours, ("npm", "triage"): ours}
    bom = Bom(components=[*made.values(), _model(home)])
    bom.metadata.component, bom.metadata.timestamp = ours, None  # type: ignore[assignment] (no clock in a bill)
    for one, component in made.items():
        for who in one.needed_by:
            if (one.source, who) in known:
                bom.register_dependency(known[one.source, who], [component])
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    document.pop("serialNumber", None)
    document["metadata"].pop("timestamp", None)
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SbomError(f"L'inventaire n'est pas valide : {fault}")
    return text


def _component(one: Part, licences: LicenseFactory) -> Component:
    namespace, _, name = one.name.rpartition("/")
    return Component(
        type=ComponentType.LIBRARY,
        name=one.name,
        version=one.version,
        bom_ref=f"{one.source}:{one.name}",
        purl=PackageURL(one.source, namespace or None, name, one.version),
        licenses=[licences.make_from_string(one.licence)],
        hashes=one.digests,
    )


def _model(home: Path) -> Component:
    """The model that is shipped: learnt here, from texts written for it."""
    version = (home / "models/current").read_text("utf-8").strip()
    digest = hashlib.sha256((home / "models" / version / "model.skops").read_bytes()).hexdigest()
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name="triage-model",
        version=version,
        bom_ref="triage-model",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )


def main() -> int:
    """The command line."""
    try:
        found = parts(HOME)
        page, text = licences_page(found, HOME), bill(found, HOME)
    except SbomError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    (HOME / "docs/licences.md").write_text(page, "utf-8")
    target = HOME / "dist/sbom.cdx.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    sys.stdout.write(f"{len(found)} composants : {target.relative_to(HOME)}, docs/licences.md.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
