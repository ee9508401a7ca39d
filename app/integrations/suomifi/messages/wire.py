"""Bodies of Suomi.fi Messages: building what is sent, reading what comes."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.domain.text import LANGUAGES, Text
from app.integrations.suomifi.messages.port import Event, KeptAttachment, KeptMessage, OutgoingNotice


def message_body(notice: OutgoingNotice, service_id: str, attachment_ids: Sequence[str]) -> dict[str, Any]:
    """The body of an electronic message; `attachment_ids` are those of its uploaded files."""
    reply = {"inReplyToMessageId": notice.in_reply_to} if notice.in_reply_to is not None else {}
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
            "attachments": [{"attachmentId": attachment_id} for attachment_id in attachment_ids],
            "notifications": _notifications(notice),
            **reply,
        },
    }


def _notifications(notice: OutgoingNotice) -> dict[str, Any]:
    return {
        "senderDetailsInNotifications": "Organisation and service name",
        "unreadMessageNotification": {"reminder": "Default reminder"},
        "customisedNewMessageNotification": {
            "title": _wording(notice.notification_title),
            "content": _wording(notice.notification_content),
        },
    }


def _wording(text: Text) -> dict[str, str]:
    return {language: text.to(language) for language in LANGUAGES}


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True, hide_input_in_errors=True)


class Token(_Answer):
    """Answer of /v1/token. Its names are written with underscores, unlike all others."""

    access_token: Annotated[str, Field(alias="access_token", min_length=1)]


class Sent(_Answer):
    """Answer to a message; also of 409, where the message had been sent before."""

    message_id: int


class Uploaded(_Answer):
    attachment_id: Annotated[str, Field(min_length=1, max_length=200)]


class _EndUser(_Answer):
    id: str


class ActiveMailboxes(_Answer):
    end_users_with_active_mailbox: list[_EndUser]


class _Metadata(_Answer):
    message_id: int
    service_id: str
    external_id: str | None = None


class _Event(_Answer):
    type: str
    event_time: AwareDatetime
    metadata: _Metadata

    def read(self) -> Event:
        about = self.metadata
        return Event(self.type, self.event_time, about.message_id, about.service_id, about.external_id)


class Events(_Answer):
    continuation_token: Annotated[str, Field(min_length=1)]
    events: list[_Event]

    def read(self) -> tuple[Event, ...]:
        return tuple(event.read() for event in self.events)


class _Attachment(_Answer):
    attachment_id: str
    filename: str
    media_type: str
    size_bytes: int

    def read(self) -> KeptAttachment:
        return KeptAttachment(self.attachment_id, self.filename, self.media_type, self.size_bytes)


class _Thread(_Answer):
    root_message_id: int


class _Electronic(_Answer):
    message_id: int
    created_at: AwareDatetime
    title: str
    body: str
    attachments: list[_Attachment] = []
    thread: _Thread | None = None


class _Actor(_Answer):
    name: str


class _Sender(_Answer):
    mailbox_owner: _Actor | None = None


class Kept(_Answer):
    """Answer of /v2/messages/{id}."""

    electronic: _Electronic
    sender: _Sender | None = None

    def read(self) -> KeptMessage:
        content = self.electronic
        owner = self.sender.mailbox_owner if self.sender else None
        return KeptMessage(
            id=content.message_id,
            created_at=content.created_at,
            title=content.title,
            body=content.body,
            attachments=tuple(attachment.read() for attachment in content.attachments),
            thread=content.thread.root_message_id if content.thread else None,
            sender_name=owner.name if owner else None,
        )


def error_codes(body: Any) -> frozenset[str]:
    """The `errorCode`s of a refusal; none where it has another shape."""
    errors = body.get("validationErrors") if isinstance(body, dict) else None
    found = errors if isinstance(errors, list) else []
    return frozenset(str(error["errorCode"]) for error in found if isinstance(error, dict) and "errorCode" in error)
