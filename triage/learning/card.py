"""The model card: how a model was made and what it is worth, beside the model itself."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from triage.learning.corpus import Example
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
    measured: Mapping[str, float],
    by_type: Mapping[str, float],
    settings: Settings,
    rules: str,
) -> None:
    """Writes `metrics.json`, `training.toml` and `card.md` into `folder`."""
    clean = {name: None if math.isnan(value) else round(value, 4) for name, value in measured.items()}
    content = {"held_out_voices": clean, "f1_by_type": {name: round(value, 3) for name, value in by_type.items()}}
    _write(folder / "metrics.json", json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    toml = [f'rules = "{rules}"', f"examples = {len(examples)}", *(f"{k} = {v}" for k, v in asdict(settings).items())]
    _write(folder / "training.toml", "\n".join(toml) + "\n")
    _write(folder / "card.md", _card(folder.name, examples, clean, by_type))


def _card(
    version: str, examples: Sequence[Example], measured: Mapping[str, float | None], by_type: Mapping[str, float]
) -> str:
    voices = Counter(example.group for example in examples)
    lines = [
        f"# Modèle {version}",
        "",
        "Classifieurs linéaires (un par type, fait, drapeau et niveau)",
        "sur les mots, les lettres et ce que les règles ont trouvé.",
        f"Appris sur {len(examples)} textes de `models/corpus/` :",
        f"{', '.join(f'{k} {v}' for k, v in sorted(voices.items()))}.",
        "",
        "## Mesures, sur des voix laissées de côté",
        "",
        "| mesure | valeur |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in measured.items()),
        "",
        "| type | F1 |",
        "|---|---|",
        *(f"| {name} | {value:.2f} |" for name, value in by_type.items()),
        "",
        _LIMITS,
    ]
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
