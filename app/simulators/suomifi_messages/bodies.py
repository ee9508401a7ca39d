"""Bodies that clients send. Names and choices are the interface's; lengths are ours, as none are published."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

Words = Annotated[str, Field(min_length=1, max_length=100_000)]
Short = Annotated[str, Field(min_length=1, max_length=500)]
EndUserId = Annotated[str, Field(pattern=r"^[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9ABCDEFHJKLMNPRSTUVWXY]$", max_length=11)]


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True)


class Credentials(_Body):
    username: Short
    password: Short


class PasswordChange(_Body):
    access_token: Short
    current_password: Short
    new_password: Short


class EndUser(_Body):
    id: EndUserId


class EndUsers(_Body):
    end_users: Annotated[list[EndUser], Field(max_length=10_000)]


class Sender(_Body):
    service_id: Short


class AttachmentReference(_Body):
    attachment_id: Short


class Wording(_Body):
    fi: Short
    sv: Short
    en: Short


class CustomisedNotification(_Body):
    title: Wording
    content: Wording


class Reminder(_Body):
    reminder: Literal["Default reminder", "No reminders"]


class Notifications(_Body):
    sender_details_in_notifications: Literal["Organisation and service name", "None"] | None = None
    unread_message_notification: Reminder | None = None
    customised_new_message_notification: CustomisedNotification | None = None


class Electronic(_Body):
    title: Short
    body: Words
    body_format: Literal["Text", "Markdown"]
    message_service_type: Literal["Normal", "Verifiable"]
    reply_allowed_by: Literal["Anyone", "No one"]
    visibility: Literal["Normal", "Recipient only"]
    attachments: list[AttachmentReference] = []
    in_reply_to_message_id: int | None = None
    notifications: Notifications | None = None


class Message(_Body):
    external_id: Short
    recipient: EndUser
    sender: Sender
    electronic: Electronic


class Address(_Body):
    name: Short
    additional_name: Short | None = None
    street_address: Short
    zip_code: Short
    city: Short
    country_code: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class AtAddress(_Body):
    address: Address


class ContactDetails(_Body):
    email: Short


class PostiMessaging(_Body):
    contact_details: ContactDetails
    username: Short
    password: Short


class PrintingAndEnveloping(_Body):
    cost_pool: Short | None = None
    posti_messaging: PostiMessaging


class PaperMail(_Body):
    create_address_page: bool
    color_printing: bool
    two_sided_printing: bool
    rotate_landscape_pages: bool
    message_service_type: Literal["Normal", "Verifiable"]
    attachments: Annotated[list[AttachmentReference], Field(min_length=1, max_length=1)]
    recipient: AtAddress
    sender: AtAddress
    printing_and_enveloping_service: PrintingAndEnveloping


class Multichannel(Message):
    """Electronic for who has a mailbox, on paper for everybody else."""

    paper_mail: PaperMail


class PaperMailWithoutId(_Body):
    """On paper to an address, without an identity code."""

    external_id: Short
    sender: Sender
    paper_mail: PaperMail


AnyMessage = Message | PaperMailWithoutId


def kept_body(message: AnyMessage) -> dict[str, Any]:
    """What is kept of a message: all but the account at the printer, which holds a password."""
    secret = {"paper_mail": {"printing_and_enveloping_service"}}
    return message.model_dump(by_alias=True, exclude=secret)


def validation_errors(error: ValidationError) -> list[dict[str, Any]]:
    """`validationErrors` of a 400 answer; what was sent is not repeated, it may hold personal data."""
    return [
        {"error": f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}", "errorCode": found["type"]}
        for found in error.errors(include_url=False, include_input=False)
    ]
