"""Instructions that reports take, counted by callgrind: the same whatever else the machine does.

make bench-counts                       counts again, and fails where `counts.json` is passed by more than 10 %
python -m benchmarks.counts --accept    keeps what is counted: say why in the commit

Callgrind follows the program between two words of it only: loading under it would take minutes.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.counted import COUNTED

KEPT = Path(__file__).with_name("counts.json")
MOST_GROWTH = 1.10
_VALGRIND = ("valgrind", "--tool=callgrind", "--instr-atstart=no")
_TOTALS = re.compile(r"^totals: (\d+)", re.MULTILINE)  # « summary » stays at 0 when counting begins late


def counted() -> dict[str, int]:
    """Part → instructions for a report, in the mean."""
    one_way = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with TemporaryDirectory() as folder, (Path(folder) / "said").open("w+", encoding="utf-8") as said:
        dumps = Path(folder) / "dump"
        command = [*_VALGRIND, f"--callgrind-out-file={dumps}", sys.executable, "-m", "benchmarks.counted"]
        with subprocess.Popen(
            command,
            env={**os.environ, **one_way},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            found: dict[str, int] = {}
            for line in process.stdout:
                part, where = line.split()
                _control(process.pid, "-i", "on" if where == "ready" else "off")
                if where == "done":
                    _control(process.pid, "-d")
                    found[part] = _last(dumps.parent) // COUNTED
                process.stdin.write("\n")
                process.stdin.flush()
        if process.returncode:
            raise SystemExit((Path(folder) / "said").read_text(encoding="utf-8"))
    return found


def _control(process: int, *words: str) -> None:
    subprocess.run(["callgrind_control", *words, str(process)], check=True, capture_output=True)


def _last(folder: Path) -> int:
    """What the newest dump counts: a dump sets the count back to nothing."""
    newest = max(folder.glob("dump.*"), key=lambda path: int(path.suffix[1:]))
    found = _TOTALS.search(newest.read_text(encoding="utf-8"))
    assert found is not None, newest
    return int(found[1])


def place() -> dict[str, str]:
    """What counts depend on, besides the code."""
    return {"python": platform.python_version(), "machine": platform.machine()}


def main() -> None:
    """Counts, shows, and compares or keeps."""
    found = counted()
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    known = kept.get("instructions", {})
    grown = []
    for part, count in found.items():
        before = known.get(part)
        change = f"{count / before - 1:+.1%}" if before else "new"
        print(f"{part}: {count:,} instructions a report ({change})")
        if before and count > MOST_GROWTH * before:
            grown.append(part)
    print(f"assess takes {found['assess'] / found['floor']:.2f} times the instructions of its floor")
    if "--accept" in sys.argv:
        KEPT.write_text(json.dumps({"instructions": found, **place()}, indent=2) + "\n", encoding="utf-8")
    elif not known:
        raise SystemExit("nothing is kept to compare with: --accept keeps these")
    elif {name: kept[name] for name in place()} != place():
        print(f"kept from another machine ({kept}): compare there, or --accept")
    elif grown:
        raise SystemExit(
            f"more than {MOST_GROWTH - 1:.0%} more for: {', '.join(grown)}. Mend it, or --accept and say why"
        )


if __name__ == "__main__":
    main()
