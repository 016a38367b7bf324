"""Known faults (CVE…) of the locked packages, by pip-audit. Exits with 1 when one is found.

It asks a public service: where that cannot be reached, it says so plainly and exits with 0, for nothing was learnt.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_SEARCH = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
_UNREACHED = (
    "ATTENTION : RIEN N'A ÉTÉ VÉRIFIÉ. Le service public des vulnérabilités ne répond pas d'ici ({why}).\n"
    "Relancez « make audit-deps » sur une machine qui a accès à Internet."
)


def judge(output: str, error: str) -> tuple[int, str]:
    """The exit code, and what is said, of what pip-audit wrote."""
    try:
        told = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return 0, _UNREACHED.format(why=(error.strip().splitlines() or ["sans raison"])[-1][:200])
    skipped = [one["name"] for one in told if "skip_reason" in one]
    faults = [f"  {one['name']} {one['version']} : {_fault(each)}" for one in told for each in one.get("vulns", ())]
    if faults:
        return 1, "Vulnérabilités connues :\n" + "\n".join(faults)
    if len(skipped) == len(told):
        return 0, _UNREACHED.format(why="aucun paquet n'y a été trouvé")
    if skipped:
        return 1, f"{len(skipped)} paquets sur {len(told)} n'ont pas pu être vérifiés : {', '.join(skipped)}."
    return 0, f"{len(told)} paquets vérifiés : aucune vulnérabilité connue."


def _fault(one: dict[str, object]) -> str:
    fixed = one.get("fix_versions")
    mended = f"corrigé en {', '.join(map(str, fixed))}" if isinstance(fixed, list) and fixed else "pas de correction"
    return f"{one['id']} ({mended})"


def main() -> int:
    """The command line: the locks to look at."""
    code = 0
    for lock in map(Path, sys.argv[1:]):
        command = [str(Path(sys.executable).with_name("pip-audit")), *_SEARCH, "--requirement", str(lock)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own command)
        found, text = judge(done.stdout, done.stderr)
        sys.stdout.write(f"{lock} : {text}\n")
        code = max(code, found)
    return code


if __name__ == "__main__":
    sys.exit(main())
