"""The table of what is kept, as `docs/conservation.md` has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.desk.forgetting.policy import Kept, Retention

_YEAR = 365


def as_markdown(policy: Retention) -> str:
    """Cases, then the rest: for how long, why, and whether a jurist must still decide."""
    return "\n".join([*_rows("Dossiers", policy.cases), "", *_rows("Autres données", policy.others)]) + "\n"


def _rows(title: str, rules: Sequence[Kept]) -> Iterator[str]:
    yield f"| {title} | Gardé | Pourquoi | À trancher |"
    yield "|---|---|---|---|"
    for rule in rules:
        yield f"| {rule.label} | {lasting(rule)} | {rule.why} | {'oui' if rule.a_trancher else ''} |"


def lasting(rule: Kept) -> str:
    """« 3 ans », « 30 jours », « moins d'un jour », « sans échéance »."""
    if rule.days is None:
        return "sans échéance"
    if rule.days == 0:
        return "moins d'un jour"
    if rule.days % _YEAR == 0:
        years = rule.days // _YEAR
        return f"{years} an{'s' if years > 1 else ''}"
    return f"{rule.days} jour{'s' if rule.days > 1 else ''}"
