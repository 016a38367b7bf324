"""`triage data`: cases out for analysis, labelled sets in and out, how well identifiers are found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from triage.bootstrap import build_engine, build_office
from triage.cli.teach import teach, undertriage
from triage.desk.extraction import KINDS, NAMES
from triage.errors import IntakeError
from triage.intake.moment import PARIS
from triage.learning.cases import Request, extract, labels_of, load_corpus
from triage.learning.frames import SUFFIXES, as_bytes, check_new, read_frame, records, write_new
from triage.learning.interchange import Converted, as_csv, as_jsonl, exported, imported
from triage.learning.intervals import clopper_pearson
from triage.learning.mapping import load_mapping
from triage.learning.notice import notice
from triage.learning.pseudonyms import identifiers_of
from triage.learning.recall import Recalled, harmless, load_sentences, recalled
from triage.settings import Settings

app = typer.Typer(help="Les données : extraire des dossiers relus, échanger des jeux étiquetés.", no_args_is_help=True)
app.command()(teach)
app.command()(undertriage)
Mapping_ = Annotated[Path, typer.Option("--mapping", help="Le fichier de correspondance (YAML) : colonnes et valeurs.")]
_HALVES = {"reglage": "Phrases qui ont servi au réglage", "essai": "Phrases gardées à part", "": "Phrases"}


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="Le fichier à écrire : .parquet, .csv ou .jsonl.")],
    by: Annotated[str, typer.Option(help="L'adresse du compte de qui demande : analyste ou administrateur.")],
    purpose: Annotated[str, typer.Option(help="Le but, en quelques mots ; il est gardé dans le journal.")],
    mapping: Annotated[
        Path | None, typer.Option(help="Écrit avec les colonnes et les valeurs d'un autre jeu (YAML).")
    ] = None,
    least: Annotated[
        int | None, typer.Option("--minimum-cell", help="Dossiers au moins par case ; la règle du bureau sinon.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Aussi les dossiers sans décision d'agent.")] = False,
    since: Annotated[str, typer.Option(help="Reçus depuis ce jour (2026-01-31).")] = "",
    until: Annotated[str, typer.Option(help="Reçus avant ce jour.")] = "",
) -> None:
    """Extrait les dossiers relus par des agents, pseudonymisés, avec une notice ; le journal en garde la trace."""
    settings = Settings()
    beside = out.with_name(f"{out.stem}.notice.md")
    check_new(out, *(SUFFIXES if mapping is None else (".csv", ".jsonl")))
    check_new(beside)
    mapped = load_mapping(mapping, labels_of(settings)) if mapping else None
    asked = Request(by, purpose, least, not every, _day(since), _day(until))
    office = build_office(settings, build_engine(settings))
    told = extract(settings.rules, office, asked, datetime.now(UTC))
    done = exported(records(told.frame), mapped) if mapped else None
    content = _written(done, out.suffix) if done else as_bytes(told.frame, out.suffix)
    write_new(out, content)
    policy = office.policies.extraction
    write_new(beside, notice(policy, told, out.name, sha256(content).hexdigest()).encode())
    typer.echo(f"{_counted(len(done.records) if done else len(told.frame), 'dossier')} : {out}")
    _say_left_out(told.left_out | (done.left_out if done else {}))
    typer.echo(f"À lire avant de s'en servir : {beside}")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="Le jeu étiqueté : .csv ou .jsonl, en UTF-8.")],
    out: Annotated[Path, typer.Argument(help="Le fichier à écrire, comme ceux de models/corpus : .jsonl.")],
    mapping: Mapping_,
) -> None:
    """Traduit un jeu étiqueté par d'autres dans nos étiquettes ; s'il y a des problèmes, tous sont dits."""
    check_new(out, ".jsonl")
    labels = labels_of(Settings())
    done = imported(source, load_mapping(mapping, labels), labels)
    write_new(out, as_jsonl(done.records))
    _say(done, out)


@app.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="Nos textes : dossier ou .jsonl du corpus, ou extrait de dossiers.")],
    out: Annotated[Path, typer.Argument(help="Le fichier à écrire : .csv ou .jsonl.")],
    mapping: Mapping_,
) -> None:
    """Traduit nos textes étiquetés dans les colonnes et les valeurs d'un autre jeu, par le même fichier."""
    check_new(out, ".csv", ".jsonl")
    settings = Settings()
    mapped = load_mapping(mapping, labels_of(settings))
    ours = read_frame(source) if source.suffix in (".parquet", ".csv") else load_corpus(settings, source)
    done = exported(records(ours), mapped)
    write_new(out, _written(done, out.suffix))
    _say(done, out)


