"""What of a case is compared: the words that are the attacker's, and the things that lead to them.

All of this stays in memory; the store gets digests only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from triage.desk.campaigns.policy import CampaignPolicy
from triage.desk.office import Office
from triage.document.folding import fold
from triage.document.voices import attacker_spans
from triage.intake.indicators import find
from triage.store.records import Told

# The kinds of things, by those of the indicators.
_KINDS = {"phone": "phone", "email": "mail", "iban": "iban", "crypto": "crypto"}
_WORD = re.compile(r"[a-z0-9]+")
_SENTENCE = re.compile(r"[.!?…;]+\s|\n\s*\n")
_FRAGMENT = re.compile(r"[…«».:,]")
_SHORTEST_FRAGMENT = 3  # words


@dataclass(frozen=True)
class Thing:
    """Something that leads to somebody, as it is compared: `kind` is phone, mail, iban, crypto, link or author."""

    kind: str
    value: str


def plain(text: str) -> str:
    """The words of `text`, folded, one space between them."""
    return " ".join(_WORD.findall(fold(text)))


def formulas(office: Office) -> tuple[str, ...]:
    """What stands in many reports and is nobody's: what the guided path writes, formulas of politeness."""
    guided = office.service.guided
    written = [*guided.who_text.values(), *(one.text for touched in guided.touched for one in touched.happens)]
    pieces = [plain(piece) for text in written for piece in _FRAGMENT.split(text)]
    listed = [plain(one) for one in office.policies.campaigns.rules.common]
    kept = {piece for piece in pieces if piece.count(" ") + 1 >= _SHORTEST_FRAGMENT} | set(listed)
    return tuple(sorted(kept, key=lambda piece: (-len(piece), piece)))


def passages(office: Office, told: Told, pieces: Iterable[str]) -> list[str]:
    """The texts that are compared, folded: quotations, what was read in the evidence, their sentences, the report."""
    policy = office.policies.campaigns.rules.text
    quotes = [told.text[start:end] for start, end in attacker_spans(told.text, office.engine.reader.voices)]
    known, found = formulas(office), dict[str, None]()
    room = policy.longest
    for text in (*quotes, *pieces, told.text):
        for one in _cut(text[:room], policy.sentences_from, whole=text is not told.text):
            words = _without(plain(one), known)
            if words.count(" ") + 1 >= policy.words:
                found.setdefault(words)
        room -= min(room, len(text))
    return list(found)[: policy.most]


def _cut(text: str, sentences_from: int, *, whole: bool) -> Iterator[str]:
    """The text, then its sentences when it is a long one of the attacker's (`whole`)."""
    yield text
    if whole and len(text.split()) >= sentences_from:
        yield from _SENTENCE.split(text)


def _without(words: str, known: Iterable[str]) -> str:
    padded = f" {words} "
    for formula in known:
        padded = padded.replace(f" {formula} ", " ")
    return padded.strip()


def things(policy: CampaignPolicy, told: Told, texts: Iterable[str]) -> set[Thing]:
    """What leads to the attacker in `texts`; the person's own number and address are left out."""
    found = {thing for text in (*texts, *told.addresses) for thing in _in_text(policy, text)}
    return found - own_things(policy, told)


def own_things(policy: CampaignPolicy, told: Told) -> set[Thing]:
    """The numbers and addresses at which the person is reached."""
    return {thing for text in (told.contact, told.mail) for thing in _in_text(policy, text)}


def _in_text(policy: CampaignPolicy, text: str) -> Iterator[Thing]:
    for one in find(text):
        if one.kind == "url":
            yield from _of_link(policy, one.value)
        elif one.kind == "handle":
            yield from _author(policy, one.value)
        elif one.kind == "email":
            if not _public(policy, one.value.rpartition("@")[2]):
                yield Thing("mail", one.value)
        elif one.kind in _KINDS:
            yield Thing(_KINDS[one.kind], one.value)


def _of_link(policy: CampaignPolicy, address: str) -> Iterator[Thing]:
    """The page, without what only says where one came from; and whose it is, where the platform says so."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:  # « http://[ » leads nowhere
        return
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/")
    query = urlencode(sorted((k, v) for k, v in parse_qsl(parts.query) if not _tracks(policy, k)))
    platform = policy.platforms.get(host)
    first, *more = path.split("/")[1:] or [""]
    general = platform is not None and not query and not more and (not first or first.lower() in platform.apart)
    if not host or _public(policy, host) or general:
        return
    yield Thing("link", f"{host}{path}" + (f"?{query}" if query else ""))
    if platform and platform.authors and first and first.lower() not in platform.apart:
        yield from _author(policy, first)


def _author(policy: CampaignPolicy, name: str) -> Iterator[Thing]:
    handle = fold(name).lstrip("@").strip(".")
    if len(handle) > 2 and handle not in policy.rules.public_handles:
        yield Thing("author", handle)


def _public(policy: CampaignPolicy, host: str) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in policy.rules.public_hosts)


def _tracks(policy: CampaignPolicy, parameter: str) -> bool:
    return parameter in policy.rules.tracking or parameter.startswith("utm_")
