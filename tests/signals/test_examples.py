"""One case per example found in `rules/`: what a rule promises, it does."""

from __future__ import annotations

import pytest

from triage.datafiles import read_all
from triage.engine import Engine
from triage.settings import Settings
from triage.signals.checks import check_signal

PATHS = [
    path
    for folder in ("signals", "red_flags", "facts")
    for path in sorted((Settings().rules / folder).glob("*/*.yaml"))
]


@pytest.mark.parametrize("path", PATHS, ids=[f"{path.parent.name}.{path.stem}" for path in PATHS])
def test_examples(engine: Engine, path) -> None:
    identifier = f"{path.parent.name}.{path.stem}"
    signal, file = engine.catalogue.signals[identifier], engine.catalogue.files[identifier]
    assert list(check_signal(signal, file, engine.catalogue, engine.reader)) == []


def test_every_type_and_flag_has_rules(engine: Engine) -> None:
    signals = engine.catalogue.signals.values()
    assert {signal.type for signal in signals if signal.type} == set(engine.composer.kinds)
    assert {name for signal in signals for name in signal.flags} == set(engine.assessor.flags)


def test_every_deciding_fact_can_be_told(engine: Engine) -> None:
    needed = {name for rows in engine.assessor.policy.base.values() for row in rows for name in row.facts}
    told = {name for signal in engine.catalogue.signals.values() for name in (*signal.facts, *signal.negated_facts)}
    assert needed - told == set()


def test_every_lexical_field_is_used(engine: Engine, settings: Settings) -> None:
    fields = {name for file in read_all(settings.rules / "lexicon", []) for name in file.data.get("fields", {})}
    texts = "".join(path.read_text(encoding="utf-8") for path in settings.rules.rglob("*.yaml"))
    assert {name for name in fields if f"<{name}>" not in texts} - {
        "insulte",
        "insulte_grave",
        "insulte_haineuse",
    } == set()
