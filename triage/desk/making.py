"""Makes an assessment from all that it is made from: for the store, and again, by whichever engine, to compare."""

from __future__ import annotations

from triage.desk.decided import raised_to, reassessed
from triage.desk.inputs import Inputs
from triage.desk.understanding import Compose, Understood, as_shown, understand
from triage.engine import Engine
from triage.environment import digest
from triage.store.cases import Answer


def make(engine: Engine, inputs: Inputs) -> Understood:
    """What the case says: the engine's opinion, never under what an agent decided or what it may not go below.

    Raises IntakeError when the text cannot be read.
    """
    found = opinion(engine, inputs)
    if inputs.held:
        return reassessed(engine, found, inputs, inputs.held)
    return raised_to(engine, found, inputs.floor) if inputs.floor else found


def opinion(engine: Engine, inputs: Inputs, compose: Compose | None = None) -> Understood:
    """The engine's own opinion, whatever was decided, said by `compose` if there is one. Raises IntakeError."""
    words = [piece.words for piece in inputs.pieces]
    verdicts = [sorting.verdict for sorting in inputs.sortings]
    return understand(engine, inputs.told, inputs.received_at, inputs.now, words, verdicts, inputs.messages, compose)


def as_answer(engine: Engine, understood: Understood, inputs: Inputs) -> Answer:
    """The assessment as it is kept, with what it was made from and by what."""
    triaged = understood.triaged
    model = triaged.model.version if triaged.model else None
    shown = as_shown(engine, understood)
    return Answer(inputs.cause, triaged.rules, model, shown, inputs.as_bytes(), digest())
