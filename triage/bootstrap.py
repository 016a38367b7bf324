"""The only place that wires the parts together."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path

from triage.assessment.assessment import Assessor
from triage.assessment.disposition import load_policy
from triage.assessment.questions import load_questions
from triage.assessment.red_flags import load_red_flags
from triage.diagnostic.compose import Composer, load_composer
from triage.document.document import Reader
from triage.document.folding import fold
from triage.document.pipeline import FrenchPipeline
from triage.document.reader import load_reader
from triage.engine import Engine
from triage.errors import ModelError
from triage.settings import Settings
from triage.signals.catalogue import Catalogue
from triage.signals.catalogue import load as load_catalogue
from triage.threats.kinds import Kind, load_kinds
from triage.threats.modelfile import Model, current
from triage.threats.modelfile import load as load_model


def build_engine(settings: Settings) -> Engine:
    """The engine that `settings` describe. A missing or damaged model leaves the rules alone to triage.

    Raises DataError when the rules cannot be used.
    """
    collecting = gc.isenabled()
    gc.disable()  # all that is made here stays: hundreds of thousands of nodes that the collector need never walk
    try:
        catalogue, reader = build_reader(settings)
        model, warning = _model(settings)
        assessor, composer = build_texts(settings.rules)
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
    return Engine(reader, catalogue, assessor, composer, model, warning)


def build_reader(settings: Settings) -> tuple[Catalogue, Reader]:
    """The rules and the reader of documents that goes with them."""
    pipeline = FrenchPipeline(settings.data / "cache")
    catalogue = load_catalogue(settings.rules, pipeline.tokenizer)
    lexicon = catalogue.lexicon
    reader = load_reader(settings.rules, pipeline.tokenizer, lambda word: lexicon.knows(fold(word)), lexicon.forms_of)
    return catalogue, reader


def build_assessor(rules: Path, kinds: Mapping[str, Kind]) -> Assessor:
    """What decides, from `rules`."""
    flags = load_red_flags(rules)
    facts = fact_names(rules)
    sufficient = tuple(name for name, kind in kinds.items() if kind.rules_suffice)
    questions = load_questions(rules, kinds, flags, facts)
    return Assessor(load_policy(rules, kinds, facts), flags, questions, sufficient)


def build_texts(rules: Path) -> tuple[Assessor, Composer]:
    """What decides and what explains, from `rules`."""
    kinds = load_kinds(rules)
    assessor = build_assessor(rules, kinds)
    return assessor, load_composer(rules, kinds, assessor.policy, assessor.flags)


def fact_names(rules: Path) -> list[str]:
    """The decisive facts that rules and labels may name."""
    return sorted(path.stem for path in (rules / "facts").glob("*.yaml"))


def _model(settings: Settings) -> tuple[Model | None, str | None]:
    try:
        return load_model(current(settings.data / "models", settings.models)), None
    except ModelError as error:
        return None, str(error)
