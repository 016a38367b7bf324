"""The gate: whether a candidate may serve in place of the model that does, and why, in sentences."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from triage.engine import Engine
from triage.errors import ModelError
from triage.learning.build import gold_of
from triage.learning.compared import Compared, Judged, by_group, by_type, overall, points, share
from triage.learning.corpus import Example
from triage.learning.evaluation import LEVELS, upper95
from triage.learning.frozen import Progress, judge
from triage.learning.paired import holm
from triage.learning.policy import GatePolicy
from triage.threats.manifest import Manifest
from triage.threats.modelfile import KINDS, Model

Outcome = Literal["passed", "refused", "unknown"]
_KINDS = {"report": "Récits", "message": "Messages"}
_URGENT, _IMMEDIATE = LEVELS.index("urgent"), LEVELS.index("immediate")


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: what comes of it, and the sentence that says it."""

    check: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What the gate answers on a `version`, compared with the one `served` by the rules of a digest."""

    version: str
    served: str
    rules: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing refuses it."""
        return not self.refusals

    @property
    def refusals(self) -> list[str]:
        """Why it is refused."""
        return [one.sentence for one in self.findings if one.outcome == "refused"]

    def as_json(self) -> str:
        """For `gate.json`, beside the candidate."""
        content = {"passed": self.passed, **asdict(self)}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True)
class Side:
    """A model with its manifest, and where it is; `model` None: the rules alone serve."""

    model: Model | None
    manifest: Manifest | None
    folder: Path | None = None

    @property
    def name(self) -> str:
        """Its version, in a sentence."""
        return self.model.version if self.model else "les règles seules"


def compare(
    engine: Engine, served: Side, candidate: Side, frozen: Sequence[Example], progress: Progress = lambda _: None
) -> Judged:
    """What both say of the `frozen` texts, with the rules of `engine`."""
    size = len(frozen)
    before = judge(replace(engine, model=served.model), frozen, progress)
    after = judge(replace(engine, model=candidate.model), frozen, lambda done: progress(size + done))
    return Judged(frozen, [gold_of(example) for example in frozen], before, after)


def examine(engine: Engine, served: Side, candidate: Side, judged: Judged, policy: GatePolicy) -> Verdict:
    """The gate's answer. `judged` is what `compare` gave for the same two. Raises ModelError."""
    if candidate.model is None or candidate.manifest is None or candidate.folder is None:
        raise ModelError("le candidat n'a pas de modèle : apprenez-en un par « triage train »")
    labels = {name: kind.label for name, kind in engine.composer.kinds.items()}
    findings = [
        *_overall(judged, policy),
        *_critical(judged, policy),
        _immediate(judged, policy),
        *_details("type", by_type(judged, list(labels), policy.detail_confidence), labels, policy),
        *_details("groupe", by_group(judged, policy.groups, policy.detail_confidence), {}, policy),
        *_learned(candidate.manifest, served.manifest, labels, policy),
        *_card(candidate.folder, candidate.manifest, policy),
        _rules(candidate.manifest, engine.catalogue.digest),
    ]
    return Verdict(candidate.model.version, served.name, engine.catalogue.digest, tuple(findings))


def _overall(judged: Judged, policy: GatePolicy) -> Iterator[Finding]:
    """Every figure of every kind, tested together."""
    kinds = [kind for kind in KINDS if any(example.kind == kind for example in judged.examples)]
    all_of_them = [one for kind in kinds for one in overall(judged, kind, policy.confidence)]
    worse = holm([one.chance for one in all_of_them], 1 - policy.confidence)
    for one, refused in zip(all_of_them, worse, strict=True):
        said = f"{_KINDS[one.of]}, {one.figure} : {told(one)}"
        if refused:
            yield Finding("overall", "refused", f"{said} : moins bon que le modèle qui sert (p = {_p(one.chance)}).")
        elif one.worse:  # the interval is of this figure alone, the test counts that there are others
            why = f"sur {len(all_of_them)} chiffres comparés à la fois, un écart pareil peut venir du hasard"
            sentence = f"{said} : plus bas, mais {why} (p = {_p(one.chance)}, test corrigé de leur nombre)."
            yield Finding("overall", "passed", sentence)
        else:
            yield Finding("overall", "passed", f"{said} : rien ne montre qu'il soit moins bon.")


def _critical(judged: Judged, policy: GatePolicy) -> Iterator[Finding]:
    """Urgent texts sent lower than urgent, at most."""
    for kind, limit in policy.critical_at_most.items():
        here = judged.where(lambda example, kind=kind: example.kind == kind)  # type: ignore[misc]
        ranks = [(gold.rank, guess.rank) for gold, guess in zip(here.gold, here.after, strict=True)]
        urgent = [guess for gold, guess in ranks if gold >= _URGENT]
        if not urgent:
            yield Finding("critical", "unknown", f"{_KINDS[kind]} : aucun texte urgent dans l'ensemble gelé.")
            continue
        missed = sum(guess < _URGENT for guess in urgent)
        bound = upper95(missed, len(urgent))
        outcome: Outcome = "passed" if bound <= limit else "refused"
        sentence = (
            f"{_KINDS[kind]} urgents envoyés trop bas : {missed} sur {len(urgent)}, borne haute à 95 % {share(bound)}"
        )
        way = "sous" if outcome == "passed" else "au-dessus de"
        yield Finding("critical", outcome, f"{sentence}, {way} la limite de {share(limit)}.")


