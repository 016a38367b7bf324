"""Rules that are not in service yet: drafts laid over the rules that are, and the engine that they would make."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from triage.bootstrap import build_reader, build_texts, fact_names
from triage.datafiles import DataFile, read
from triage.engine import Engine
from triage.errors import DataError, IntakeError, Location, Problem
from triage.scratch import scratch
from triage.settings import Settings


@dataclass(frozen=True)
class Laid:
    """A folder of rules with drafts in it, for a while. `drafts`: where each stands there → the file that was given."""

    folder: Path
    drafts: Mapping[Path, Path]

    def told(self, problems: Sequence[Problem]) -> list[Problem]:
        """`problems` with the files that people know."""
        return [replace(one, where=replace(one.where, path=self.known(one.where.path))) for one in problems]

    def known(self, path: Path) -> Path:
        """The file given for a draft; any other as it is."""
        return self.drafts.get(path, path)


def target_of(rules: Path, identifier: str) -> tuple[str, dict[str, object]]:
    """Which folder of rules « menace.mort_annoncee » goes to, and what such a rule speaks for. Raises IntakeError."""
    folder, _, name = identifier.partition(".")
    if not name or not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower():
        raise IntakeError("Donnez <type, drapeau ou fait>.<nom>, en minuscules sans accent : menace.mort_annoncee")
    known: dict[str, list[str]] = {
        "signals": [path.stem for path in (rules / "threats").glob("*.yaml")],
        "red_flags": [path.stem for path in (rules / "red_flags").glob("*.yaml")],
        "facts": fact_names(rules),
        "situation": [path.stem for path in (rules / "situation").glob("*.yaml")],
    }
    speaks: dict[str, dict[str, object]] = {
        "signals": {"type": folder},
        "red_flags": {"flags": [folder]},
        "facts": {"facts": {folder: "oui"}},
        "situation": {"traits": [f"{folder}:{name}"]},
    }
    for where, names in known.items():
        if folder in names:
            return where, speaks[where]
    told = ", ".join(sorted({name for names in known.values() for name in names}))
    raise IntakeError(f"« {folder} » n'existe pas. Types, drapeaux et faits connus : {told}")


def place_of(rules: Path, identifier: str) -> Path:
    """The file of a rule, in the folder of rules. Raises IntakeError."""
    folder, name = identifier.split(".", 1) if "." in identifier else (identifier, "")
    return rules / target_of(rules, identifier)[0] / folder / f"{name}.yaml"


@contextmanager
def laid_over(rules: Path, drafts: Sequence[Path]) -> Iterator[Laid]:
    """`rules` with `drafts` in place of the rules of the same id, or beside the others.

    Nothing is written there: a private folder leads to both. Raises DataError.
    """
    problems: list[Problem] = []
    files = [file for file in (read(path, problems) for path in drafts) if file]
    places = [(_place(rules, file, problems), file.path) for file in files]
    if problems:
        raise DataError(problems)
    with scratch() as room:
        folder = room / "rules"
        shutil.copytree(rules.resolve(), folder, copy_function=os.symlink)
        laid: dict[Path, Path] = {}
        for place, path in places:
            target = folder / place
            if target in laid:
                raise DataError([Problem(Location(path), f"même règle que {laid[target]} : gardez un seul des deux")])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.symlink_to(path.resolve())
            laid[target] = path
        yield Laid(folder, laid)


def engine_with(settings: Settings, served: Engine, drafts: Sequence[Path]) -> Engine:
    """`served` with `drafts` laid over its rules. Raises DataError, with the drafts' own lines."""
    with laid_over(settings.rules, drafts) as laid:
        try:
            catalogue, reader = build_reader(settings.model_copy(update={"rules": laid.folder}))
        except DataError as error:
            raise DataError(laid.told(error.problems)) from None
    return replace(served, catalogue=catalogue, reader=reader)


def engine_by(settings: Settings, served: Engine, rules: Path) -> Engine:
    """`served` with other `rules`, a whole folder of them. Raises DataError."""
    catalogue, reader = build_reader(settings.model_copy(update={"rules": rules}))
    assessor, composer = build_texts(rules)
    return replace(served, catalogue=catalogue, reader=reader, assessor=assessor, composer=composer)


def _place(rules: Path, file: DataFile, problems: list[Problem]) -> Path:
    """Where a draft goes, within the rules."""
    identifier = file.data.get("id")
    if not isinstance(identifier, str):
        what = "ce n'est pas une règle : elle commence par « id: type.nom » (pour un autre fichier, donnez un dossier)"
        problems.append(file.problem(what, "id"))
        return Path()
    try:
        return place_of(Path(rules), identifier).relative_to(rules)
    except IntakeError as error:
        problems.append(file.problem(str(error), "id"))
        return Path()
