"""What a report costs, beside what its parts cost in the same run. One core: OMP_NUM_THREADS=1 changes nothing here.

make bench
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest
import spacy
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.texts import reports
from triage.bootstrap import build_engine, model_shelves
from triage.document.pipeline import FrenchPipeline
from triage.engine import Engine
from triage.intake.report import Report
from triage.settings import Settings
from triage.signals.catalogue import load
from triage.threats.modelfile import current, load_version

NOW = datetime(2026, 3, 18, 22, 30)
WARM_UP = 300  # other reports, read first: the automaton's states are made as texts ask for them
REPORTS = 300
MOST_TIMES = 3.0
RULES = 1000


@pytest.fixture(scope="module")
def engine() -> Engine:
    return build_engine(Settings())


def test_a_diagnostic_adds_little(engine: Engine) -> None:
    """Composing all that is said to a person adds less than 2 ms to `assess`, at the median."""
    triaged = [engine.assess(Report(text, received_at=NOW), NOW) for text in reports(WARM_UP + REPORTS)]
    took = []
    for one in triaged:
        start = time.perf_counter()
        engine.composer.make(one)
        took.append(time.perf_counter() - start)
    print(f"\ndiagnostic : {median(took) * 1000:.2f} ms, le plus long {max(took) * 1000:.2f} ms")
    assert median(took) < 0.002


def test_assess_against_its_floor(engine: Engine) -> None:
    """The whole of `assess` takes at most 3 times bare tokenisation plus the vectorisers' transform."""
    assert engine.model is not None
    tokenizer = spacy.blank("fr").tokenizer
    classifier = engine.model.classifier
    texts = reports(WARM_UP + REPORTS)

    def floor(text: str) -> None:
        tokenizer(text)
        classifier.vectorise([text])

    def whole(text: str) -> None:
        engine.assess(Report(text), NOW)

    def timed(texts: list[str]) -> dict[str, list[float]]:
        """Interleaved, so that whatever else the machine does weighs on both alike."""
        took: dict[str, list[float]] = {"floor": [], "whole": []}
        for text in texts:
            for name, work in (("floor", floor), ("whole", whole)):
                start = time.perf_counter()
                work(text)
                took[name].append(time.perf_counter() - start)
        return took

    cold, took = timed(texts[:WARM_UP]), timed(texts[WARM_UP:])
    print(f"the first {WARM_UP} reports of a process: {sum(cold['whole']) / sum(cold['floor']):.2f} times")
    for name, times in took.items():
        print(f"{name}: median {median(times) * 1e3:.2f} ms, mean {sum(times) / len(times) * 1e3:.2f} ms")
    ratio = sum(took["whole"]) / sum(took["floor"])
    print(f"assess takes {ratio:.2f} times its floor")
    assert ratio <= MOST_TIMES


def test_loading_a_thousand_rules(tmp_path: Path) -> None:
    """1,000 rules or more load in under a second: the real ones, copied under other names until there are enough."""
    settings = Settings()
    for name in ("threats", "lexicon", "cues", "red_flags", "facts"):
        (tmp_path / name).symlink_to(settings.rules / name)
    real = sorted((settings.rules / "signals").glob("*/*.yaml"))
    for number, path in enumerate(itertools.islice(itertools.cycle(real), RULES)):
        folder = tmp_path / "signals" / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8").replace(
            f"{path.parent.name}.{path.stem}", f"{path.parent.name}.r{number}", 1
        )
        (folder / f"r{number}.yaml").write_text(text, encoding="utf-8")
    tokenizer = FrenchPipeline(settings.data / "cache").tokenizer
    start = time.perf_counter()
    catalogue = load(tmp_path, tokenizer)
    took = time.perf_counter() - start
    phrases = sum(len(signal.phrases) for signal in catalogue.signals.values())
    print(f"{len(catalogue.signals)} rules, {phrases} phrases: {took:.2f} s")
    assert len(catalogue.signals) >= RULES
    assert took < 1.0


def test_start_up() -> None:
    """A fresh process answers its first report in under 5 s, in under 500 MB."""
    code = (
        "import time; start = time.perf_counter()\n"
        "from datetime import datetime; import psutil\n"
        "from triage.bootstrap import build_engine; from triage.settings import Settings\n"
        "from triage.intake.report import Report\n"
        "build_engine(Settings()).assess(Report('on me menace de mort'), datetime(2026, 3, 18))\n"
        "print(time.perf_counter() - start, psutil.Process().memory_info().rss / 1e6)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    print(f"start-up {float(out[0]):.2f} s, {float(out[1]):.0f} MB resident")
    assert float(out[0]) < 5
    assert float(out[1]) < 500


def test_model_load(benchmark: BenchmarkFixture) -> None:
    shelves = model_shelves(Settings())
    benchmark(lambda: load_version(current(shelves), shelves))
