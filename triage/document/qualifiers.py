"""Which cues (negation, fear, question…) reach a span: one scope algorithm, the words are in `rules/cues/`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from triage.document.spans import Tokens


@dataclass(frozen=True)
class CueHit:
    """A cue found in the text: tokens `start` to `end`, its qualifier, role and reach in words."""

    qualifier: str
    role: str
    start: int
    end: int
    window: int


@dataclass(frozen=True)
class Reach:
    """The cues of one text, ready to be asked about spans."""

    cues: tuple[CueHit, ...]
    blocked: dict[str, tuple[tuple[int, int], ...]]
    terminations: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, hits: Iterable[CueHit]) -> Reach:
        """Sorts `hits` by what they do; a cue inside a pseudo-cue is none."""
        hits = tuple(hits)
        pseudo: dict[str, list[tuple[int, int]]] = {}
        stops: dict[str, list[int]] = {}
        for hit in hits:
            if hit.role == "pseudo":
                pseudo.setdefault(hit.qualifier, []).append((hit.start, hit.end))
            elif hit.role == "termination":
                stops.setdefault(hit.qualifier, []).append(hit.start)
        blocked = {name: tuple(spans) for name, spans in pseudo.items()}
        active = tuple(
            hit
            for hit in hits
            if hit.role not in ("pseudo", "termination")
            and not any(a <= hit.start and hit.end <= b for a, b in blocked.get(hit.qualifier, ()))
        )
        return cls(active, blocked, {name: tuple(positions) for name, positions in stops.items()})

    def qualifiers(
        self, start: int, end: int, tokens: Tokens, quoted: tuple[bool, ...], inside: Collection[str] = ()
    ) -> dict[str, CueHit]:
        """The qualifiers of the span of tokens `start` to `end`, each with the cue that gives it.

        A cue inside the span is part of what is said, not a comment on it, except those of `inside`. A cue outside a
        quotation does not reach into it, unless it acts on the whole sentence or text.
        """
        found: dict[str, CueHit] = {}
        for cue in self.cues:
            if cue.qualifier in found:
                continue
            within = start < cue.start and cue.end < end and cue.role == "preceding" and cue.qualifier in inside
            if within or self._reaches(cue, start, end, tokens, quoted):
                found[cue.qualifier] = cue
        return found

    def _reaches(self, cue: CueHit, start: int, end: int, tokens: Tokens, quoted: tuple[bool, ...]) -> bool:
        if cue.role == "text":
            return quoted[cue.start] <= quoted[start]
        if not tokens.begins[start] <= cue.start < tokens.stops[end - 1] or (start <= cue.start and cue.end <= end):
            return False
        if cue.role == "sentence":
            return not quoted[cue.start] or quoted[start]
        if quoted[cue.start] != quoted[start]:
            return False
        if cue.role == "preceding":
            near = cue.start < start and start - cue.end < cue.window
            return near and not self._ended(cue.qualifier, cue.end, start)
        near = cue.start >= end and cue.start - end < cue.window
        return near and not self._ended(cue.qualifier, end, cue.start)

    def _ended(self, qualifier: str, start: int, end: int) -> bool:
        return any(start <= position < end for position in self.terminations.get(qualifier, ()))
