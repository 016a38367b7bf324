"""Who vouches for the sender of a mail: the checks that the recipient's server wrote in its headers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import authres

from triage.attachments.domains import domain, organisation
from triage.attachments.model import Hop
from triage.attachments.wording import flat

PASS = "pass"  # noqa: S105 (a result, not a secret)
_NEAR = 3  # servers, from the recipient's side, that may vouch for the sender
_NOBODY = "unknown"  # stands for the server's name where it is left out, as some large services do
_RESULT_FIRST = re.compile(r"\s*\w+\s*=\s*\w+")
_WORD = re.compile(r"[a-z]+")
_METHODS = ("spf", "dkim", "dmarc")


@dataclass(frozen=True)
class Word:
    """The result of each check, "" when it is not told.

    `signer` is the domain whose signature passed. `forged` when results are written, but by a server that is not the
    recipient's: they are then left out.
    """

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    signer: str = ""
    forged: bool = False


def vouched(results: str, received_spf: str, hops: tuple[Hop, ...]) -> Word:
    """What the topmost Authentication-Results says (lower ones may be the sender's own), else Received-SPF."""
    parsed = _parsed(flat(results))
    if parsed is None:
        found = _WORD.match(received_spf.strip().lower())
        return Word(spf=found[0] if found else "")
    if not _is_recipients(str(parsed.authserv_id or ""), hops):
        return Word(forged=True)
    best = {str(one.method).lower(): one for one in sorted(parsed.results, key=_passes)}
    spf, dkim, dmarc = (str(best[method].result or "").lower() if method in best else "" for method in _METHODS)
    return Word(spf, dkim, dmarc, _signer(best["dkim"]) if dkim == PASS else "")


def _parsed(results: str) -> authres.AuthenticationResultsHeader | None:
    if _RESULT_FIRST.match(results):
        results = f"{_NOBODY}; {results}"
    try:
        return authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {results}")
    except (authres.AuthResError, ValueError, IndexError):
        return None


def _is_recipients(server: str, hops: tuple[Hop, ...]) -> bool:
    """Whether one of the last servers on the way has the same owner as `server`; unknown owners are believed."""
    owners = {organisation(hop.by) for hop in hops[:_NEAR] if "." in hop.by}
    return server == _NOBODY or not owners or organisation(server) in owners


def _passes(result: authres.AuthenticationResult) -> bool:
    """Puts last, hence retains, the best of several signatures."""
    return str(result.result).lower() == PASS


def _signer(result: authres.AuthenticationResult) -> str:
    told = getattr(result, "header_d", None) or getattr(result, "header_i", None) or ""
    return domain(str(told))
