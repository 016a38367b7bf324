"""Under attack only: browsers are asked for a proof of work (ALTCHA), made and checked here, with no other service."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import MutableMapping

import altcha
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from limits import RateLimitItemPerMinute

from triage.web.access import office_of
from triage.web.limits import Limiter, limited

router = APIRouter(include_in_schema=False)

ALGORITHM = "PBKDF2/SHA-256"
# Rounds of one try, and most tries: a second of work on a phone, a millisecond to check.
COST, TRIES = 2_000, 1_000
LIFETIME = 600  # seconds
# Forms a minute, for the whole service, that are taken in without a proof: some people have no scripts.
WITHOUT = 20
_LONGEST = 4_000  # characters of a solution
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@router.get("/preuve", dependencies=[limited()])
def new_challenge(request: Request) -> Response:
    """Another challenge, for whoever takes longer to write than the first one lasts."""
    made = challenge(request)
    return Response(made, media_type="application/json") if made else JSONResponse(None, status_code=404)


def challenge(request: Request) -> str:
    """The challenge to solve, as JSON; empty in ordinary times."""
    if not request.app.state.settings.altcha:
        return ""
    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=secrets.randbelow(TRIES),
        expires_at=int(time.time()) + LIFETIME,
        hmac_secret=_secret(request),
    )
    return json.dumps(made.to_dict())


def accepted(request: Request, solved: str, sent: bytes = b"") -> bool:
    """Whether a form may be taken in. A proof serves once; with `sent`, a digest of the form, again for the same form.

    No proof, or one that is too old: a few forms a minute are taken in all the same.
    """
    if not request.app.state.settings.altcha:
        return True
    if not solved:
        return _within_budget(request)
    payload = _read(solved)
    if payload is None:
        return False
    checked = altcha.verify_solution(payload, _secret(request))
    if checked.expired:
        return _within_budget(request)
    return checked.verified and _first_use(request, payload.challenge.parameters, sent or secrets.token_bytes(16))


def _secret(request: Request) -> bytes:
    return office_of(request).ring.digest("altcha")


def _within_budget(request: Request) -> bool:
    limiter: Limiter = request.app.state.limiter
    return limiter.hit_everywhere(RateLimitItemPerMinute(WITHOUT), "without proof", _secret(request))


def _read(solved: str) -> altcha.Payload | None:
    try:
        return altcha.Payload.from_base64(solved) if len(solved) <= _LONGEST else None
    except _MALFORMED:
        return None


def _first_use(request: Request, parameters: altcha.ChallengeParameters, sent: bytes) -> bool:
    """Remembers, until it expires, what a verified challenge was solved for; here while the store does not answer."""
    state, now, ring = request.app.state, time.time(), office_of(request).ring
    key, made_for = ring.digest("proof", parameters.nonce), ring.digest("proof for", sent)
    first: bool | None = state.limiter.first_use(key, made_for, (parameters.expires_at or 0) - now)
    if first is not None:
        return first
    if not hasattr(state, "proofs"):
        state.proofs = {}
    used: MutableMapping[str, tuple[int, bytes]] = state.proofs
    for nonce in [nonce for nonce, (until, _) in list(used.items()) if until < now]:
        used.pop(nonce, None)
    return used.setdefault(parameters.nonce, (parameters.expires_at or 0, sent))[1] == sent
