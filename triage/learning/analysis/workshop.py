"""The analyst's bench: shipped texts, the served engine, decisions made once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from triage.assessment.assessment import Assessor
from triage.assessment.disposition import Level
from triage.bootstrap import build_assessor, build_engine, fact_names, model_shelves
from triage.datafiles import read
from triage.desk.campaigns.policy import load_campaign_policy
from triage.desk.service import Places
from triage.engine import Engine
from triage.errors import DataError, ModelError, Problem
from triage.intake.report import Kind, Report
from triage.learning.analysis import deciding
from triage.learning.analysis.cache import code_digest, files_digest, kept, key_of
from triage.learning.analysis.frames import frame_of
from triage.learning.analysis.sampling import sample
from triage.learning.build import Workbench, fit, prepare
from triage.learning.corpus import Example, Labels, load
from triage.learning.evaluation import LEVELS
from triage.learning.noise import Noise, load_noise
from triage.learning.training import Material
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.signals.rule import build
from triage.threats.fusion import Thresholds
from triage.threats.kinds import Kind as Type
from triage.threats.kinds import load_kinds
from triage.threats.modelfile import current, find

_LEAST_SAMPLE = 900  # of the corpus in a sample: fewer teach nothing of a type
_FROZEN_SAMPLE = 120


@dataclass(frozen=True)
class Workshop:
    """What the notebooks begin with. `settings` are those of the environment unless given."""

    settings: Settings = field(default_factory=Settings)

    def corpus(self, kind: Kind = "report") -> pd.DataFrame:
        """The labelled texts that teach, of one kind."""
        return frame_of(sample(self._of(self.settings.models / "corpus", kind), _LEAST_SAMPLE))

    def frozen(self, kind: Kind = "report") -> pd.DataFrame:
        """The labelled texts that judge and never teach; to be counted, not read."""
        folder = self.settings.models / "frozen"
        return frame_of(sample(self._of(folder / "messages" if kind == "message" else folder, kind), _FROZEN_SAMPLE))

    def served(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` (id, text, kind) with what the served engine says of each text beside it."""
        reports = [
            Report(text, kind, id=str(one))
            for one, text, kind in zip(frame["id"], frame["text"], frame["kind"], strict=True)
        ]
        key = key_of("served", self._digest, *(f"{one.id}{one.kind}{one.text}" for one in reports))
        return _beside(frame, kept(self._folder, key, lambda: pd.DataFrame(deciding.served(self.engine, reports))))

    def held_out(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Texts of the corpus with what the engine would say of each, had its author's voice not been read.

        Learnt from these texts only, without badly typed copies: a little less sure than the served model.
        """
        known = {example.id: example for example in self._examples}
        examples = [known[one] for one in frame["id"]]
        key = key_of("held out", self._digest, *(repr(example) for example in examples))
        return _beside(frame, kept(self._folder, key, lambda: self._held_out(examples)))

    @cached_property
    def engine(self) -> Engine:
        """The served engine. Raises DataError."""
        return build_engine(self.settings)

    @cached_property
    def levels(self) -> Mapping[str, Level]:
        """Level → what people read of it, the lowest first."""
        return {level.id: level for level in self._assessor.policy.levels}

    @cached_property
    def names(self) -> dict[str, str]:
        """The French name of every type, level and red flag."""
        kinds = {name: kind.label for name, kind in self._kinds.items()}
        flags = {name: flag.label for name, flag in self._assessor.flags.items()}
        return flags | kinds | {name: level.label for name, level in self.levels.items()}

    @cached_property
    def cells(self) -> Mapping[str, tuple[int, int]]:
        """Département → its place on the map of the desk."""
        return load_campaign_policy(self.settings.rules, list(self.levels)).cells

    @cached_property
    def places(self) -> dict[str, str]:
        """Département → its name."""
        problems: list[Problem] = []
        file = read(self.settings.rules / "departements.yaml", problems)
        known = build(Places, file, problems) if file else None
        if known is None:
            raise DataError(problems)
        return {one.code: one.name for one in known.departements}

    @cached_property
    def miss_costs(self) -> Mapping[str, float]:
        """Level → what a report sent lower costs, in reports sent too high."""
        return self._assessor.policy.miss_costs

    @cached_property
    def noise(self) -> Noise:
        """How people type."""
        return load_noise(self.settings.rules)

    def thresholds(self, kind: Kind = "report") -> Thresholds:
        """Those of the served model. Raises ModelError without one."""
        if self.engine.model is None:
            raise ModelError("aucun modèle n'est servi : lancez « triage train »")
        return self.engine.model.thresholds[kind]

    @cached_property
    def _kinds(self) -> Mapping[str, Type]:
        return load_kinds(self.settings.rules)

    @cached_property
    def _assessor(self) -> Assessor:
        return build_assessor(self.settings.rules, self._kinds)

    @cached_property
    def _labels(self) -> Labels:
        return Labels(list(self._kinds), LEVELS, list(self._assessor.flags), fact_names(self.settings.rules))

    @cached_property
    def _examples(self) -> list[Example]:
        return load(self.settings.models / "corpus", self._labels)

    def _of(self, folder: Path, kind: Kind) -> list[Example]:
        texts = self._examples if folder.name == "corpus" else load(folder, self._labels)
        return [example for example in texts if example.kind == kind]

    def _held_out(self, examples: list[Example]) -> pd.DataFrame:
        engine = self.engine
        facts = fact_names(self.settings.rules)
        bench = Workbench(engine.reader, engine.catalogue, engine.assessor, list(self._kinds), facts, self.noise)
        material = prepare(examples, bench)
        trained, _ = fit(material, Material([], [], []), bench, TrainingSettings())
        rows: list[deciding.Row] = []
        for kind, heads in trained.heads.items():
            part = material.part(material.kinds == kind)
            if part.examples:
                told = trained.held_out[kind]
                rows += deciding.held_out(part, heads.names, told, engine.assessor, self.thresholds(kind))
        return pd.DataFrame(rows)

    @property
    def _folder(self) -> Path:
        return self.settings.data / "cache" / "analysis"

    @cached_property
    def _digest(self) -> str:
        try:
            shelves = model_shelves(self.settings)
            model = files_digest(find(current(shelves), shelves)[0].iterdir())
        except ModelError:
            model = "aucun"
        rules = files_digest(path for path in self.settings.rules.rglob("*") if path.is_file())
        return key_of(rules, model, code_digest())


def _beside(frame: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    told = said.assign(id=said["id"].astype(str))
    return frame.drop(columns=[name for name in told if name != "id" and name in frame]).merge(
        told, on="id", how="left", validate="one_to_one"
    )
