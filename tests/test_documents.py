"""What the documents say is so: their links, commands, settings, files and figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from tests.conftest import ROOT
from triage.cli.app import app
from triage.configuration import OTHER_NAMES
from triage.engine import Engine
from triage.learning.frozen import judge, load_frozen, measured
from triage.settings import Settings

TOP = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
LEGAL = sorted((ROOT / "docs" / "conformite").glob("*.md"))
DOCUMENTS = [*TOP, *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*/README.md"))]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
# What people read besides: messages, pages, the comments of the rules.
SOURCES = [
    path
    for folder, suffixes in (("triage", (".py", ".html")), ("rules", (".yaml", ".md")), ("deploy", (".txt", ".toml")))
    for suffix in suffixes
    for path in sorted((ROOT / folder).rglob(f"*{suffix}"))
    if "vendor" not in path.parts
]
# Settings of the tests and of the notebooks, which the service does not read.
OTHERS = {"TRIAGE_SAMPLE", "TRIAGE_REPLAY", "TRIAGE_TESTS", "TRIAGE_TEST_POSTGRES", *OTHER_NAMES.values()}
SETTINGS = {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}
# Our folders; what only an installation or a build makes is elsewhere.
_PATH = re.compile(r"(?:triage|tests|rules|docs|deploy|scripts|models|notebooks|benchmarks)/[\w./-]*")
_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|(?<=[\s/]))(?<!-[ug] )triage ([a-z].*)")
_APART = re.compile(r" && | \| | # | < |; |\(")

# A row of figures → how the scorer calls it.
FIGURES = {
    "type principal juste": "primary_accuracy",
    "niveau juste": "disposition_accuracy",
    "urgences et dangers envoyés trop bas": "critical_under_triage",
    "dangers immédiats reconnus": "immediate_recall",
    "récits dus à un agent, laissés sans agent": "escalation_miss",
    "agents appelés à tort": "over_triage_fpr",
}


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return _FENCE.sub("", read(path))


def spans(path: Path) -> list[str]:
    """What is written between backticks."""
    return [one.replace("\\|", "|") for one in re.findall(r"`([^`\n]+)`", prose(path))]


@cache
def anchors(path: Path) -> frozenset[str]:
    """The names that a forge gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles)


def told(path: Path) -> Iterator[str]:
    """The commands that a file quotes: between backticks and in blocks of a document, between « » elsewhere."""
    if path.suffix == ".md":
        quoted = [*spans(path), *(line for block in _FENCE.findall(read(path)) for line in block.splitlines())]
    else:
        quoted = re.findall(r"« (triage [^»\n]+) »", read(path))
    for one in quoted:
        yield from (found[1] for part in _APART.split(one) if (found := _COMMAND.search(part.rstrip(" \\"))))


