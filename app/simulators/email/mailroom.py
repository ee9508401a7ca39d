"""Messages at the mail server: made, refused, sent, and read by people.

The left side of a recipient's address chooses what happens, so that every outcome can be had by a request:

    unknown-user@…   invalidRecipients      over-quota@…          overQuota, before it is made
    not-allowed@…    forbiddenToSend        rate-limit@…          rateLimit
    server-fail@…    the call fails         server-unavailable@…  the call fails for now
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from app.domain.email_address import is_email_address
from app.simulators.email.bodies import Message, Submission
from app.simulators.settings import EmailAccount
from app.simulators.store import Store

DRAFTS = "drafts"
LONGEST_TEXT = 100_000
MOST_RECIPIENTS = 10
KEPT_SECONDS = 30 * 24 * 3600
_DRAFT, _SENT = "email/draft", "email/message"
_FATES = {"unknown-user": "invalidRecipients", "not-allowed": "forbiddenToSend", "rate-limit": "rateLimit"}
_FAILURES = {"server-fail": "serverFail", "server-unavailable": "serverUnavailable"}


class SetError(Exception):
    """One object was not made or destroyed: a type of the standard, with what it says beside."""

    def __init__(self, kind: str, **more: Any) -> None:
        super().__init__(kind)
        self.body = {"type": kind, **more}


class MethodError(Exception):
    """A whole call failed, and changed nothing."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Mailroom:
    """One account with one identity. The same message sent twice is two messages."""

    def __init__(self, account: EmailAccount, store: Store) -> None:
        self._account = account
        self._store = store

    def make(self, given: object) -> dict[str, Any]:
        """A new message in a mailbox. Raises SetError."""
        message = _read(Message, given)
        if set(message.mailbox_ids) != {DRAFTS}:
            raise SetError("invalidProperties", properties=["mailboxIds"])
        if len(message.text) > LONGEST_TEXT:
            raise SetError("tooLarge")
        recipients = [one.email for one in (*message.to, *message.cc, *message.bcc)]
        if "over-quota" in map(_local, recipients):
            raise SetError("overQuota")
        kept = {
            "from": message.sender[0].email,
            "name": message.sender[0].name or "",
            "to": recipients,
            "subject": message.subject,
            "text": message.text,
            "message_id": message.message_id[:1],
        }
        email_id = f"M{uuid4().hex}"
        self._store.add(_DRAFT, email_id, kept, seconds=KEPT_SECONDS)
        return {"id": email_id, "blobId": f"B{email_id}", "threadId": f"T{email_id}", "size": len(message.text)}

    def destroy(self, email_id: str) -> None:
        """Raises SetError."""
        if self._store.take(_DRAFT, email_id) is None:
            raise SetError("notFound")

    def send(self, given: object, resolved: Callable[[str], str]) -> dict[str, Any]:
        """Send a message that has been made. Raises SetError, MethodError."""
        submission = _read(Submission, given)
        draft = self._store.get(_DRAFT, resolved(submission.email_id))
        wrong = [
            name
            for name, bad in (
                ("emailId", draft is None),
                ("identityId", submission.identity_id != self._account.identity_id),
            )
            if bad
        ]
        if wrong or draft is None:
            raise SetError("invalidProperties", properties=wrong)
        sender, recipients = draft["from"], draft["to"]
        if submission.envelope is not None:
            if submission.envelope.mail_from.email.lower() != self._account.sender.lower():
                raise SetError("forbiddenMailFrom")
            recipients = [one.email for one in submission.envelope.rcpt_to]
        if sender.lower() != self._account.sender.lower():
            raise SetError("forbiddenFrom")
        _check_recipients(recipients)
        sent_id = f"S{uuid4().hex}"
        self._store.add(_SENT, sent_id, {**draft, "to": recipients, "received": time.time()}, seconds=KEPT_SECONDS)
        return {"id": sent_id, "undoStatus": "final", "sendAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}

    def inboxes(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Each recipient's messages, newest first."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for record in self._store.newest(_SENT):
            for address in record.body["to"]:
                found.setdefault(address, []).append(record.body)
        return dict(sorted(found.items()))

    def drafts(self) -> int:
        """How many messages lie about unsent."""
        return len(self._store.records(_DRAFT))


def _check_recipients(recipients: Sequence[str]) -> None:
    if not recipients:
        raise SetError("noRecipients")
    if len(recipients) > MOST_RECIPIENTS:
        raise SetError("tooManyRecipients", maxRecipients=MOST_RECIPIENTS)
    unknown = [one for one in recipients if not is_email_address(one) or _local(one) == "unknown-user"]
    if unknown:
        raise SetError("invalidRecipients", invalidRecipients=unknown)
    for local in map(_local, recipients):
        if local in _FAILURES:
            raise MethodError(_FAILURES[local])
        if local in _FATES:
            raise SetError(_FATES[local])


def _local(address: str) -> str:
    return address.partition("@")[0].lower()


def _read(shape: Any, given: object) -> Any:
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        named = {str(part) for fault in faults for part in (fault["loc"][:1] or fault["ctx"]["error"].args)}
        raise SetError("invalidProperties", properties=sorted(named)) from None