@app.command("measure")
def measure(
    file: Annotated[
        Path, typer.Argument(help="Des phrases étiquetées (JSONL), comme tests/learning/identifiers.jsonl.")
    ],
    texts: Annotated[
        Path | None, typer.Option(help="Des textes étiquetés, dont les phrases ordinaires sont comptées aussi.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Affiche ce qui est oublié ou remplacé à tort.")] = False,
) -> None:
    """Mesure combien d'identifiants sont trouvés dans des phrases étiquetées, et combien de mots le sont à tort."""
    settings = Settings()
    sentences = load_sentences(file, KINDS)
    office = build_office(settings, build_engine(settings))
    find, policy = identifiers_of(settings.rules, office), office.policies.extraction
    for half in dict.fromkeys(one.half for one in sentences):
        told = recalled([one for one in sentences if one.half == half], find)
        typer.echo(f"{_HALVES.get(half, half)} :")
        for kind in sorted(told.tried):
            typer.echo(f"  {policy.labels[kind]:16s} {_rate(told.found.get(kind, 0), told.tried[kind])}")
        for label, kinds in (("forme fixe", policy.structured), ("noms, lieux", NAMES)):
            tried, found = told.of(kinds)
            typer.echo(f"  {label:16s} {_rate(found, tried, interval=True)}")
        typer.echo(f"  mots remplacés à tort : {told.taken} sur {told.words}")
        if show:
            _show(told)
    if texts:
        told = recalled(harmless(load_corpus(settings, texts)["text"]), find)
        typer.echo(f"Phrases ordinaires de {texts} : {told.taken} mots remplacés sur {told.words}")
        if show:
            _show(told)


def _show(told: Recalled) -> None:
    for sentence, missed in told.missed:
        typer.echo(f"  oublié « {missed} » ({sentence.id}) : {sentence.text}")
    for sentence, word in told.wrong:
        typer.echo(f"  à tort « {word} » ({sentence.id}) : {sentence.text}")


def _rate(found: int, tried: int, interval: bool = False) -> str:
    told = f"{found} sur {tried}"
    if not tried:
        return told
    low, high = (100 * side for side in clopper_pearson(found, tried))
    more = f" (à 95 % : {low:.1f} à {high:.1f} %)" if interval else ""
    return f"{told}, {100 * found / tried:.1f} %{more}".replace(".", ",")


def _written(done: Converted, suffix: str) -> bytes:
    return as_csv(done.records) if suffix == ".csv" else as_jsonl(done.records)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}s écrits" if count > 1 else f"{count} {what} écrit"


def _say(done: Converted, out: Path) -> None:
    typer.echo(f"{_counted(len(done.records), 'texte')} : {out}")
    for name, count in done.counts.most_common():
        typer.echo(f"  {name:20s} {count}")
    _say_left_out(done.left_out)


def _say_left_out(reasons: Mapping[str, int]) -> None:
    if reasons:
        typer.echo("Laissés de côté :")
    for why, count in sorted(reasons.items()):
        typer.echo(f"  {count} {why}")


def _day(told: str) -> datetime | None:
    """The beginning of a day, in Paris. Raises IntakeError."""
    if not told:
        return None
    try:
        return datetime.combine(date.fromisoformat(told), datetime.min.time(), PARIS)
    except ValueError:
        raise IntakeError(f"« {told} » n'est pas un jour : écrivez 2026-01-31.") from None
