"""E-mail over JMAP (RFC 8620, RFC 8621): the mail server's own interface over HTTP, with no SMTP between it and us."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from app.integrations.email.port import BadAddress, EmailReceipt, OutgoingEmail
from app.integrations.email.wire import (
    LIMIT,
    SUBMISSION,
    Account,
    Answers,
    Fault,
    Identities,
    Made,
    Mailboxes,
    Session,
    asking_for_account,
    forgetting,
    sending,
)
from app.integrations.http import CALL_SECONDS, OutsideClient, OutsideError, Rejected, Unavailable
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "email"
# Nothing was changed, and later it may work.
_LATER = {"serverUnavailable", "serverFail", "overQuota", "rateLimit"}
# It is our account that may not; nothing is wrong with the message.
_OUR_ACCOUNT = {
    "accountNotFound",
    "accountNotSupportedByMethod",
    "accountReadOnly",
    "forbidden",
    "forbiddenFrom",
    "forbiddenMailFrom",
    "forbiddenToSend",
}
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class EmailConfig:
    """The county's account at its mail server. `sender`: the address that we write from, one of the account's
    identities; the name that readers see is the identity's."""

    base_url: str
    token: str = field(repr=False)
    sender: str
    session_path: str = "/.well-known/jmap"
    seconds: float = CALL_SECONDS


class MailServer:
    """Implements the port `Email`. Long-lived: it keeps connections, and what it has learnt of the account."""

    def __init__(self, config: EmailConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._headers = {"Authorization": f"Bearer {config.token}", "Accept": "application/json"}
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)
        self._known: Account | None = None

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        self._known = await self._account()

    async def send(self, email: OutgoingEmail) -> EmailReceipt:
        account = self._known or await self._account_before_sending()
        self._known = None  # until it has worked, it may be that which doesn't
        answer = await self._post(account, sending(account, email))
        receipt = await self._receipt(account, answer)
        self._known = account
        return receipt

    async def _account_before_sending(self) -> Account:
        """As `_account`; no error says anything of the message, which waits."""
        try:
            return await self._account()
        except Rejected as refusal:
            raise Rejected(SYSTEM, refusal.reason, status=403) from None
        except Unavailable as error:  # nothing has been sent yet
            raise Unavailable(SYSTEM, error.reason, asked=False) from error

    async def _account(self) -> Account:
        answer = await self._outside.call("GET", self._config.session_path, headers=self._headers)
        session = self._outside.check(answer, Session)
        account_id = session.primary_accounts.get(SUBMISSION)
        if account_id is None:
            raise Rejected(SYSTEM, "the account may not send", status=403)
        if _origin(session.api_url) != _origin(self._config.base_url):
            raise self._outside.odd(answer, "an interface at another host")  # our token doesn't go there
        body = asking_for_account(account_id)
        answer = await self._outside.call("POST", session.api_url, json=body, headers=self._headers, idempotent=True)
        found = self._outside.check(answer, Answers)
        failed = found.of("identities", "error") or found.of("mailboxes", "error")
        if failed is not None:
            raise _understood(self._part(answer, failed, Fault).type)
        identities = self._part(answer, found.of("identities", "Identity/get"), Identities).found
        mailboxes = self._part(answer, found.of("mailboxes", "Mailbox/get"), Mailboxes).found
        identity = next((one for one in identities if one.email.lower() == self._config.sender.lower()), None)
        drafts = next((one.id for one in mailboxes if one.role == "drafts"), None)
        if identity is None or drafts is None:
            raise Rejected(SYSTEM, "no such sender" if identity is None else "no drafts", status=403)
        return Account(api_url=session.api_url, id=account_id, identity=identity, drafts=drafts)

    async def _post(self, account: Account, body: dict[str, Any]) -> httpx.Response:
        """Not idempotent: the server would take a repeated call for a second message."""
        try:
            answer = await self._outside.call(
                "POST", account.api_url, json=body, headers=self._headers, accept=frozenset({429}), idempotent=False
            )
        except Rejected as refusal:
            word = refusal.body.get("type") if isinstance(refusal.body, dict) else None
            if word == LIMIT:
                raise Unavailable(SYSTEM, "limit", asked=False) from None
            raise Rejected(SYSTEM, refusal.reason, status=refusal.status) from None  # its words may repeat the address
        if answer.status_code == 429:
            raise Unavailable(SYSTEM, "HTTP 429", asked=False)
        return answer

    async def _receipt(self, account: Account, answer: httpx.Response) -> EmailReceipt:
        answers = self._outside.check(answer, Answers)
        message = self._made(answer, answers, "make", "Email/set", "draft")
        try:
            return EmailReceipt(self._made(answer, answers, "send", "EmailSubmission/set", "submission"))
        except Rejected:
            await self._forget(account, message)
            raise
        except Unavailable as error:
            if not error.asked:
                await self._forget(account, message)
            raise

    async def _forget(self, account: Account, email_id: str) -> None:
        """A message that was not sent need not lie about at the server; where that fails it does no harm."""
        with suppress(OutsideError):
            await self._post(account, forgetting(account, email_id))

    def _made(self, answer: httpx.Response, answers: Answers, call_id: str, name: str, own_name: str) -> str:
        """The id of what was to be made. Raises what stands in its place."""
        failed = answers.of(call_id, "error")
        if failed is not None:
            raise _understood(self._part(answer, failed, Fault).type)
        made = self._part(answer, answers.of(call_id, name), Made)
        if made.not_created and own_name in made.not_created:
            raise _understood(made.not_created[own_name].type)
        if not made.created or own_name not in made.created:
            raise self._outside.odd(answer, f"neither made nor refused: {own_name}")
        return made.created[own_name].id

    def _part(self, answer: httpx.Response, body: dict[str, Any] | None, shape: type[T]) -> T:
        try:
            return shape.model_validate(body)
        except ValidationError:
            raise self._outside.odd(answer, f"no {shape.__name__.lower()} in the answer") from None


def _understood(word: str) -> OutsideError:
    """What a word of the standard means for us. A status is what HTTP would have said: JMAP says 200 and a word."""
    if word == "invalidRecipients":
        return BadAddress(SYSTEM, word, status=400)
    if word == "serverPartialFail":
        return Unavailable(SYSTEM, word)
    if word in _LATER:
        return Unavailable(SYSTEM, word, asked=False)
    return Rejected(SYSTEM, word, status=403 if word in _OUR_ACCOUNT else 400)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
