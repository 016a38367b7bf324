"""Signs what is sent to a webhook, so that its receiver knows that it comes from here, and is not a copy.

The header `Triage-Signature` is « t=SECONDS,v1=HEX »: HEX is the HMAC-SHA256, under the shared secret, of the moment, a
dot and the body as received. A receiver refuses a moment more than five minutes away, and an `id` seen already.
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "Triage-Signature"
WINDOW = 300
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def signature(secret: bytes, body: bytes, moment: int) -> str:
    """The header's value for `body`, sent at `moment` (seconds since 1970)."""
    return f"t={moment},v1={_digest(secret, body, moment)}"


def genuine(secret: bytes, body: bytes, header: str, now: int) -> bool:
    """Whether `body` was signed with `secret` less than `WINDOW` seconds from `now`: what a receiver checks."""
    found = _FORM.fullmatch(header)
    if found is None or abs(now - int(found[1])) > WINDOW:
        return False
    return hmac.compare_digest(found[2], _digest(secret, body, int(found[1])))


def _digest(secret: bytes, body: bytes, moment: int) -> str:
    return hmac.new(secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
