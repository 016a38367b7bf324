"""What is proposed to be masked: found in all that is handed over, to be ticked, unticked, completed by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.handover.folded import folded, words
from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Mask, Term
from triage.desk.handover.names import Finder
from triage.desk.office import Office
from triage.store import directory

_BY_HAND = "mot"
_BATCH = 500


@dataclass(frozen=True)
class Proposal:
    """A term, and where it was found."""

    term: Term
    sources: tuple[str, ...]


def proposals(office: Office, told: Handover) -> list[Proposal]:
    """All that may have to be masked, by kind, each once however it is written."""
    rules = office.policies.handover.redaction
    texts = list(_texts(told))
    with office.database.read() as connection:
        places = _communes(office, connection, (text for text, _ in texts))
    places |= {words(place.name) for place in office.service.departements.values()}
    finder = Finder(rules, lambda name: words(name) in places)
    found: dict[tuple[str, ...], tuple[Term, dict[str, None]]] = {}
    for text, source in texts:
        for term in finder(text):
            found.setdefault(words(term.text), (term, {}))[1][source] = None
    kinds = [*rules.titles]
    kept = [Proposal(term, tuple(sources)) for term, sources in found.values()]
    return sorted(kept, key=lambda one: (kinds.index(one.term.kind), folded(one.term.text).text))


def mask_of(office: Office, proposed: Iterable[Proposal], ticked: Collection[str], more: Iterable[str]) -> Mask:
    """The mask of the proposals whose words are `ticked`, and of what was typed by hand. Raises DeskError."""
    rules = office.policies.handover.redaction
    terms = [one.term for one in proposed if one.term.text in ticked]
    terms += [Term(_BY_HAND, line.strip()) for line in more if line.strip()]
    return Mask(terms, rules.labels, rules.within, rules.particles)


def no_mask(office: Office) -> Mask:
    """A mask that hides nothing."""
    rules = office.policies.handover.redaction
    return Mask((), rules.labels, rules.within)


def _texts(told: Handover) -> Iterator[tuple[str, str]]:
    """All that people wrote, and where."""
    file = told.file
    yield file.told, "récit"
    yield from ((value, "précisions") for _, value in file.facts)
    yield from ((value, "coordonnées") for _, value in told.contact)
    yield from ((address, "adresses données") for address in file.addresses)
    yield from ((one.reason, "décision d'un agent") for one in told.decisions)
    for one in file.exhibits:
        source = exhibit_name(one.number)
        yield from ((text, source) for text in (one.text, one.name.rpartition(".")[0], *one.notes))
        yield from ((value, source) for _, value in one.details)


def exhibit_name(number: int) -> str:
    """What an exhibit is called."""
    return f"pièce n° {number}"


def _communes(office: Office, connection: Connection, texts: Iterable[str]) -> set[tuple[str, ...]]:
    """The names, among the capitalised words of `texts`, that communes of the table have."""
    finder = Finder(office.policies.handover.redaction)
    named = {folded_name: name for text in texts for name in finder.capitals(text) if (folded_name := words(name))}
    fold = office.policies.directory.folded
    asked = {fold(name): told for told, name in named.items()}
    spellings = list(asked)
    found: set[tuple[str, ...]] = set()
    for start in range(0, len(spellings), _BATCH):
        batch = directory.communes_named(connection, spellings[start : start + _BATCH])
        found |= {asked[one.folded] for one in batch}
    return found
