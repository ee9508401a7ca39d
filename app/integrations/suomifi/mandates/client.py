"""Suomi.fi mandates over the Web API, in the mode where a person acts for a person (HPA)."""

import hmac
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from app.domain.text import Language
from app.integrations.http import CALL_SECONDS, OutsideClient, Rejected
from app.integrations.suomifi.mandates.port import (
    Access,
    Begun,
    ChoiceCancelled,
    ChoiceRefused,
    Pending,
    Principal,
    Roles,
    SessionEnded,
)
from app.integrations.suomifi.mandates.wire import (
    CHECKSUM_HEADER,
    Decision,
    Person,
    RoleList,
    Session,
    Token,
    address,
    checksum,
)
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "suomifi-mandates"

Shape = TypeVar("Shape")


@dataclass(frozen=True)
class MandatesConfig:
    """The county's e-service as registered with Suomi.fi mandates.

    `base_url` has no default: published sources spell the host in two ways, so it is taken from the registration.
    `browser_url` is where browsers find the same service, where that is another address than ours.
    """

    base_url: str
    client_id: str
    api_key: str = field(repr=False)
    oauth_password: str = field(repr=False)
    browser_url: str | None = None
    seconds: float = CALL_SECONDS


def _now() -> datetime:
    return datetime.now(UTC)


class SuomifiMandates:
    """Implements the port `Mandates`. `now` is the clock by which requests are signed."""

    def __init__(self, config: MandatesConfig, watch: Watch = NO_WATCH, *, now: Callable[[], datetime] = _now) -> None:
        self._config = config
        self._now = now
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        path = address("user", "unregister", "probe")  # a session that nobody has: it is over already
        answer = await self._outside.call("GET", path, headers=self._signed(path), accept=frozenset({401}))
        if answer.status_code != 401:
            self._outside.check(answer, bool)

    async def begin(self, *, delegate: str, return_url: str, language: Language, request_id: str) -> Begun:
        path = address("user", "register", self._config.client_id, delegate, query=[("requestId", request_id)])
        session = await self._outside.read(Session, "GET", path, headers=self._signed(path))
        state = secrets.token_urlsafe(24)
        pending = Pending(session.session_id, session.user_id, state, return_url, request_id)
        return Begun(self._choosing_url(pending, language), pending)

    async def finish(self, pending: Pending, callback: Mapping[str, str]) -> Access:
        _check_state(pending, callback)
        if "error" in callback:
            raise ChoiceCancelled
        code = callback.get("code")
        if not code:
            raise ChoiceRefused("no_code")
        return Access(pending.session_id, await self._redeem(code, pending.return_url), pending.request_id)

    async def principals(self, access: Access) -> tuple[Principal, ...]:
        path = address("api", "delegate", access.session_id, query=_request(access))
        people = await self._ask(list[Person], path, access)
        return tuple(Principal(person.person_id, person.name) for person in people)

    async def roles(self, access: Access, principal: str) -> Roles:
        path = address("api", "authorizationlist", access.session_id, principal, query=_request(access))
        return Roles(frozenset((await self._ask(RoleList, path, access)).roles))

    async def is_allowed(self, access: Access, principal: str, themes: Collection[str] = ()) -> bool:
        query = [*_request(access), *(("issues", theme) for theme in themes)]
        path = address("api", "authorization", access.session_id, principal, query=query)
        return (await self._ask(Decision, path, access)).result == "ALLOWED"

    async def end(self, access: Access) -> None:
        path = address("user", "unregister", access.session_id)
        # 401: the session is over already, which is what was wanted.
        await self._outside.call("GET", path, headers=self._signed(path), accept=frozenset({401}))

    async def _ask(self, shape: type[Shape], path: str, access: Access) -> Shape:
        headers = {**self._signed(path), "Authorization": f"Bearer {access.access_token}"}
        answer = await self._outside.call("GET", path, headers=headers, accept=frozenset({401}))
        if answer.status_code == 401:
            raise SessionEnded
        return self._outside.check(answer, shape)

    async def _redeem(self, code: str, return_url: str) -> str:
        query = {"code": code, "grant_type": "authorization_code", "redirect_uri": return_url}
        basic = (self._config.client_id, self._config.oauth_password)
        try:
            token = await self._outside.read(Token, "POST", "/oauth/token", params=query, auth=basic)
        except Rejected as rejected:
            # A browser that goes back and comes again brings a used code; that is no fault of ours.
            if isinstance(rejected.body, dict) and rejected.body.get("error") == "invalid_grant":
                raise ChoiceRefused("used_code") from None
            raise
        return token.access_token

    def _choosing_url(self, pending: Pending, language: Language) -> str:
        query = {
            "client_id": self._config.client_id,
            "response_type": "code",
            "redirect_uri": pending.return_url,
            "user": pending.user_id,
            "requestId": pending.request_id,
            "state": pending.state,
            "lang": language,
        }
        base = self._config.browser_url or self._config.base_url
        return f"{base.rstrip('/')}/oauth/authorize?{urlencode(query)}"

    def _signed(self, path_and_query: str) -> dict[str, str]:
        value = checksum(self._config.client_id, self._config.api_key, path_and_query, self._now())
        return {CHECKSUM_HEADER: value}


def _check_state(pending: Pending, callback: Mapping[str, str]) -> None:
    """Raises ChoiceRefused on a state that isn't ours. Suomi.fi documents `?error=` without a state, which harms
    nobody: it only ends what had been begun."""
    if "error" in callback and "state" not in callback:
        return
    if not hmac.compare_digest(callback.get("state", "").encode(errors="replace"), pending.state.encode()):
        raise ChoiceRefused("wrong_state")


def _request(access: Access) -> list[tuple[str, str]]:
    return [("requestId", access.request_id)]
