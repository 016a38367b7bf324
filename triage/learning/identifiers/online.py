"""The shapes of what designates somebody online: e-mail and web addresses, accounts, machines, wallets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.desk.extraction import ExtractionPolicy
from triage.document.folding import fold
from triage.intake import indicators
from triage.learning.identifiers.plain import Found

_HANDLE = re.compile(r"(?<![\w.@/])@[\w](?:[\w.\-]{0,38}\w)?(?:@[\w.\-]+\w)?")
_SPACED_HANDLE = re.compile(r"(?<!\w)@ ([a-z_]\w{3,28}(?: \d{1,4}(?!\w))?)", re.IGNORECASE)
_UNDERSCORED = re.compile(r"(?<![\w.@/])_?[A-Za-z]\w*_\w*[A-Za-z0-9]_?(?!\w)")
_REDDIT = re.compile(r"(?<!\w)u/([\w\-]{3,30})")
_NUMBERED = re.compile(r"(?<!\w)[\w.]{2,32}#\d{4}(?!\d)")
# No ordinary word: a digit, a full stop, a capital within.
_TOLD = (
    r"(?=[\w.\-:#]*(?:[\d_#]|\w:\w|[a-z]\.[a-z]|[a-z][A-Z]))"
    r"(?:[A-Za-z_][\w.\-:]{1,38}[A-Za-z0-9_]|[\w.]{2,32}#\d{4})"
)
_PATH = re.compile(r"(?<![\w@.\-/])(?:[\w\-]{1,63}\.){1,4}[A-Za-z]{2,24}/[^\s<>«»\"]+")
_SCHEME = re.compile(r"(?<!\w)(?:https?|hxxps?|ftp)://[^\s<>«»\"]+", re.IGNORECASE)
_WWW = re.compile(r"(?<![\w@.\-])www\.[\w\-]+(?:\.[\w\-]+)+(?:/[^\s<>«»\"]*)?", re.IGNORECASE)
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:(?:\.|\[\.\])\d{1,3}){3}(?![\w.]?\d)")
_END = ".,;:!?)»]'’"
_KINDS = {"ip": "ip", "crypto": "portefeuille"}


class Online:
    """Finds by shape, and by the words of `policy` that announce an account or spell a sign."""

    def __init__(self, policy: ExtractionPolicy) -> None:
        spoken = policy.spoken
        said = rf"(?: ?[\[(] ?(?:{_any([*spoken.dot, '.'])}) ?[\])] ?| (?:{_any(spoken.dot)}) | \. )"
        apart = rf"(?: @ | (?:{_any(_long(spoken.at))}) )(?=[\w\-]+(?:\.\w|{said}))"
        at = rf"(?:@+| ?[\[(] ?(?:{_any([*spoken.at, '@'])}) ?[\])] ?|{apart})"
        joined = rf"(?:{said}| (?:{_any(spoken.dash)}) )"
        # Bounded: a text of « a.a.a.… » would else be read again from each of its letters.
        local = rf"[\w+•.\-]{{1,64}}(?:{joined}[\w+\-]{{1,64}}){{0,8}}"
        suffix = _any(spoken.suffixes)
        host = rf"(?:[\w\-]+(?:(?:\.|{said})[\w\-]+)+|[\w\-]+,(?:{suffix})\b|(?:{_any(policy.mailboxes)})\b)"
        self._mail = re.compile(rf"(?<![\w@]){local}{at}{host}", re.IGNORECASE)
        self._heard = re.compile(rf"(?<!\w)[\w\-]{{5,63}}{said}(?:{suffix})(?:/\S*)?(?!\w)", re.IGNORECASE)
        cue, between = _any([*policy.networks, *policy.accounts]), _any(policy.between)
        self._cued = re.compile(
            rf"(?<!\w)(?i:{cue})(?:[ \"«“:,]+(?i:{cue}))?(?:[ ]*(?<!\w)(?i:{between})(?!\w)|[ ]*[:=«\"“(,]){{0,4}}"
            rf"[ ]*(?:(?i:un|une|mon|son|le|la) )?(?P<name>{_TOLD})(?!\w)"
        )
        self._sites = frozenset(policy.sites)
        self._brands = {fold(one) for one in (*policy.networks, *policy.not_names)}

    def __call__(self, text: str) -> Iterator[Found]:
        """All that has such a shape in `text`, a plain copy; several may overlap."""
        yield from self._mails(text)
        yield from self._links(text)
        yield from self._accounts(text)
        for one in indicators.find(text):
            if one.kind in _KINDS:
                yield Found(_KINDS[one.kind], one.value.lower(), one.start, one.end)
        for match in _IP.finditer(text):
            value = match[0].replace("[.]", ".")
            if all(int(part) < 256 for part in value.split(".")):
                yield Found("ip", value, *match.span())

    def _mails(self, text: str) -> Iterator[Found]:
        for match in self._mail.finditer(text):
            told = match[0].rstrip(_END)
            start = match.start() + len(told) - len(told.lstrip(".-"))
            yield Found("courriel", _folded(told), start, match.start() + len(told))

    def _links(self, text: str) -> Iterator[Found]:
        for one in indicators.find(text):
            if one.kind == "url" and self._designates(one.value):
                yield Found("lien", _address(one.value), one.start, one.end)
        for pattern in (_SCHEME, _PATH, _WWW, self._heard):
            for match in pattern.finditer(text):
                told = match[0].rstrip(_END)
                if self._designates(told):
                    yield Found("lien", _address(told), match.start(), match.start() + len(told))

    def _designates(self, address: str) -> bool:
        """Whether it is more than the door of a site that everybody uses."""
        plain = _address(address)
        return plain.removeprefix("m.") not in self._sites

    def _accounts(self, text: str) -> Iterator[Found]:
        for match in _HANDLE.finditer(text):
            yield Found("compte", _folded(match[0]), *match.span())
        for pattern in (_REDDIT, _SPACED_HANDLE):
            for match in pattern.finditer(text):
                yield Found("compte", _folded(match[1]), *match.span(1))
        for pattern in (_NUMBERED, _UNDERSCORED):
            for match in pattern.finditer(text):
                yield Found("compte", _folded(match[0]), *match.span())
        for match in self._cued.finditer(text):
            told = match["name"]
            if fold(told) not in self._brands:
                yield Found("compte", _folded(told), *match.span("name"))


def _folded(told: str) -> str:
    return "".join(sign for sign in fold(told) if not sign.isspace()).lstrip("@")


def _address(told: str) -> str:
    """A web address whatever its spelling: no scheme, no « www », no disguise, no final bar."""
    plain = told.lower().replace("[.]", ".").replace(" . ", ".")
    plain = re.sub(r"^(?:https?|hxxps?)://", "", plain)
    return re.sub(r"^www\.", "", plain).rstrip("/")


def _any(told: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, told), key=len, reverse=True))


def _long(told: Iterable[str]) -> list[str]:
    """« a » alone is a word too common to stand for @ without brackets."""
    return [one for one in told if len(one) > 1]
