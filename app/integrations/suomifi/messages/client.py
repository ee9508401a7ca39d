"""Suomi.fi Messages over its REST interface."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx

from app.integrations.http import CALL_SECONDS, OutsideClient, Rejected
from app.integrations.suomifi.messages.port import Attachment, Event, KeptMessage, NoMailbox, OutgoingNotice
from app.integrations.suomifi.messages.wire import (
    ActiveMailboxes,
    Events,
    Kept,
    Sent,
    Token,
    Uploaded,
    error_codes,
    message_body,
)
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "suomifi-messages"
MAILBOXES_PER_CALL = 10_000


@dataclass(frozen=True)
class MessagesConfig:
    """The county's account and the service in whose name it sends.

    `no_mailbox_code`: the error code by which the interface refuses a recipient without a mailbox. It is not
    published; until it is known from the test environment, such a refusal elsewhere is an ordinary `Rejected`.
    """

    base_url: str
    username: str
    password: str = field(repr=False)
    service_id: str
    seconds: float = CALL_SECONDS
    no_mailbox_code: str = "MAILBOX_NOT_ACTIVE"


class SuomifiMessages:
    """Implements the port `Messages`. Long-lived: it keeps connections and the access token."""

    def __init__(self, config: MessagesConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)
        self._password = config.password
        self._token: str | None = None

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        await self._new_token()

    async def send(self, notice: OutgoingNotice) -> int:
        # Files left over by a sending that fails afterwards are removed by the interface within 24 hours.
        attachment_ids = [await self._upload(attachment) for attachment in notice.attachments]
        body = message_body(notice, self._config.service_id, attachment_ids)
        try:
            # 409: sent before under the same externalId, which is what was wanted.
            answer = await self._post("/v2/messages/electronic", json=body, accept=frozenset({409}))
        except Rejected as rejected:
            if self._config.no_mailbox_code in error_codes(rejected.body):
                raise NoMailbox(SYSTEM, "no mailbox", status=rejected.status, body=rejected.body) from None
            raise
        return self._outside.check(answer, Sent).message_id

    async def active_mailboxes(self, identity_codes: Iterable[str]) -> frozenset[str]:
        parts = _in_parts(dict.fromkeys(identity_codes), MAILBOXES_PER_CALL)
        return frozenset([code for part in parts for code in await self._active(part)])

    async def events(self, continuation: str | None = None) -> tuple[tuple[Event, ...], str]:
        query = {} if continuation is None else {"continuationToken": continuation}
        found = self._outside.check(await self._authorised("GET", "/v2/events", params=query), Events)
        return found.read(), found.continuation_token

    async def message(self, message_id: int) -> KeptMessage:
        return self._outside.check(await self._authorised("GET", f"/v2/messages/{message_id}"), Kept).read()

    async def attachment(self, attachment_id: str) -> bytes:
        return (await self._authorised("GET", f"/v1/attachments/{quote(attachment_id, safe='')}")).content

    async def change_password(self, new_password: str) -> None:
        # With a fresh token, because a refusal does not tell a stale token from a password that is too weak.
        body = {
            "accessToken": await self._new_token(),
            "currentPassword": self._password,
            "newPassword": new_password,
        }
        await self._outside.call("POST", "/v1/change-password", json=body, idempotent=False)
        self._password, self._token = new_password, None

    async def _active(self, identity_codes: list[str]) -> list[str]:
        body = {"endUsers": [{"id": code} for code in identity_codes]}
        found = self._outside.check(await self._post("/v1/mailboxes/active", json=body), ActiveMailboxes)
        return [user.id for user in found.end_users_with_active_mailbox]

    async def _upload(self, attachment: Attachment) -> str:
        file = (attachment.filename, attachment.content, attachment.media_type)
        answer = await self._post("/v2/attachments", files={"file": file})
        return self._outside.check(answer, Uploaded).attachment_id

    async def _post(self, path: str, **options: Any) -> httpx.Response:
        """A POST that may be repeated: messages have a key, questions change nothing, unused files vanish."""
        return await self._authorised("POST", path, idempotent=True, **options)

    async def _authorised(
        self, method: str, path: str, *, accept: frozenset[int] = frozenset(), **options: Any
    ) -> httpx.Response:
        """One call with the token at hand; where that is no longer accepted, one more with a new one."""
        token = self._token or await self._new_token()
        answer = await self._outside.call(method, path, headers=_bearer(token), accept=accept | {401}, **options)
        if answer.status_code != 401:
            return answer
        token = await self._new_token()
        return await self._outside.call(method, path, headers=_bearer(token), accept=accept, **options)

    async def _new_token(self) -> str:
        credentials = {"username": self._config.username, "password": self._password}
        token = await self._outside.read(Token, "POST", "/v1/token", json=credentials, idempotent=True)
        self._token = token.access_token
        return token.access_token


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _in_parts(items: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