def _immediate(judged: Judged, policy: GatePolicy) -> Finding:
    """Immediate dangers recognised, no fewer than before."""
    told = [i for i, gold in enumerate(judged.gold) if gold.rank == _IMMEDIATE]
    before, after = (sum(side[i].rank == _IMMEDIATE for i in told) for side in (judged.before, judged.after))
    said = f"Dangers immédiats reconnus : {after} sur {len(told)}, contre {before} pour le modèle qui sert"
    refused = after < before - policy.immediate_fewer
    return Finding("immediate", "refused" if refused else "passed", f"{said}{' : il en manque' if refused else ''}.")


def _details(
    what: str, rows: Sequence[Compared] | Iterator[Compared], labels: Mapping[str, str], policy: GatePolicy
) -> Iterator[Finding]:
    """What is worse beyond its interval, then what has too few texts, then how many are as good."""
    found = list(rows)
    few = [one for one in found if one.size < policy.smallest]
    worse = [one for one in found if one not in few and one.worse]
    for one in worse:
        name = labels.get(one.of, one.of)
        sentence = f"Par {what}, « {name} », {one.figure} : {told(one)} : moins bon au-delà de l'intervalle."
        yield Finding(what, "refused", sentence)
    if few:
        names = ", ".join(dict.fromkeys(f"{labels.get(one.of, one.of)} ({one.figure}, {one.size})" for one in few))
        yield Finding(what, "unknown", f"Par {what}, trop peu de textes gelés pour conclure : {names}.")
    good = len(found) - len(few) - len(worse)
    if good:
        count = f"{good} chiffres comparés ne sont" if good > 1 else "1 chiffre comparé n'est"
        sentence = f"Par {what}, {count} pas moins bon{'s' if good > 1 else ''} au-delà de l'intervalle."
        yield Finding(what, "passed", sentence)


def _learned(
    candidate: Manifest, served: Manifest | None, labels: Mapping[str, str], policy: GatePolicy
) -> Iterator[Finding]:
    """What the corpus of the served model had and this one's has not."""
    parts: list[tuple[str, str, Mapping[str, str]]] = [
        ("types", "texte", {name: f"du type « {label} »" for name, label in labels.items()}),
        ("groups", "récit", {group.id: group.of for group in policy.groups}),
    ]
    refused = False
    for part, what, names in parts:
        now, before = candidate.learned.get(part, {}), served.learned.get(part, {}) if served else {}
        for name, of in names.items():
            sentence = _missing(what, of, now.get(name, 0), before.get(name), policy)
            if sentence:
                refused = True
                yield Finding("learned", "refused", sentence)
    if not refused:
        texts = candidate.learned["texts"]
        yield Finding("learned", "passed", f"Appris sur {texts} textes : aucun type et aucun groupe n'y manque.")


def _missing(what: str, of: str, now: int, before: int | None, policy: GatePolicy) -> str:
    """What is said of too few texts (`what`) `of` a type or group; empty when there are enough."""
    reference = f", contre {before} pour le modèle qui sert" if before else ""
    if now == 0 and (before is None or before > 0):
        return f"Aucun {what} {of} parmi les textes appris{reference}."
    floor = policy.learned.least if before is None or before >= policy.learned.least else 0
    least = max(floor, math.ceil(policy.learned.share * (before or 0)))
    if now < least:
        return f"Trop peu de {what}s {of} parmi les textes appris : {now}{reference} ; il en faut au moins {least}."
    return ""


def _card(folder: Path, manifest: Manifest, policy: GatePolicy) -> Iterator[Finding]:
    """Whether the card says all that it must."""
    card = (folder / "card.md").read_text(encoding="utf-8") if (folder / "card.md").is_file() else ""
    missing = [f"la partie « {title} »" for title in policy.card.sections if f"## {title}" not in card]
    missing += [f"« {name} » dans training.toml" for name in policy.card.training if name not in _training(folder)]
    metrics = _metrics(folder)
    for kind, label in _KINDS.items():
        if not metrics.get("held_out_voices", {}).get(kind):
            missing.append(f"les mesures sur des auteurs laissés de côté ({label.lower()})")
        if not manifest.frozen.get(kind):
            missing.append(f"les mesures sur l'ensemble gelé ({label.lower()})")
    if missing:
        yield Finding("card", "refused", f"La fiche du modèle est incomplète : il manque {', '.join(missing)}.")
    else:
        yield Finding("card", "passed", "La fiche du modèle est complète.")


def _training(folder: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads((folder / "training.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _metrics(folder: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        content = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _rules(manifest: Manifest, served: str) -> Finding:
    """Both are judged with the rules that serve: others at training are told, and are no reason to refuse."""
    if manifest.rules == served:
        return Finding("rules", "passed", f"Appris avec les règles qui servent ({served}).")
    sentence = f"Appris avec les règles {manifest.rules}, mesuré avec celles qui servent, {served}."
    return Finding("rules", "unknown", sentence)


def told(one: Compared) -> str:
    """« 93,2 %, contre 93,4 % (620 textes ; écart entre −1,0 et +0,6 points) »."""
    low, high = one.interval
    between = f"écart entre {points(low)} et {points(high)} points"
    return f"{share(one.after)}, contre {share(one.before)} ({one.size} textes ; {between})"


def _p(value: float) -> str:
    return f"{value:.1g}".replace(".", ",") if value >= 0.0001 else "moins de 0,0001"
