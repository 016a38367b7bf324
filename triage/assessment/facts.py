"""Decisive facts: what a level or a clock depends on, with the words that tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from triage.document.dates import RECENT, ToldDate
from triage.document.document import Document
from triage.signals.matching import Findings, Hit
from triage.threats.fusion import UNMISTAKABLE

Source = Literal["rule", "model", "answer", "date"]
SURE = 0.75
DOUBT = 0.2


@dataclass(frozen=True)
class Fact:
    """A fact's value, « oui » or « non » or a date (ISO 8601), and where it comes from.

    `hits` are the rule hits that tell it; `certain` facts decide alone, others (the model's) only inform. A rule's fact
    is `doubted` when the model finds the contrary clearly likelier.
    """

    name: str
    value: str
    source: Source
    hits: tuple[Hit, ...] = ()
    probability: float = 1.0
    doubted: bool = False

    @property
    def certain(self) -> bool:
        """Whether the text or the person says it, as opposed to the model's opinion."""
        return self.source != "model" and not self.doubted


def extract(
    document: Document, findings: Findings, probabilities: Mapping[str, float], answers: Mapping[str, str]
) -> dict[str, Fact]:
    """Every fact that is told, answered or thought likely. `answers` (fact → value) win over the text."""
    facts = _from_model(probabilities)
    facts |= {name: _weighed(fact, probabilities) for name, fact in _from_rules(findings.hits).items()}
    facts |= {name: Fact(name, value, "answer") for name, value in answers.items()}
    return facts | _from_dates(document, facts)


def _from_rules(hits: Iterable[Hit]) -> dict[str, Fact]:
    """For each fact the value that weighs most; « oui » on a tie, as it is the one that alarms."""
    told: dict[str, dict[str, list[Hit]]] = {}
    for hit in hits:
        values = hit.signal.facts if not hit.void else hit.signal.negated_facts if hit.denied else {}
        for name, value in values.items():
            told.setdefault(name, {}).setdefault(value, []).append(hit)
    facts = {}
    for name, by_value in told.items():
        strongest, its_hits = max(by_value.items(), key=_strength)
        facts[name] = Fact(name, strongest, "rule", tuple(its_hits))
    return facts


def _weighed(fact: Fact, probabilities: Mapping[str, float]) -> Fact:
    """`fact`, doubted when the model finds its contrary clearly likelier; unmistakable words are not doubted."""
    if any(hit.weight >= UNMISTAKABLE for hit in fact.hits):
        return fact
    contrary = "non" if fact.value == "oui" else "oui"
    said = probabilities.get(f"fact:{fact.name}:{fact.value}", 1.0)
    return replace(fact, doubted=probabilities.get(f"fact:{fact.name}:{contrary}", 0.0) - said > DOUBT)


def _strength(told: tuple[str, list[Hit]]) -> tuple[float, int, bool]:
    value, hits = told
    return max(hit.weight for hit in hits), len(hits), value == "oui"


def _from_model(probabilities: Mapping[str, float]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for head, chance in probabilities.items():
        kind, _, rest = head.partition(":")
        if kind == "fact" and chance >= SURE:
            name, value = rest.split(":")
            if name not in facts or facts[name].probability < chance:
                facts[name] = Fact(name, value, "model", probability=chance)
    return facts


def _from_dates(document: Document, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """When the facts began and when money left: the date told nearest to the words that tell the loss."""
    found: dict[str, Fact] = {}
    usable = document.usable_dates
    if usable:
        found["facts_date"] = Fact("facts_date", min(d.earliest for d in usable).isoformat(), "date")
    money = facts.get("argent_parti")
    if money and money.value == "oui" and money.hits and usable:
        near = _nearest(document, money.hits[0], usable)
        if near is not None:
            found["argent_date"] = Fact("argent_date", near.latest.isoformat(), "date", money.hits)
            told = facts.get("argent_ancien")
            if told is None or not told.certain:
                old = "oui" if _today(document) - near.latest > RECENT else "non"
                found["argent_ancien"] = Fact("argent_ancien", old, "date", money.hits)
    return found


def _nearest(document: Document, hit: Hit, dates: Sequence[ToldDate]) -> ToldDate | None:
    """The date in the sentence of `hit`, nearest to it."""
    tokens = document.tokens
    begin, end = tokens.starts[tokens.begins[hit.start]], tokens.ends[tokens.stops[hit.end - 1] - 1]
    inside = [d for d in dates if begin <= d.start < end]
    return min(inside, key=lambda d: abs(d.start - tokens.starts[hit.start]), default=None)


def _today(document: Document) -> date:
    return document.read_at.date()
