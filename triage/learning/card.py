"""The model card: how a model was made and what it is worth, beside the model itself."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from triage.intake.report import Kind
from triage.learning.calibration import Bin, expected_calibration_error
from triage.learning.corpus import Example
from triage.learning.policy import Group
from triage.learning.thresholds import Bound
from triage.learning.training import Settings

_LIMITS = """\
## Limites

- Les textes d'apprentissage ont été écrits pour ce projet ; aucun vrai signalement n'a servi.
- Les mesures portent sur des auteurs laissés de côté à tour de rôle ; de vrais déclarants peuvent écrire autrement.
- Le modèle propose, les drapeaux rouges et les faits dits l'emportent, une personne décide.
"""


def write_card(
    folder: Path,
    examples: Sequence[Example],
    measured: Mapping[Kind, Mapping[str, float]],
    by_type: Mapping[Kind, Mapping[str, float]],
    settings: Settings,
    rules: str,
    bound: Bound | None,
    reliabilities: Mapping[Kind, list[Bin]],
) -> None:
    """Writes `metrics.json`, `training.toml` and `card.md` into `folder`; figures are those of held-out voices."""
    clean = {kind: rounded(one) for kind, one in measured.items()}
    content = {
        "held_out_voices": clean,
        "f1_by_type": {kind: {name: round(v, 3) for name, v in one.items()} for kind, one in by_type.items()},
        "promise": asdict(bound) if bound else None,
        "calibration_error": {kind: round(expected_calibration_error(t), 4) for kind, t in reliabilities.items()},
        "reliability": {kind: [_rounded(asdict(one)) for one in table] for kind, table in reliabilities.items()},
    }
    _write(folder / "metrics.json", json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    toml = {"rules": f'"{rules}"', "corpus": f'"{digest(examples)}"', "examples": len(examples), **asdict(settings)}
    _write(folder / "training.toml", "".join(f"{name} = {value}\n" for name, value in toml.items()))
    _write(folder / "card.md", _card(folder.name, examples, clean, by_type, bound, reliabilities))


def learned(examples: Sequence[Example], groups: Sequence[Group]) -> dict[str, Any]:
    """What a model learned from, counted: the corpus, its kinds, types and groups."""
    types = Counter(name for example in examples for name in example.threats)
    return {
        "corpus": digest(examples),
        "texts": len(examples),
        "kinds": dict(Counter(str(example.kind) for example in examples)),
        "types": dict(sorted(types.items())),
        "groups": {group.id: sum(group.holds(example) for example in examples) for group in groups},
    }


def complete_card(
    folder: Path, counts: Mapping[str, Any], groups: Sequence[Group], frozen: Mapping[str, Mapping[str, float | None]]
) -> None:
    """Adds to `card.md` what the model learned from, by type and by group, and its figures on the frozen set."""
    labels = {group.id: group.label for group in groups}
    lines = [
        "## Ce qu'il a appris",
        "",
        f"{counts['texts']} textes : {_told(counts['kinds'], {'report': 'récits', 'message': 'messages'})}.",
        "",
        "| type | textes |",
        "|---|---|",
        *(f"| {name} | {count} |" for name, count in counts["types"].items()),
        "",
        "| groupe | textes |",
        "|---|---|",
        *(f"| {labels.get(name, name)} | {count} |" for name, count in counts["groups"].items()),
        "",
    ]
    if frozen:
        lines += ["## Mesures, sur l'ensemble gelé", "", "| mesure | récits | messages |", "|---|---|---|"]
        lines += [f"| {name} | {value} | {frozen['message'].get(name)} |" for name, value in frozen["report"].items()]
        lines += [""]
    path = folder / "card.md"
    before, limits, after = path.read_text(encoding="utf-8").partition("## Limites")
    _write(path, before + "\n".join(lines) + "\n" + limits + after)


def rounded(figures: Mapping[str, float]) -> dict[str, float | None]:
    """Figures as they are written: four decimals, nothing for what cannot be told."""
    return {name: None if math.isnan(value) else round(value, 4) for name, value in figures.items()}


def digest(examples: Sequence[Example]) -> str:
    """A fingerprint of the labelled texts: the same corpus, the same digest."""
    lines = sorted(json.dumps(asdict(example), sort_keys=True, ensure_ascii=False) for example in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def _card(
    version: str,
    examples: Sequence[Example],
    measured: Mapping[Kind, Mapping[str, float | None]],
    by_type: Mapping[Kind, Mapping[str, float]],
    bound: Bound | None,
    reliabilities: Mapping[Kind, list[Bin]],
) -> str:
    voices = Counter(example.group for example in examples)
    lines = [
        f"# Modèle {version}",
        "",
        "Régressions « ridge » (une par type, fait, drapeau et niveau, pour les récits et pour les messages seuls)",
        "sur les mots, les lettres et ce que les règles ont trouvé ; probabilités calibrées (Platt).",
        f"Appris sur {len(examples)} textes de `models/corpus/` ({len(voices)} auteurs). Choix, comparaisons et",
        "erreurs : `docs/model.md`.",
        "",
        _promise(bound),
        "",
        "## Mesures, sur des auteurs laissés de côté",
        "",
        "| mesure | récits | messages |",
        "|---|---|---|",
        *(f"| {name} | {value} | {measured['message'].get(name)} |" for name, value in measured["report"].items()),
        "",
        "| type (F1) | récits | messages |",
        "|---|---|---|",
        *(f"| {name} | {v:.2f} | {_or_dash(by_type['message'].get(name))} |" for name, v in by_type["report"].items()),
        "",
        "## Calibration (récits, toutes têtes, sur des auteurs laissés de côté)",
        "",
        f"Erreur attendue : {expected_calibration_error(reliabilities['report']):.4f} "
        f"(messages : {expected_calibration_error(reliabilities['message']):.4f}).",
        "",
        "| probabilité dite | réponses | moyenne dite | part vraie |",
        "|---|---|---|---|",
        *(f"| {b.low:.1f}–{b.high:.1f} | {b.count} | {b.said:.3f} | {b.true:.3f} |" for b in reliabilities["report"]),
        "",
        _LIMITS,
    ]
    return "\n".join(lines)


def _promise(bound: Bound | None) -> str:
    if bound is None:
        return "Aucun seuil ne garantit la part d'urgences manquées que demande la politique : rien n'est promis."
    return (
        f"Seuil d'urgence {bound.threshold:.2f} : à {bound.confidence:.0%} de confiance, moins de {bound.most:.0%}\n"
        "des récits urgents sont envoyés plus bas (contrôle du risque, MAPIE), sur des textes écrits pour ce projet\n"
        "par des auteurs que le modèle n'a pas lus ; non sur de vrais signalements."
    )


def _told(counts: Mapping[str, int], labels: Mapping[str, str]) -> str:
    return ", ".join(f"{count} {labels[name]}" for name, count in sorted(counts.items(), reverse=True))


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
