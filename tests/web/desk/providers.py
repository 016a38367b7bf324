"""OIDC providers for tests: a real one in a process of its own, and one that says what it is told to."""

from __future__ import annotations

import base64
import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT = "bureau"


@contextmanager
def mock() -> Iterator[str]:
    """The address of oidc-provider-mock, on « localhost »: another site than 127.0.0.1 for a browser."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{address}/.well-known/openid-configuration", timeout=5)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


class Federation:
    """A provider made like ProConnect: ES256, its own scopes, userinfo as a signed JWT, nothing of it in the id token.

    `claims`, `person` and the headers are what the test makes of them.
    """

    def __init__(self) -> None:
        self.app, self.key, self.address = FastAPI(), ECKey.generate_key("P-256", {"kid": "k1"}), ""
        self.claims: dict[str, Any] = {"sub": "sub-1", "acr": "eidas1", "amr": ["pwd", "mfa"]}
        self.person: dict[str, Any] = {"sub": "sub-1", "given_name": "Léa", "usual_name": "Martin", "idp_id": "fi-1"}
        self.signer: ECKey | None = None
        self.audience: str = CLIENT
        self.json_userinfo = False
        self.asked: dict[str, str] = {}
        self.down = False
        for path, answer in (
            ("/.well-known/openid-configuration", self._discovery),
            ("/jwks", self._jwks),
            ("/authorize", self._authorize),
            ("/userinfo", self._userinfo),
        ):
            self.app.get(path)(answer)
        self.app.post("/token")(self._token)

    def _discovery(self) -> dict[str, Any]:
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "fin"}
        scopes = ["openid", "given_name", "usual_name", "email", "idp_id", "siret"]
        return {
            "issuer": self.address,
            "jwks_uri": f"{self.address}/jwks",
            "scopes_supported": scopes,
            "id_token_signing_alg_values_supported": ["HS256", "ES256"],
            **{f"{name}_endpoint": f"{self.address}/{path}" for name, path in names.items()},
        }

    def _jwks(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def _authorize(self, request: Request) -> Response:
        self.asked = dict(request.query_params)
        back = {"code": "c1", "state": self.asked["state"]}
        return RedirectResponse(f"{self.asked['redirect_uri']}?{urlencode(back)}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        verifier = str(form.get("code_verifier", "")).encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode().rstrip("=")
        if self.down or challenge != self.asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {"nonce": self.asked["nonce"], **self.claims}
        return JSONResponse({"access_token": "a1", "token_type": "Bearer", "id_token": self._signed(told)})

    def _userinfo(self) -> Response:
        if self.json_userinfo:
            return JSONResponse(self.person)
        return Response(self._signed(self.person), media_type="application/jwt")

    def _signed(self, told: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {"iss": self.address, "aud": self.audience, "iat": now, "exp": now + 60, **told}
        return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, self.signer or self.key)
