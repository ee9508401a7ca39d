"""What may be made at the mail server, as strict as RFC 8621 is about it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
Id = Annotated[str, Field(pattern=r"^#?[A-Za-z0-9_-]{1,255}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True, extra="forbid")


class Address(_Strict):
    """A name and an address as in a header."""

    name: Line | None = None
    email: Line


class BodyValue(_Strict):
    value: str
    is_encoding_problem: Literal[False] = False
    is_truncated: Literal[False] = False


class Part(_Strict):
    part_id: str
    type: Literal["text/plain"]


class Message(_Strict):
    """A message to be made (Email/set, create). Headers of its own are `header:Name:asText`."""

    model_config = ConfigDict(extra="allow")

    mailbox_ids: Annotated[dict[str, Literal[True]], Field(min_length=1)]
    keywords: dict[str, Literal[True]] = {}
    sender: Annotated[list[Address], Field(alias="from", min_length=1, max_length=1)]
    to: list[Address] = []
    cc: list[Address] = []
    bcc: list[Address] = []
    subject: Line = ""
    message_id: list[Annotated[str, Field(pattern=r"^[^\s<>@]+@[^\s<>@]+$")]] = []
    body_values: dict[str, BodyValue]
    text_body: Annotated[list[Part], Field(min_length=1, max_length=1)]
    __pydantic_extra__: dict[str, Line]

    @model_validator(mode="after")
    def _check(self) -> "Message":
        unknown = [name for name in self.__pydantic_extra__ or {} if not name.startswith("header:")]
        if unknown or self.text_body[0].part_id not in self.body_values:
            raise ValueError(*unknown or ["textBody"])
        return self

    @property
    def text(self) -> str:
        return self.body_values[self.text_body[0].part_id].value


class EnvelopeAddress(_Strict):
    email: Line
    parameters: dict[str, Any] | None = None


class Envelope(_Strict):
    mail_from: EnvelopeAddress
    rcpt_to: list[EnvelopeAddress]


class Submission(_Strict):
    """A message to be sent (EmailSubmission/set, create); without envelope, to whom its headers say."""

    identity_id: Id
    email_id: Id
    envelope: Envelope | None = None
