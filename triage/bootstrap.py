"""The only place that wires the parts together."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from triage.assessment.assessment import Assessor
from triage.assessment.disposition import load_policy
from triage.assessment.questions import load_questions
from triage.assessment.red_flags import load_red_flags
from triage.comments.policy import load_policy as load_comments_policy
from triage.desk.notice import Mailer
from triage.desk.office import Office
from triage.desk.people.policy import load_access_policy
from triage.desk.people.registry import Registry, load_codes
from triage.desk.policies import load_policies
from triage.desk.service import load_service
from triage.diagnostic.compose import Composer, load_composer
from triage.document.document import Reader
from triage.document.folding import fold
from triage.document.pipeline import FrenchPipeline
from triage.document.reader import load_reader
from triage.engine import Engine
from triage.errors import ModelError
from triage.memory import give_back
from triage.settings import Settings
from triage.signals.catalogue import Catalogue
from triage.signals.catalogue import load as load_catalogue
from triage.store.cases import Cases
from triage.store.database import Database, StoreError
from triage.store.keys import KeyRingError, open_ring
from triage.threats.kinds import Kind, load_kinds
from triage.threats.modelfile import Model, Shelf, current, load_version


def build_engine(settings: Settings) -> Engine:
    """The engine that `settings` describe. A missing or damaged model leaves the rules alone to triage.

    Raises DataError when the rules cannot be used.
    """
    collecting = gc.isenabled()
    gc.disable()  # all that is made here stays: hundreds of thousands of nodes that the collector need never walk
    try:
        catalogue, reader = build_reader(settings)
        catalogue.settle()  # before the model, whose words take the place
        model, warning = served_model(settings)
        assessor, composer = build_texts(settings.rules)
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
        give_back()  # building takes a hundred megabytes more than what is built
    return Engine(reader, catalogue, assessor, composer, model, warning)


def build_office(settings: Settings, engine: Engine) -> Office:
    """The desk around `engine`. Raises KeyRingError, DataError. A store that is down does not stop the service."""
    database, ring = build_database(settings), open_ring(settings.keys_folder)
    with suppress(StoreError), database.read() as connection:
        Cases(ring).check_keys(connection)
    return Office(
        engine=engine,
        database=database,
        ring=ring,
        service=load_service(settings.rules, engine.composer),
        comments=load_comments_policy(settings.rules),
        policies=load_policies(settings.rules, engine),
        clamav=settings.clamav,
    )


def build_registry(settings: Settings) -> Registry:
    """The accounts of the desk, without the engine. Raises KeyRingError, DataError, StoreError."""
    database, ring = build_database(settings), open_ring(settings.keys_folder)
    with database.read() as connection:
        Cases(ring).check_keys(connection)
    return Registry(database, ring, load_access_policy(settings.rules), load_codes(settings.rules))


def build_mailer(settings: Settings) -> Mailer | None:
    """The mail server that `settings` name, if they name one and a sender."""
    if not settings.smtp or not settings.sender:
        return None
    return Mailer(settings.smtp, settings.sender, settings.smtp_tls, settings.smtp_user, settings.smtp_password)


def build_database(settings: Settings) -> Database:
    """The store that `settings` name."""
    if not settings.database:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(settings.database_url, cache(lambda: open_ring(settings.keys_folder)))


def build_reader(settings: Settings) -> tuple[Catalogue, Reader]:
    """The rules and the reader of documents that goes with them."""
    with suppress(OSError):  # where nothing can be written, what is kept for the next time is made each time
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def model_shelves(settings: Settings) -> tuple[Shelf, Shelf]:
    """Where models are: those that this installation made, sealed with its keys, then the shipped ones."""

    def seal(content: bytes) -> str:
        return open_ring(settings.keys_folder).digest("model", content).hex()

    return Shelf(settings.data / "models", seal), Shelf(settings.models)


def served_model(settings: Settings) -> tuple[Model | None, str | None]:
    """The model to serve, and what to say when it is not the one that was put into service.

    Where that one is refused the shipped one serves; where none can, the rules alone.
    """
    shelves, refused = model_shelves(settings), ""
    for some in (shelves, shelves[1:]):
        try:
            model = load_version(current(some), some)
        except (ModelError, KeyRingError) as error:
            refused = refused or str(error)
        else:
            return model, f"{refused} : le modèle livré {model.version} sert à sa place." if refused else None
    return None, f"{refused} : les règles seules trient."
