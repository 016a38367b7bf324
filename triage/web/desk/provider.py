"""The operator's OIDC provider (ProConnect): authorization code, PKCE, nonce and state, by Authlib."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from httpx2 import HTTPError, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from triage.desk.office import DeskError
from triage.desk.people.identities import Identity
from triage.settings import Settings

_LOG = logging.getLogger(__name__)
# What is asked for, where the provider offers it: ProConnect's own names, and those of the standard.
_SCOPES = ("openid", "email", "profile", "given_name", "usual_name", "idp_id")
_SIGNED = ("RS256", "ES256")
_REGISTRY = JWSRegistry(algorithms=[*_SIGNED], strict_check_header=False)
_PATIENCE = 8.0  # seconds
_LEEWAY = 60


class ProviderError(DeskError):
    """The provider did not confirm who it is: it is down, refuses, or says something that cannot be trusted."""


@dataclass(frozen=True)
class Begun:
    """What is kept in the browser until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider, as its discovery document describes it."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.oidc_name
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._acr, self._amr = settings.oidc_acr.split(), settings.oidc_amr.split()
        self._client = StarletteOAuth2App(
            StarletteIntegration("oidc"),
            client_id=settings.oidc_client,
            client_secret=settings.oidc_secret.get_secret_value(),
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={"code_challenge_method": "S256", "timeout": _PATIENCE},
        )

    async def begin(self, back: str) -> Begun:
        """Where to send the browser, which comes back to `back`. Raises ProviderError."""
        with _told_plainly(self.name):
            offered = (await self._metadata()).get("scopes_supported") or _SCOPES[:3]
            scope = " ".join(one for one in _SCOPES if one in offered)
            made = await self._client.create_authorization_url(back, scope=scope, **self._levels())
            return Begun(made["url"], made["state"], made["nonce"], made["code_verifier"])

    async def finish(self, begun: Begun, code: str, back: str) -> Identity:
        """Who came back with `code`. Raises ProviderError."""
        with _told_plainly(self.name):
            await self._metadata()
            token = await self._client.fetch_access_token(back, code=code, code_verifier=begun.verifier)
            claims = await self._claims(token, begun.nonce)
            known = {**await self._userinfo(token, claims["sub"]), **claims}
        self._check_level(claims)
        email = str(known.get("email") or "") if known.get("email_verified", True) in (True, "true") else ""
        vouched_by = str(known.get("idp_id") or "")[:100]
        return Identity(self._issuer, str(claims["sub"]), email, token["id_token"], vouched_by)

    async def leaving(self, id_token: str, back: str) -> str:
        """Where to send the browser to leave the provider too; empty when it offers nothing of the kind."""
        with _told_plainly(self.name):
            if not (await self._metadata()).get("end_session_endpoint"):
                return ""
            made = await self._client.create_logout_url(post_logout_redirect_uri=back, id_token_hint=id_token)
            return str(made["url"])

    async def _metadata(self) -> Mapping[str, Any]:
        host = urlsplit(self._issuer)
        if host.scheme != "https" and host.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ProviderError(f"L'adresse de {self.name} ne commence pas par « https: » : vérifiez les réglages.")
        found: dict[str, Any] = await self._client.load_server_metadata()
        if str(found.get("issuer", "")).rstrip("/") != self._issuer:
            raise ProviderError(f"{self.name} ne répond pas sous l'adresse attendue : vérifiez les réglages.")
        found["id_token_signing_alg_values_supported"] = [*_SIGNED]
        return found

    async def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """What the provider signed. Authlib checks for whom it is only when asked to."""
        metadata = await self._metadata()
        expected = {"iss": metadata["issuer"], "aud": self._client.client_id}
        options = {name: {"essential": True, "values": [value]} for name, value in expected.items()}
        found = await self._client.parse_id_token(token, nonce, claims_options=options, leeway=_LEEWAY)
        if found is None:
            raise ProviderError(f"{self.name} n'a pas dit qui vous êtes. Recommencez.")
        return dict(found)

    async def _userinfo(self, token: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        """What the provider adds of that person: JSON, or a signed JWT as ProConnect's. Nothing of anybody else."""
        address = (await self._metadata()).get("userinfo_endpoint")
        if not address:
            return {}
        answer: Response = await self._client.get(address, token=token)
        answer.raise_for_status()
        signed = answer.headers.get("content-type", "").startswith("application/jwt")
        found = await self._opened(answer.text) if signed else answer.json()
        if found.get("sub") != subject:
            raise ProviderError(f"{self.name} a répondu pour quelqu'un d'autre. Recommencez.")
        return dict(found)

    async def _opened(self, signed: str) -> Mapping[str, Any]:
        keys = KeySet.import_key_set(await self._client.fetch_jwk_set())
        claims = jwt.decode(signed.strip(), keys, registry=_REGISTRY).claims
        jwt.JWTClaimsRegistry(leeway=_LEEWAY, aud={"values": [self._client.client_id]}).validate(claims)
        return claims

    def _levels(self) -> dict[str, str]:
        """How strongly people have to be identified, asked of the provider."""
        if not self._acr and not self._amr:
            return {}
        acr: dict[str, Any] = {"acr": {"essential": True, "values": self._acr}} if self._acr else {}
        amr: dict[str, Any] = {"amr": {"essential": True}} if self._amr else {}
        asked = {"claims": json.dumps({"id_token": {**acr, **amr}})}
        return {**asked, "acr_values": " ".join(self._acr)} if self._acr else asked

    def _check_level(self, claims: Mapping[str, Any]) -> None:
        methods = claims.get("amr") or []
        if (self._acr and claims.get("acr") not in self._acr) or (self._amr and not set(self._amr) & {*methods}):
            raise ProviderError(
                f"{self.name} ne vous a pas identifié assez sûrement. Recommencez avec un second facteur."
            )


@cache
def provider_of(settings: Settings) -> Provider | None:
    """The provider that `settings` name, if they do."""
    return Provider(settings) if settings.oidc_issuer else None


@contextmanager
def _told_plainly(name: str) -> Iterator[None]:
    try:
        yield
    except (HTTPError, AuthlibBaseError, JoseError, KeyError, TypeError, ValueError, RuntimeError) as error:
        _LOG.warning("the OIDC provider failed: %s", type(error).__name__)
        raise ProviderError(
            f"{name} ne répond pas comme prévu. Recommencez, ou entrez avec votre mot de passe."
        ) from error
