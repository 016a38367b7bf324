"""Files of rules, damaged: used, or refused with every problem and the place of each; never a traceback."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fuzz.rulefiles import written_otherwise
from tests.fuzz.running import Target
from triage.assessment.disposition import load_policy
from triage.assessment.questions import load_questions
from triage.assessment.red_flags import RedFlag, load_red_flags
from triage.bootstrap import fact_names
from triage.comments.policy import load_policy as load_comments_policy
from triage.datafiles import read, read_markdown
from triage.demo.script import load_script
from triage.desk.policies import load_policies
from triage.desk.service import load_service
from triage.diagnostic.compose import load_composer
from triage.document.reader import load_reader
from triage.dossier.texts import load_dossier_texts
from triage.engine import Engine
from triage.errors import DataError, Problem
from triage.learning.analysis.scenarios import load_scenarios
from triage.learning.analysis.swaps import load_counterfactual
from triage.learning.noise import load_noise
from triage.learning.policy import load_gate_policy
from triage.settings import Settings
from triage.signals.catalogue import load_with_problems
from triage.signals.rule import Conjugation, Cue, Dimension, Fields, Signal, Strict, build
from triage.threats.kinds import load_kinds

pytestmark = pytest.mark.whole
RULES = Settings().rules
MODELS: Mapping[str, type[Strict]] = {
    "signals": Signal,
    "situation": Dimension,
    "lexicon": Fields,
    "cues": Cue,
    "red_flags": RedFlag,
}


@dataclass(frozen=True)
class Damaged:
    """A file of the rules, and what is written in its place."""

    path: Path
    content: bytes


def small(path: Path) -> bool:
    return path.stat().st_size < 20_000


def files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in RULES.glob(pattern) if path.suffix in (".yaml", ".md"))


def maker(paths: list[Path]) -> Callable[[random.Random], Damaged]:
    whole = {path: path.read_bytes() for path in paths}

    def made(chance: random.Random) -> Damaged:
        path = chance.choice(paths)
        return Damaged(path.relative_to(RULES), written_otherwise(chance, [whole[path]]))

    return made


class Put:
    """One file replaced for a while."""

    def __init__(self, folder: Path, damaged: Damaged) -> None:
        self._path, self._content = folder / damaged.path, damaged.content

    def __enter__(self) -> None:
        self._before = self._path.read_bytes()
        self._path.write_bytes(self._content)

    def __exit__(self, *_: object) -> None:
        self._path.write_bytes(self._before)


def told(problems: list[Problem], *, within: Path) -> str:
    """What is said of the problems, each of which has a place and a sentence."""
    for one in problems:
        assert one.where.path.is_relative_to(within), one
        assert one.where.line >= 0 and one.what.strip(), one
        str(one).encode("utf-8", "surrogatepass")
    return f"refused: {problems[0].what[:16]}" if problems else "used"


def test_any_file_alone_is_read_and_checked(tmp_path: Path) -> None:
    target = Target("rules, files", 400, 17_000)

    def read_one(damaged: Damaged) -> str:
        problems: list[Problem] = []
        path = tmp_path / f"rule{damaged.path.suffix}"
        path.write_bytes(damaged.content)
        if path.suffix == ".md":
            read_markdown(path, problems)
            return told(problems, within=tmp_path)
        file = read(path, problems)
        model = Conjugation if damaged.path.stem == "conjugaison" else MODELS.get(damaged.path.parts[0])
        if file and model:
            build(model, file, problems)
        elif file:
            problems.append(file.problem("Un mot.", *list(file.data)[-1:]))
        return told(problems, within=tmp_path)

    target.tries(target.made(maker([path for path in files("**/*") if small(path)])), read_one)
    target.check("", 1.0)
    assert target.answers["used"] >= 0.08 * target.done


def test_any_rule_is_loaded_or_refused(engine: Engine, tmp_path: Path) -> None:
    """Rules, cues, fields and facts, loaded as a whole from a small folder."""
    target, folder = Target("rules, catalogue", 60, 2_000), tmp_path / "rules"
    chosen = files("lexicon/argent*", "lexicon/conjugaison*", "lexicon/haine*", "cues/question*", "threats/ddos*")
    chosen += [*files("situation/auteur*", "facts/*.yaml")[:3], *files("signals/*/*.yaml")[::150]]
    for path in chosen:
        copied = folder / path.relative_to(RULES)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    others = {one.where.path.relative_to(folder) for one in load_with_problems(folder, engine.catalogue.tokenizer)[1]}
    chosen = [path for path in chosen if path.relative_to(RULES) not in others]
    for name in others:  # they use fields that are not here
        (folder / name).unlink()
    assert len(chosen) > 6

    def loaded(damaged: Damaged) -> str:
        with Put(folder, damaged):
            return told(load_with_problems(folder, engine.catalogue.tokenizer)[1], within=folder)

    target.tries(target.made(maker(chosen)), loaded)
    target.check("", 1.0)
    assert target.answers["used"] >= 0.08 * target.done


def loaders(engine: Engine) -> list[tuple[int, list[Path], Callable[[Path], object]]]:
    """What reads which files of a folder of rules, and how often each is tried: the slow ones less."""
    kinds, facts = engine.composer.kinds, fact_names(RULES)
    policy, flags = engine.assessor.policy, engine.composer.flags
    knowledge = ["advice/*", "law/*", "channels/*", "steps.yaml", "texts.yaml", "clocks.yaml", "contacts.yaml"]
    knowledge += ["measures.yaml", "procedures.yaml", "changes.yaml", "situation/*"]
    cues = files("cues/orthographe.yaml", "cues/voix.yaml", "cues/dates.yaml")
    tokenizer = engine.reader.tokenizer
    return [
        (4, files("threats/*"), load_kinds),
        (4, files("red_flags/*"), load_red_flags),
        (2, files("dispositions.yaml"), lambda rules: load_policy(rules, kinds, facts)),
        (4, files("questions.yaml"), lambda rules: load_questions(rules, kinds, flags, facts)),
        (2, files(*knowledge), lambda rules: load_composer(rules, kinds, policy, flags)),
        (6, files("service.yaml", "departements.yaml"), lambda rules: load_service(rules, engine.composer)),
        (6, files("comments.yaml"), load_comments_policy),
        (6, files("dossier.yaml"), load_dossier_texts),
        (8, cues, lambda rules: load_reader(rules, tokenizer, lambda _: True, lambda _: [])),
        (6, files("desk/*", "retention.yaml"), lambda rules: load_policies(rules, engine)),
        (2, files("demo/*"), load_script),
        (3, files("noise.yaml"), load_noise),
        (3, files("gate.yaml"), load_gate_policy),
        (3, files("scenarios.yaml"), load_scenarios),
        (3, files("counterfactual.yaml"), load_counterfactual),
    ]


def test_all_that_reads_rules_refuses_them_in_words(engine: Engine, tmp_path: Path) -> None:
    target, folder = Target("rules, loaders", 60, 1_000), tmp_path / "rules"
    shutil.copytree(RULES, folder)
    known = loaders(engine)
    weights = [weight for weight, _, _ in known]
    makers = [maker(paths) for _, paths, _ in known]

    def made(chance: random.Random) -> tuple[int, Damaged]:
        which = chance.choices(range(len(known)), weights)[0]
        return which, makers[which](chance)

    def loaded(one: tuple[int, Damaged]) -> str:
        which, damaged = one
        with Put(folder, damaged):
            try:
                known[which][2](folder)
            except DataError as refused:
                assert refused.problems
                return told(refused.problems, within=folder)
        return "used"

    target.tries(target.made(made), loaded)
    target.check("", 1.0)
    assert target.answers["used"] >= 0.02 * target.done
