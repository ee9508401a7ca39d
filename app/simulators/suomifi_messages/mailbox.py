"""Messages, attachments and events that have arrived."""

import base64
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.simulators.store import Record, Store
from app.simulators.suomifi_messages.bodies import Message

ATTACHMENT_SECONDS = 24 * 3600
EVENT_SECONDS = 60 * 24 * 3600
EVENTS_PER_CALL = 1000


@dataclass(frozen=True)
class Attachment:
    """A file waiting to be named in a message, or named in one."""

    id: str
    filename: str
    media_type: str
    content: bytes

    def described(self) -> dict[str, Any]:
        return {
            "attachmentId": self.id,
            "filename": self.filename,
            "mediaType": self.media_type,
            "sizeBytes": len(self.content),
        }


class Mailbox:
    """Everything is kept in the store; a message's id is its record's id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep_attachment(self, filename: str, media_type: str, content: bytes) -> str:
        """The new attachment's id; it must be used within ATTACHMENT_SECONDS."""
        attachment_id = str(uuid4())
        body = {"filename": filename, "media_type": media_type, "content": base64.b64encode(content).decode()}
        self._store.add("messages/attachment", attachment_id, body, seconds=ATTACHMENT_SECONDS)
        return attachment_id

    def attachment(self, attachment_id: str) -> Attachment | None:
        kept = self._store.get("messages/attachment", attachment_id)
        if kept is None:
            return None
        content = base64.b64decode(kept["content"])
        return Attachment(attachment_id, kept["filename"], kept["media_type"], content)

    def deliver(self, message: Message) -> tuple[int, bool]:
        """The message's id and whether it is new; the same externalId of a service is delivered once."""
        key = f"{message.sender.service_id}/{message.external_id}"
        body = {"received": time.time(), "message": message.model_dump(by_alias=True)}
        message_id = self._store.add("messages/message", key, body)
        if message_id is None:
            return self._store.get("messages/id", key) or 0, False
        self._store.add("messages/id", key, message_id)
        self._keep_files(message)
        self._record_event("Electronic message created", message_id, message)
        return message_id, True

    def message(self, message_id: int) -> Record | None:
        return self._store.find("messages/message", message_id)

    def messages(self) -> list[Record]:
        """All messages, newest first."""
        return self._store.records("messages/message")[::-1]

    def events(self, after: int) -> list[Record]:
        return self._store.records("messages/event", after=after, limit=EVENTS_PER_CALL)

    def _keep_files(self, message: Message) -> None:
        for named in message.electronic.attachments:
            body = self._store.get("messages/attachment", named.attachment_id)
            self._store.put("messages/attachment", named.attachment_id, body)

    def _record_event(self, event_type: str, message_id: int, message: Message) -> None:
        body = {
            "type": event_type,
            "eventTime": datetime.now(UTC).isoformat(),
            "metadata": {
                "messageId": message_id,
                "serviceId": message.sender.service_id,
                "externalId": message.external_id,
            },
        }
        self._store.add("messages/event", str(uuid4()), body, seconds=EVENT_SECONDS)
