"""JMAP's bodies: RFC 8620 (core), RFC 8621 (mail). Only what it takes to send one message."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.integrations.email.port import OutgoingEmail

CORE, MAIL, SUBMISSION = (f"urn:ietf:params:jmap:{name}" for name in ("core", "mail", "submission"))
LIMIT = "urn:ietf:params:jmap:error:limit"
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
Call = tuple[str, dict[str, Any], str]


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Session(_Body):
    """Where the interface is, and which account is ours for sending."""

    api_url: str
    primary_accounts: dict[str, Id]


class Answers(_Body):
    """The answers to the calls of one request, each with the call's id."""

    method_responses: list[Call]

    def of(self, call_id: str, *names: str) -> dict[str, Any] | None:
        """The first answer called one of `names` to that call; None where there is none."""
        found = (body for name, body, own_id in self.method_responses if own_id == call_id and name in names)
        return next(found, None)


class Identity(_Body):
    """Somebody as whom we may write."""

    id: Id
    name: str = ""
    email: str


class Identities(_Body):
    found: list[Identity] = Field(alias="list")


class Mailbox(_Body):
    id: Id
    role: str | None = None


class Mailboxes(_Body):
    found: list[Mailbox] = Field(alias="list")


class Created(_Body):
    id: Id


class Fault(_Body):
    """Why a call, or making one object, failed: a word of the standard, or of the server's own."""

    type: Annotated[str, Field(pattern=r"^[A-Za-z:._-]{1,80}$")]


class Made(_Body):
    """The answer to a call that makes objects, by our names for them."""

    created: dict[str, Created] | None = None
    not_created: dict[str, Fault] | None = None


class Account(BaseModel):
    """What sending needs to know of our account at the server."""

    model_config = ConfigDict(frozen=True)

    api_url: str
    id: str
    identity: Identity
    drafts: str


def request(*calls: Call) -> dict[str, Any]:
    return {"using": [CORE, MAIL, SUBMISSION], "methodCalls": [list(call) for call in calls]}


def asking_for_account(account_id: str) -> dict[str, Any]:
    """As whom we may write, and where a message lies before it is sent."""
    asked = {"accountId": account_id, "ids": None}
    return request(("Identity/get", asked, "identities"), ("Mailbox/get", asked, "mailboxes"))


def sending(account: Account, email: OutgoingEmail) -> dict[str, Any]:
    """Make the message, submit it, and let the server forget it once it is on its way."""
    draft = {"accountId": account.id, "create": {"draft": _message(account, email)}}
    submission = {
        "accountId": account.id,
        "create": {"submission": {"identityId": account.identity.id, "emailId": "#draft"}},
        "onSuccessDestroyEmail": ["#submission"],
    }
    return request(("Email/set", draft, "make"), ("EmailSubmission/set", submission, "send"))


def forgetting(account: Account, email_id: str) -> dict[str, Any]:
    """Take away a message that was not sent."""
    return request(("Email/set", {"accountId": account.id, "destroy": [email_id]}, "forget"))


def _message(account: Account, email: OutgoingEmail) -> dict[str, Any]:
    sender = account.identity
    domain = sender.email.rpartition("@")[2]
    return {
        "mailboxIds": {account.drafts: True},
        "keywords": {"$draft": True},
        "from": [{"name": sender.name or None, "email": sender.email}],
        "to": [{"email": email.to}],
        "subject": email.subject,
        "messageId": [f"{email.client_reference}@{domain}"],
        "header:Auto-Submitted:asText": "auto-generated",  # RFC 3834: no machine answers it
        "bodyValues": {"text": {"value": email.text}},
        "textBody": [{"partId": "text", "type": "text/plain"}],
    }
