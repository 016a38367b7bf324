"""The rules and the model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from triage.bootstrap import build_engine
from triage.comments.policy import load_policy
from triage.desk.policies import load_policies
from triage.desk.service import load_service
from triage.doctor.finding import Finding, ok, watch, wrong
from triage.dossier.texts import load_dossier_texts
from triage.engine import Engine
from triage.errors import DataError
from triage.settings import Settings
from triage.signals.checks import check_dates

_CHECK = "Lancez « triage rules check » : chaque problème y est dit, avec son fichier et sa ligne."


class Bench:
    """The engine, built once for both checks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None

    def rules(self, today: date) -> Iterator[Finding]:
        """Whether all the rules load, and how old they are today."""
        try:
            engine = self._engine = build_engine(self._settings)
            self._others(engine)
        except DataError as error:
            yield wrong(f"{len(error.problems)} erreur(s), dont {error.problems[0]}", _CHECK)
            return
        yield _aged(self._settings, engine, today)

    def model(self) -> Iterator[Finding]:
        """Whether the model that was put into service serves, sealed."""
        if self._engine is None:
            yield watch("non essayé : les règles ne se chargent pas", "Corrigez d'abord les règles.")
            return
        model, warning = self._engine.model, self._engine.warning
        if model is None:
            yield wrong(f"aucun : {warning}", "Lancez « triage models list », puis « promote », ou « triage train ».")
        elif warning:
            yield wrong(warning, "Voyez « triage models list » ; « triage models rollback » revient au précédent.")
        else:
            yield ok(f"version {model.version}, scellé")

    def _others(self, engine: Engine) -> None:
        rules = self._settings.rules
        load_service(rules, engine.composer)
        load_policy(rules)
        load_policies(rules, engine)
        load_dossier_texts(rules)


def _aged(settings: Settings, engine: Engine, today: date) -> Finding:
    old = len(check_dates(engine.catalogue, today))
    old += sum(1 for _ in engine.composer.knowledge.stale(settings.rules, today))
    if old:
        return watch(f"textes non relus depuis plus d'un an : {old}", f"Faites-les relire à leur source. {_CHECK}")
    return ok(
        f"{len(engine.catalogue.signals)} règles, empreinte {engine.catalogue.digest}, relues il y a moins d'un an"
    )
