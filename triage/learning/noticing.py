"""What a night's measure shows that somebody has to know, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scipy.stats import binom

from triage.desk.supervising.cells import percent
from triage.desk.supervising.observed import QualityPolicy
from triage.intake.report import Kind
from triage.learning.paired import holm, mcnemar
from triage.statistics.proportions import upper95
from triage.store.quality import Night

Finding = tuple[str, str]
_KINDS: Mapping[Kind, str] = {"report": "récits gelés", "message": "messages gelés"}
_JUDGED = {"level": "niveaux", "type": "types principaux"}
_SEALED = {"disposition_accuracy": "niveaux justes", "primary_accuracy": "types principaux justes"}


def critical(night: Night, limits: Mapping[Kind, float]) -> Iterator[Finding]:
    """Urgent texts sent lower, beyond the limit that the gate holds."""
    for kind, label in _KINDS.items():
        figures = night.frozen.get(kind, {})
        size, share = int(figures.get("critical_reports") or 0), figures.get("critical_under_triage")
        if not size or share is None:
            continue
        missed = round(share * size)
        bound = upper95(missed, size)
        if bound > limits[kind]:
            yield (
                "critical",
                f"{missed} urgents sur {size} ({label}) sont envoyés trop bas : borne haute à 95 % {percent(bound)}, "
                f"au-dessus de la limite de {percent(limits[kind])}.",
            )


def falls(night: Night, reference: Night | None, chance: float) -> list[Finding]:
    """What fell on the frozen set: against the figures sealed at the promotion, and text by text since `reference`.

    The texts are the same every night, so that nothing moves while the engine does not: looking again costs nothing,
    and only the several tests of one night are corrected (Holm, 1979). Against sealed figures, which tell how many were
    right and not which, the test is binomial; text by text, McNemar's.
    """
    tests = [*_against_sealed(night), *_since(night, reference)]
    worse = holm([one for one, _ in tests], chance)
    return [finding for (_, finding), told in zip(tests, worse, strict=True) if told]


def _against_sealed(night: Night) -> Iterator[tuple[float, Finding]]:
    for kind, label in _KINDS.items():
        size = int(night.frozen.get(kind, {}).get("reports") or 0)
        for name, what in _SEALED.items():
            now, then = night.frozen.get(kind, {}).get(name), night.sealed.get(kind, {}).get(name)
            if not size or now is None or then is None:
                continue
            wrong, usual = round(size * (1 - now)), max(1 - then, 1 / (size + 1))
            said = what.capitalize()
            sentence = f"{said} ({label}) : {percent(now)}, contre {percent(then)} à la mise en service."
            yield float(binom.sf(wrong - 1, size, usual)), ("sealed", sentence)


def _since(night: Night, reference: Night | None) -> Iterator[tuple[float, Finding]]:
    if reference is None or not night.texts or reference.wrong.get("set") != night.wrong.get("set"):
        return
    for name, what in _JUDGED.items():
        before, after = set(reference.wrong.get(name, ())), set(night.wrong.get(name, ()))
        lost, gained = len(after - before), len(before - after)
        if lost > gained:
            sentence = f"{what.capitalize()} : {lost} textes gelés ne sont plus justes, {gained} le deviennent."
            yield mcnemar(lost, gained), ("nights", sentence)


def charts(night: Night, policy: QualityPolicy) -> Iterator[Finding]:
    """Rates of what agents correct that have left the usual one."""
    for name, rule in policy.charts.items():
        if night.charts.get(name, 0.0) >= policy.limit:
            part, whole = night.decided.get(name, (0, 0))
            yield (
                name,
                f"{rule.label} : plus souvent que le taux admis de {percent(rule.usual)}, de façon soutenue "
                f"({part} sur {whole} décisions depuis la nuit d'avant).",
            )


def served(night: Night, expected: str, warning: str | None) -> Iterator[Finding]:
    """The model that serves is not the one put into service, or none does."""
    if night.model is None:
        yield "degraded", "Aucun modèle ne sert : les règles seules trient, moins bien."
    elif warning:
        yield "degraded", warning
    elif expected and night.model != expected:
        yield "model", f"Le modèle {night.model} sert, et non {expected}, mis en service en dernier."


def rules(night: Night, reference: Night | None) -> Iterator[Finding]:
    """Rules other than those of the night that the others are compared with."""
    if reference is not None and reference.rules != night.rules:
        yield (
            "rules",
            f"Les règles ont changé ({reference.rules} → {night.rules}) sans mise en service : si c'est voulu, "
            "dites-le par « triage quality --accept ».",
        )
