"""Engines of other times, put together from what was archived; a few are kept, whatever the number asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from triage.archive import Archive, GoneError
from triage.bootstrap import build_reader, build_texts
from triage.engine import Engine
from triage.errors import DataError, ModelError
from triage.settings import Settings
from triage.threats.modelfile import Model

# One set of rules, or one model, takes about 150 MB of memory.
MOST_RULES, MOST_MODELS = 2, 3


class Engines:
    """Gives the engine of a digest of rules and a version of the model, built when it is first asked for.

    `at_hand`, if there is one, is not built again.
    """

    def __init__(self, settings: Settings, archive: Archive, at_hand: Engine | None = None) -> None:
        self._settings, self.archive, self._at_hand = settings, archive, at_hand
        self._ruled = lru_cache(MOST_RULES)(self._build)
        self._model = lru_cache(MOST_MODELS)(self._load)

    def of(self, rules: str, model: str | None) -> Engine:
        """The engine with these rules, and this model unless the rules alone decided. Raises GoneError."""
        ruled = self._ruled(rules)
        try:
            return replace(ruled, model=self._model(model)) if model else ruled
        except ModelError as error:
            raise GoneError(f"Le modèle {model} ne peut plus servir : {error}.") from None

    def _load(self, version: str) -> Model:
        model = self._at_hand.model if self._at_hand else None
        return model if model and model.version == version else self.archive.model_of(version)

    def _build(self, rules: str) -> Engine:
        if self._at_hand and self._at_hand.catalogue.digest == rules:
            return replace(self._at_hand, model=None, warning=None)
        with self.archive.rules_of(rules) as folder:
            try:
                catalogue, reader = build_reader(self._settings.model_copy(update={"rules": folder}))
                assessor, composer = build_texts(folder)
            except DataError as error:
                raise GoneError(
                    f"Les règles {rules} ne se lisent plus avec ce code ({len(error.problems)} problèmes) : "
                    "installez l'environnement de leur époque."
                ) from None
        return Engine(reader, catalogue, assessor, composer, None)