def wrong(command: str) -> str:
    """What the program does not know in what follows « triage », nothing when all is there."""
    groups: list[TyperGroup] = [typer.main.get_group(app)]
    known: set[str] = set()
    for word in re.sub(r'"[^"]*"', "", command).split():
        names = word.split("|")
        if word.startswith("-") or not groups:
            break
        found = [group.get_command(typer.Context(group), name) for group in groups for name in names]
        if None in found:
            return word
        groups = [one for one in found if isinstance(one, TyperGroup)]
        known |= {
            option for one in found if one for field in one.params for option in (*field.opts, *field.secondary_opts)
        }
    options = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", re.sub(r'"[^"]*"', "", command))
    return next((one for one in options if one not in known), "")


def leaves(group: TyperGroup, *before: str) -> Iterator[str]:
    """Every command, as it is typed."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        if isinstance(one, TyperGroup):
            yield from leaves(one, *before, name)
        else:
            yield " ".join((*before, name))


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the tables of a page."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    lost = []
    for target in _LINK.findall(prose(path)):
        place, _, anchor = target.partition("#")
        page = (path.parent / place).resolve() if place else path
        if "://" not in target and (not page.exists() or (anchor and anchor not in anchors(page))):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_quotes_is_there(path: Path) -> None:
    assert [(one, found) for one in told(path) if (found := wrong(one))] == []


def test_every_command_that_a_message_quotes_is_there() -> None:
    quoted = [(path.name, one) for path in SOURCES for one in told(path)]
    assert len(quoted) > 40
    assert [(name, one, found) for name, one in quoted if (found := wrong(one))] == []


def test_a_command_that_is_not_there_is_seen() -> None:
    assert [wrong(one) for one in ("keys rotate --retire", "db backup X", "models list", "subject export|erase")] == [
        ""
    ] * 4
    assert [wrong(one) for one in ("keys turn", "db backup --keys", "subject export|burn")] == [
        "turn",
        "--keys",
        "export|burn",
    ]


def test_every_command_has_its_row() -> None:
    """« `triage db upgrade`, `backup` » : the others of a row are of the same group."""
    told_of = set()
    for row in rows(REFERENCE):
        first, *others = re.findall(r"`([^`]+)`", row[0]) or [""]
        if first.startswith("triage "):
            words = first.split()
            told_of |= {" ".join(words[1:2]), " ".join(words[1:3])} | {f"{words[1]} {one.split()[0]}" for one in others}
    told_of |= {" ".join(one.split()[:2]) for one in told(ROOT / "docs" / "reference.md")}
    assert [one for one in leaves(typer.main.get_group(app)) if one not in told_of] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_target_and_file_that_is_named_is_there(path: Path) -> None:
    named = set(re.findall(r"\bTRIAGE_[A-Z_]*[A-Z]\b(?!_)", read(path)))
    assert named - SETTINGS - OTHERS == set()
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    assert {one.split()[1] for one in spans(path) if re.fullmatch(r"make [a-z-]+", one)} - targets == set()
    assert [one for one in spans(path) if _PATH.fullmatch(one) and not (ROOT / one).exists()] == []


def test_the_units_and_the_measures_of_operation_are_there() -> None:
    page = read(ROOT / "docs" / "exploitation.md")
    units = set(re.findall(r"\btriage-\w+\.(?:service|socket|timer)\b", page))
    assert units and [one for one in units if not (ROOT / "deploy" / "systemd" / one).is_file()] == []
    secrets = {f"triage_{name}" for name in Settings.model_fields}
    code = "".join(read(path) for path in (ROOT / "triage" / "web").glob("*.py"))
    made = set(re.findall(r'"(triage_\w+)"', code))
    named = set(re.findall(r"\btriage_\w+", page)) - secrets
    assert len(named) > 8
    assert [one for one in named if one not in made and one.rpartition("_")[0] not in made] == []


def test_documents_can_be_read() -> None:
    longest: Mapping[str, int] = {"README.md": 120, "docs/exploitation.md": 350}
    assert {
        name: len(read(ROOT / name).splitlines())
        for name in longest
        if len(read(ROOT / name).splitlines()) > longest[name]
    } == {}


def test_the_drafts_of_the_law_say_first_what_a_jurist_decides() -> None:
    index, pages = (
        next(one for one in LEGAL if one.name == "README.md"),
        [one for one in LEGAL if one.name != "README.md"],
    )
    assert len(pages) >= 5
    for page in pages:
        assert f"]({page.name})" in read(index), "the index leads to each"
        title, _, rest = read(page).partition("\n")
        assert title.endswith("(projet)")
        first = re.findall(r"^## .*(?:\n(?!## ).*)*", rest, re.MULTILINE)[0]
        assert first.startswith("## Ce qu'un juriste doit décider") and "base légale" in first


@pytest.mark.whole
def test_the_figures_are_those_of_the_frozen_set(engine: Engine, settings: Settings) -> None:
    """To a point: a change of the rules moves them a little, and the documents are made again with each delivery."""
    examples = load_frozen(engine, settings.rules, settings.models)
    found = measured(examples, judge(engine, examples))
    assert engine.model is not None
    seen = 0
    for page in (ROOT / "README.md", ROOT / "docs" / "conformite" / "ia.md"):
        assert engine.model.version in read(page)
        for label, *cells in (row for row in rows(read(page)) if row[0] in FIGURES):
            for kind, cell in zip(("report", "message"), cells, strict=True):
                said, low, high = (float(one.replace(",", ".")) for one in re.findall(r"\d+(?:,\d+)?", cell)[:3])
                now = found[kind][FIGURES[label]]
                assert now is not None and low <= said <= high
                assert abs(100 * now - said) <= 1, (page.name, label, kind, now)
                seen += 1
    assert seen >= 2 * (4 + 6)
