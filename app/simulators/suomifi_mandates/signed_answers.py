"""Answers as signed tokens (RS256), for services that keep a proof of what they were told."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from app.simulators.store import Store

ANSWER_SECONDS = 300


class AnswerSigner:
    """Signs with one key, which is made once and kept."""

    def __init__(self, store: Store, *, issuer: str) -> None:
        self._issuer = issuer
        self._store = store
        self._made: RSAKey | None = None

    def public_keys(self) -> dict[str, Any]:
        return {"keys": [{**self._key().as_dict(private=False), "use": "sig", "alg": "RS256"}]}

    def sign(self, subject: str, audience: str, claims: Mapping[str, Any]) -> str:
        """A token about `claims`; `subject` names the question, `audience` is the service's id."""
        now = int(time.time())
        protocol = {"iss": self._issuer, "aud": audience, "sub": subject, "iat": now, "exp": now + ANSWER_SECONDS}
        key = self._key()
        return jwt.encode({"alg": "RS256", "kid": key.kid}, {**claims, **protocol}, key, algorithms=["RS256"])

    def _key(self) -> RSAKey:
        # Made when first needed: most runs never ask, and making one takes long.
        if self._made is None:
            self._made = self._kept() or self._fresh()
        return self._made

    def _kept(self) -> RSAKey | None:
        kept = self._store.get("suomifi-mandates/key", "signing")
        return RSAKey.import_key(kept) if kept else None

    def _fresh(self) -> RSAKey:
        key = RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(8)}, private=True)
        self._store.add("suomifi-mandates/key", "signing", key.as_dict(private=True))
        return key
