"""What an agent reads of an assessment: what the rules found and what the model thinks, each apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from triage.assessment.facts import Fact
from triage.assessment.questions import given
from triage.assessment.red_flags import Raised
from triage.assessment.triaged import Triaged
from triage.desk.office import Office
from triage.desk.understanding import Understood
from triage.diagnostic.compose import Composer
from triage.diagnostic.explain import Quote, model_quotes, quotes
from triage.diagnostic.wording import plain_day
from triage.signals.matching import Hit
from triage.signals.rule import Signal
from triage.store.records import Told
from triage.threats.fusion import Threat

SOURCES = {
    "rule": "règles",
    "model": "modèle",
    "comments": "commentaires triés",
    "official": "dit par la personne",
    "answer": "réponse à une question",
    "date": "date du récit",
}
_HEADS = {"threat": "Type", "flag": "Drapeau", "level": "Niveau"}


@dataclass(frozen=True)
class Rule:
    """A rule that counted: what it speaks for, and the words that it found, in the order of the text."""

    number: int
    id: str
    title: str
    speaks: tuple[str, ...]
    words: tuple[Quote, ...]


@dataclass(frozen=True)
class Found:
    """A type, a red flag or a fact: what it rests on, and the numbers of the rules behind it."""

    id: str
    label: str
    probability: float
    sources: tuple[str, ...]
    rules: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Opinion:
    """What the model thinks of a type, a red flag or a level: how probable it is, and the words that weigh most."""

    sort: str
    label: str
    probability: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class SetAside:
    """A rule whose words were found but do not count, and what around them says so."""

    title: str
    words: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """All that an assessment rests on. `doubts` are the facts that only inform, `opinions` the model's, if any.

    `indicators`: kind, value, and whether it stands in the report itself rather than in a piece.
    """

    types: tuple[Found, ...]
    flags: tuple[Found, ...]
    facts: tuple[Found, ...]
    doubts: tuple[Found, ...]
    rules: tuple[Rule, ...]
    set_aside: tuple[SetAside, ...]
    opinions: tuple[Opinion, ...]
    indicators: tuple[tuple[str, str, bool], ...]


def reading(office: Office, told: Told, understood: Understood) -> Reading:
    """What `understood`, of what was `told`, rests on."""
    triaged, composer = understood.triaged, office.engine.composer
    assessment = triaged.assessment
    facts = assessment.facts.values()
    counted = [*_hits(assessment.threats), *_hits(assessment.flags), *_hits(facts)]
    rules = _rules(triaged, composer, counted)
    numbers = {rule.id: rule.number for rule in rules}
    return Reading(
        types=tuple(_type(office, told, understood, one, numbers) for one in assessment.threats),
        flags=tuple(_flag(triaged, one, numbers) for one in assessment.flags),
        facts=tuple(_fact(triaged, composer, one, numbers) for one in facts if one.certain),
        doubts=tuple(_fact(triaged, composer, one, numbers) for one in facts if not one.certain),
        rules=rules,
        set_aside=tuple(_set_aside(office, triaged)),
        opinions=tuple(_opinions(office, triaged)),
        indicators=tuple(_indicators(triaged, told)),
    )


def type_sources(office: Office, told: Told, understood: Understood, threat: Threat) -> tuple[str, ...]:
    """Where a type comes from: keys of SOURCES."""
    triaged = understood.triaged
    chance = triaged.probabilities.get(f"threat:{threat.type}")
    least = triaged.model.thresholds[triaged.document.report.kind].threat if triaged.model else 1.0
    found = {
        "rule": bool(threat.hits),
        "model": chance is not None and chance >= least,
        "comments": any(threat.type in one.types for one in understood.verdicts),
        "official": told.corrections.get("type") == threat.type,
        "answer": given(told.answers, office.engine.assessor.questions).type == threat.type,
    }
    return tuple(name for name, there in found.items() if there) or ("model" if triaged.model else "rule",)


def _type(office: Office, told: Told, understood: Understood, threat: Threat, numbers: dict[str, int]) -> Found:
    label = office.engine.composer.kinds[threat.type].label
    sources = type_sources(office, told, understood, threat)
    return _found(understood.triaged, threat.type, label, threat.probability, sources, threat.hits, numbers)


def _flag(triaged: Triaged, raised: Raised, numbers: dict[str, int]) -> Found:
    source = "rule" if raised.hits else "answer" if raised.probability == 1 else "model"
    flag = raised.flag
    return _found(triaged, flag.id, flag.label, raised.probability, (source,), raised.hits, numbers)


def _fact(triaged: Triaged, composer: Composer, fact: Fact, numbers: dict[str, int]) -> Found:
    value = (
        plain_day(date.fromisoformat(fact.value[:10]))
        if fact.source == "date" and fact.value[:1].isdigit()
        else fact.value
    )
    label = f"{composer.facts[fact.name].label} : {value}"
    return _found(triaged, fact.name, label, fact.probability, (fact.source,), fact.hits, numbers)


def _found(
    triaged: Triaged,
    name: str,
    label: str,
    probability: float,
    sources: tuple[str, ...],
    hits: Iterable[Hit],
    numbers: dict[str, int],
) -> Found:
    told = [hit for hit in hits if hit.signal.id in numbers]
    rules = sorted({numbers[hit.signal.id] for hit in told})
    return Found(name, label, probability, sources, tuple(rules), _words(quotes(triaged, told)))


def _rules(triaged: Triaged, composer: Composer, hits: Iterable[Hit]) -> tuple[Rule, ...]:
    """The rules behind `hits`, numbered as the text is read."""
    signals = {hit.signal.id: hit.signal for hit in hits}
    words: dict[str, list[Quote]] = {}
    for quote in quotes(triaged, hits):
        words.setdefault(quote.source, []).append(quote)
    return tuple(
        Rule(number, name, signals[name].title, tuple(_speaks(signals[name], composer)), tuple(found))
        for number, (name, found) in enumerate(words.items(), 1)
    )


def _speaks(signal: Signal, composer: Composer) -> Iterator[str]:
    """What a rule speaks for, in words."""
    if signal.type:
        yield composer.kinds[signal.type].label
    yield from (composer.flags[name].label for name in signal.flags)
    yield from (f"{composer.facts[name].label} : {value}" for name, value in signal.facts.items())


def _set_aside(office: Office, triaged: Triaged) -> Iterator[SetAside]:
    """The hits on types and red flags that qualifiers cancel, each once."""
    cues, seen = office.engine.catalogue.cues, set()
    for hit in triaged.findings.hits:
        words = _flat(triaged.document.words(hit.start, hit.end))
        if hit.void and (hit.signal.type or hit.signal.flags) and (hit.signal.id, words) not in seen:
            seen.add((hit.signal.id, words))
            why = [cues[name].title if name in cues else "Ancien" for name in sorted(hit.qualifiers)]
            yield SetAside(hit.signal.title, words, tuple(why))


def _opinions(office: Office, triaged: Triaged) -> Iterator[Opinion]:
    """What the model thinks most probable, of each sort."""
    composer, most = office.engine.composer, office.policies.handling.opinions
    labels = {
        "threat": {name: kind.label for name, kind in composer.kinds.items()},
        "flag": {name: flag.label for name, flag in composer.flags.items()},
        "level": {level.id: level.label for level in composer.policy.levels},
    }
    for head, sort in _HEADS.items():
        known = [(triaged.probabilities.get(f"{head}:{name}"), name) for name in labels[head]]
        chances = sorted(((chance, name) for chance, name in known if chance is not None), reverse=True)
        for chance, name in chances[:most]:
            yield Opinion(sort, labels[head][name], chance, _words(model_quotes(triaged, f"{head}:{name}")))


def _indicators(triaged: Triaged, told: Told) -> Iterator[tuple[str, str, bool]]:
    seen = set()
    for one in triaged.document.indicators:
        if (one.kind, one.value) not in seen:
            seen.add((one.kind, one.value))
            start, _ = triaged.document.cleaned.original_span(one.start, one.end)
            yield one.kind, one.value, start < len(told.text)


def _hits(found: Iterable[Threat | Raised | Fact]) -> list[Hit]:
    return [hit for one in found for hit in one.hits]


def _words(found: Sequence[Quote]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_flat(quote.text) for quote in found))


def _flat(text: str) -> str:
    return " ".join(text.split())
