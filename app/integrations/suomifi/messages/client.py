"""Suomi.fi Messages over its REST interface."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from app.domain.text import LANGUAGES, Text
from app.integrations.http import CALL_SECONDS, OutsideClient, Unavailable
from app.integrations.suomifi.messages.port import OutgoingNotice

SYSTEM = "suomifi-messages"


@dataclass(frozen=True)
class MessagesConfig:
    """The county's account and the service in whose name it sends."""

    base_url: str
    username: str
    password: str = field(repr=False)
    service_id: str
    seconds: float = CALL_SECONDS


class SuomifiMessages:
    """Implements the port `Messages`. Long-lived: it keeps connections and the access token."""

    def __init__(self, config: MessagesConfig) -> None:
        self._config = config
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds)
        self._token: str | None = None

    async def close(self) -> None:
        await self._outside.close()

    async def send(self, notice: OutgoingNotice) -> int:
        answer = await self._authorised(
            "/v2/messages/electronic", _message_body(notice, self._config.service_id), accept=frozenset({409})
        )
        body = self._outside.json(answer)
        message_id = body.get("messageId") if isinstance(body, dict) else None
        if not isinstance(message_id, int) or isinstance(message_id, bool):
            raise Unavailable(SYSTEM, "no messageId")
        return message_id

    async def _authorised(self, path: str, body: dict[str, Any], *, accept: frozenset[int]) -> httpx.Response:
        """One call with the token at hand; where that is no longer accepted, one more with a new one."""
        token = self._token or await self._new_token()
        answer = await self._post(path, body, token, accept | {401})
        if answer.status_code != 401:
            return answer
        return await self._post(path, body, await self._new_token(), accept)

    async def _post(self, path: str, body: dict[str, Any], token: str, accept: frozenset[int]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return await self._outside.call("POST", path, json=body, headers=headers, accept=accept)

    async def _new_token(self) -> str:
        credentials = {"username": self._config.username, "password": self._config.password}
        body = await self._outside.call_json("POST", "/v1/token", json=credentials)
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise Unavailable(SYSTEM, "no access_token")
        self._token = token
        return token


def _message_body(notice: OutgoingNotice, service_id: str) -> dict[str, Any]:
    return {
        "externalId": notice.external_id,
        "recipient": {"id": notice.recipient_identity_code},
        "sender": {"serviceId": service_id},
        "electronic": {
            "title": notice.title,
            "body": notice.body,
            "bodyFormat": "Text",
            "messageServiceType": "Normal",
            "replyAllowedBy": "No one",
            "visibility": "Normal",
            "attachments": [],
            "notifications": {
                "senderDetailsInNotifications": "Organisation and service name",
                "unreadMessageNotification": {"reminder": "Default reminder"},
                "customisedNewMessageNotification": {
                    "title": _wording(notice.notification_title),
                    "content": _wording(notice.notification_content),
                },
            },
        },
    }


def _wording(text: Text) -> dict[str, str]:
    return {language: text.to(language) for language in LANGUAGES}
