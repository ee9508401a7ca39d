"""Messages, attachments and events that have arrived."""

import base64
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from app.simulators.store import Record, Store

ATTACHMENT_SECONDS = 24 * 3600
EVENT_SECONDS = 60 * 24 * 3600
EVENTS_PER_CALL = 1000
SHOWN = 200

Channel = Literal["electronic", "paper", "from_person"]


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


@dataclass(frozen=True)
class KeptMessage:
    """A message that has come, from a service or from a person.

    `content` has the names of the interface. `root`: the first message of its thread, None where it is itself that.
    """

    id: int
    received: float
    channel: Channel
    content: dict[str, Any]
    root: int | None

    @property
    def thread(self) -> int:
        return self.root if self.root is not None else self.id


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

    def delivered(self, service_id: str, external_id: str) -> int | None:
        """The id of the service's message with this externalId, where one has been delivered."""
        found: int | None = self._store.get("messages/id", _key(service_id, external_id))
        return found

    def deliver(self, channel: Channel, content: dict[str, Any], *, root: int | None = None) -> tuple[int, bool]:
        """The message's id and whether it is new; the same externalId of a service is delivered once."""
        key = _key(content["sender"]["serviceId"], content["externalId"])
        with self._store.together():
            message_id = self._keep(key, channel, content, root)
            if message_id is None:
                return self._store.get("messages/id", key) or 0, False
            self._store.add("messages/id", key, message_id)
        return message_id, True

    def from_person(self, answered: KeptMessage, text: str) -> int:
        """Keep what the recipient of `answered` writes back; its id."""
        content = {
            "sender": answered.content["sender"],
            "recipient": answered.content["recipient"],
            "electronic": {"title": answered.content["electronic"]["title"], "body": text, "attachments": []},
        }
        return self._keep(f"from-person/{uuid4()}", "from_person", content, answered.thread) or 0

    def mark_read(self, message: KeptMessage) -> bool:
        """True where it had not been read before."""
        return self._store.add("messages/read", str(message.id), time.time()) is not None

    def read_at(self, message_id: int) -> float | None:
        found: float | None = self._store.get("messages/read", str(message_id))
        return found

    def message(self, message_id: int) -> KeptMessage | None:
        record = self._store.find("messages/message", message_id)
        return _message(record) if record else None

    def messages(self) -> list[KeptMessage]:
        """The newest SHOWN messages, newest first."""
        return [_message(record) for record in self._store.newest("messages/message", limit=SHOWN)]

    def events(self, after: int) -> list[Record]:
        return self._store.records("messages/event", after=after, limit=EVENTS_PER_CALL)

    def keep_files(self, attachment_ids: list[str]) -> None:
        """Files named in a message stay with it."""
        for attachment_id in attachment_ids:
            body = self._store.get("messages/attachment", attachment_id)
            self._store.put("messages/attachment", attachment_id, body)

    def record_event(self, event_type: str, message_id: int, content: dict[str, Any]) -> None:
        metadata = {"messageId": message_id, "serviceId": content["sender"]["serviceId"]}
        if "externalId" in content:
            metadata["externalId"] = content["externalId"]
        body = {"type": event_type, "eventTime": datetime.now(UTC).isoformat(), "metadata": metadata}
        self._store.add("messages/event", str(uuid4()), body, seconds=EVENT_SECONDS)

    def _keep(self, key: str, channel: Channel, content: dict[str, Any], root: int | None) -> int | None:
        body = {"received": time.time(), "channel": channel, "message": content, "root": root}
        return self._store.add("messages/message", key, body)


def _key(service_id: str, external_id: str) -> str:
    return f"{service_id}/{external_id}"


def _message(record: Record) -> KeptMessage:
    body = record.body
    # What was kept before there were channels and threads has neither.
    return KeptMessage(
        record.id, body["received"], body.get("channel", "electronic"), body["message"], body.get("root")
    )
