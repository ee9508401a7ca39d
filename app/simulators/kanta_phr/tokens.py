"""Codes, access tokens and refresh tokens; each belongs to a grant, and ends with it.

A refresh token dies at use. Who uses a dead one may have stolen it, so the whole grant ends (RFC 9700, 4.14.2); the
same goes for codes (RFC 6749, 4.1.2).
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.simulators.kanta_phr.people import People, patient_id
from app.simulators.openid_provider.client_assertion import TokenRefused
from app.simulators.store import Store
from app.simulators.world import Resident

CODE_SECONDS = 60
ACCESS_SECONDS = 300
REFRESH_SECONDS = 365 * 24 * 3600
ACCESS, _REFRESH, _CODE = "kanta-phr/access", "kanta-phr/refresh", "kanta-phr/code"
_GRANT, _SPENT = "kanta-phr/grant", "kanta-phr/spent"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True)
class Consent:
    """What a person has allowed a client. `scopes` are separated by blanks."""

    client_id: str
    person: str
    scopes: str
    redirect_uri: str
    challenge: str


@dataclass(frozen=True)
class Holder:
    """Who comes with a token: whose record, and what may be done there."""

    patient: str
    scopes: frozenset[str]

    def may(self, resource_type: str, verb: str) -> bool:
        return f"patient/{resource_type}.{verb}" in self.scopes


class TokenDesk:
    """Gives out, renews and takes back; everything is kept in the store."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    def give_code(self, consent: Consent) -> str:
        """A code for one use within CODE_SECONDS."""
        code, grant = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        self._store.add(_GRANT, grant, asdict(consent), seconds=CODE_SECONDS)
        self._store.add(_CODE, code, grant, seconds=CODE_SECONDS)
        return code

    def redeem(self, client_id: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The token answer for a code. Raises TokenRefused."""
        grant, consent = self._spend(_CODE, form.get("code", ""), client_id)
        if consent.redirect_uri != form.get("redirect_uri"):
            raise self._ended(grant, "redirect_uri is another than before")
        if not _answers(form.get("code_verifier", ""), consent.challenge):
            raise self._ended(grant, "code_verifier does not answer the challenge")
        self._store.put(_GRANT, grant, asdict(consent))  # from now on without end
        return self._answer(grant, consent, consent.scopes)

    def renew(self, client_id: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The token answer for a refresh token, with a new one. Raises TokenRefused."""
        token, wanted = form.get("refresh_token", ""), form.get("scope", "").split()
        kept = self._grant(self._store.get(_REFRESH, token))
        if kept and not set(wanted) <= set(kept.scopes.split()):
            raise TokenRefused("invalid_scope", "scope is more than was allowed")
        grant, consent = self._spend(_REFRESH, token, client_id)
        return self._answer(grant, consent, " ".join(wanted) or consent.scopes)

    def revoke(self, client_id: str, token: str) -> None:
        """RFC 7009: with a refresh token everything ends, with an access token only that."""
        grant = self._store.get(_REFRESH, token)
        found = self._grant(grant)
        if found and found.client_id == client_id:
            self._store.take(_GRANT, str(grant))
            self._store.take(_REFRESH, token)
            return
        access = self._store.get(ACCESS, token)
        allowed = self._grant(access["grant"]) if access else None
        if allowed and allowed.client_id == client_id:
            self._store.take(ACCESS, token)

    def holder(self, token: str) -> Holder | None:
        """Who comes, or None where the token is unknown, expired or its grant has ended."""
        kept = self._store.get(ACCESS, token)
        consent = self._grant(kept["grant"]) if kept else None
        if kept is None or consent is None:
            return None
        return Holder(patient_id(consent.person), frozenset(kept["scopes"].split()))

    def grants(self) -> list[tuple[str, Resident, str]]:
        """Living grants as key, person, scopes: those that the person can withdraw."""
        kept = [(record.key, Consent(**record.body)) for record in self._store.records(_GRANT)]
        found = [(key, self._people.by_key(consent.person), consent.scopes) for key, consent in kept]
        return [(key, person, scopes) for key, person, scopes in found if person]

    def withdraw(self, grant: str) -> None:
        """As the person does on Kanta's own pages: every token of the grant is dead."""
        self._store.take(_GRANT, grant)

    def _spend(self, kind: str, token: str, client_id: str) -> tuple[str, Consent]:
        grant = self._store.take(kind, token)
        if grant is None:
            used = self._store.get(_SPENT, token)
            raise self._ended(used, "unknown, expired or used before")
        self._store.add(_SPENT, token, grant, seconds=REFRESH_SECONDS)
        consent = self._grant(grant)
        if consent is None or consent.client_id != client_id:
            raise self._ended(grant, "the consent has ended, or is another client's")
        return grant, consent

    def _answer(self, grant: str, consent: Consent, scopes: str) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        self._store.add(ACCESS, access, {"grant": grant, "scopes": scopes}, seconds=ACCESS_SECONDS)
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "scope": scopes,
            "patient": patient_id(consent.person),
        }
        if "offline_access" not in consent.scopes.split():
            return answer
        self._store.add(_REFRESH, refresh, grant, seconds=REFRESH_SECONDS)
        return {**answer, "refresh_token": refresh}

    def _grant(self, key: Any) -> Consent | None:
        kept = self._store.get(_GRANT, key) if isinstance(key, str) else None
        return Consent(**kept) if kept else None

    def _ended(self, grant: Any, description: str) -> TokenRefused:
        if isinstance(grant, str):
            self._store.take(_GRANT, grant)
        return TokenRefused("invalid_grant", description)


def _answers(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
