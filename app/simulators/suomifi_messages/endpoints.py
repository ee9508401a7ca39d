"""The interface's addresses, and a page of what has been sent."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.domain.text import as_language
from app.simulators.incoming import BadInput, read_json
from app.simulators.pages import Pages
from app.simulators.store import Record, Store
from app.simulators.suomifi_messages.account import TOKEN_SECONDS, AccountDesk
from app.simulators.suomifi_messages.bodies import (
    Credentials,
    EndUsers,
    Message,
    PasswordChange,
    validation_errors,
)
from app.simulators.suomifi_messages.mailbox import Mailbox
from app.simulators.world import World

_UPLOAD_BYTES = 10_000_000
_LONGEST_ID = 18  # digits that surely fit SQLite's integers
BodyType = TypeVar("BodyType", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """The interface's error answer."""

    def __init__(self, status: int, reason: str, **more: Any) -> None:
        super().__init__(reason)
        self.answer = JSONResponse({"reason": reason, **more}, status_code=status)


class Endpoints:
    """Suomi.fi Messages on the air."""

    def __init__(self, account: AccountDesk, store: Store, world: World, pages: Pages) -> None:
        self._account = account
        self._mailbox = Mailbox(store)
        self._world = world
        self._pages = pages

    def app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_route("/v1/token", _answering(self.token), ["POST"])
        app.add_route("/v1/change-password", _answering(self.change_password), ["POST"])
        app.add_route("/v2/attachments", self._guarded(self.attach), ["POST"])
        app.add_route("/v2/messages/electronic", self._guarded(self.send), ["POST"])
        app.add_route("/v1/mailboxes/active", self._guarded(self.active_mailboxes), ["POST"])
        app.add_route("/v2/events", self._guarded(self.events), ["GET"])
        app.add_route("/v2/messages/{message_id}", self._guarded(self.message), ["GET"])
        app.add_route("/v1/attachments/{attachment_id}", self._guarded(self.attachment), ["GET"])
        return app

    async def token(self, request: Request) -> Response:
        given = await _body(request, Credentials)
        token = self._account.give_token(given.username, given.password)
        if token is None:
            raise Refused(401, "Username or password is wrong")
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    async def change_password(self, request: Request) -> Response:
        asked = await _body(request, PasswordChange)
        reason = self._account.change_password(asked.access_token, asked.current_password, asked.new_password)
        if reason:
            raise Refused(400, reason)
        return Response(status_code=200)

    async def attach(self, request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length[:_LONGEST_ID]) > _UPLOAD_BYTES:
            raise Refused(400, "The attachment is too large, or its size is not told")
        try:
            async with request.form(max_files=1, max_fields=10) as form:
                file = form.get("file")
                if not isinstance(file, UploadFile):
                    raise Refused(400, "A multipart part named file is required")
                name, media_type = file.filename or "file", file.content_type or "application/octet-stream"
                return JSONResponse(
                    {"attachmentId": self._mailbox.keep_attachment(name, media_type, await file.read())}
                )
        except HTTPException as error:
            raise Refused(400, "The body is not multipart/form-data") from error

    async def send(self, request: Request) -> Response:
        message = await _body(request, Message)
        named = [item.attachment_id for item in message.electronic.attachments]
        if any(self._mailbox.attachment(attachment_id) is None for attachment_id in named):
            raise Refused(400, "An attachment is unknown or older than 24 hours")
        message_id, new = self._mailbox.deliver(message)
        if not new:
            raise Refused(409, "A message with this externalId has been sent", messageId=message_id)
        return JSONResponse({"messageId": message_id})

    async def active_mailboxes(self, request: Request) -> Response:
        asked = await _body(request, EndUsers)
        active = {person.identity_code for person in self._world.residents if person.mailbox}
        found = [{"id": user.id} for user in asked.end_users if user.id in active]
        return JSONResponse({"endUsersWithActiveMailbox": found})

    async def events(self, request: Request) -> Response:
        token = request.query_params.get("continuationToken", "0")
        after = _record_id(token)
        if after is None:
            raise Refused(400, "continuationToken is unknown")
        events = self._mailbox.events(after)
        last = events[-1].id if events else after
        return JSONResponse({"continuationToken": str(last), "events": [event.body for event in events]})

    async def message(self, request: Request) -> Response:
        message_id = _record_id(request.path_params["message_id"])
        kept = self._mailbox.message(message_id) if message_id is not None else None
        if kept is None:
            raise Refused(404, "Message not found")
        return JSONResponse(self._described(kept))

    async def attachment(self, request: Request) -> Response:
        kept = self._mailbox.attachment(request.path_params["attachment_id"])
        if kept is None:
            raise Refused(404, "Attachment not found")
        # The sender's media type is data of the message; as a header it could make a browser run the file.
        return Response(kept.content, media_type="application/octet-stream")

    async def inspection(self, request: Request) -> Response:
        """For people: every message that has arrived, newest first."""
        shown = [self._shown(record) for record in self._mailbox.messages()]
        language = as_language(request.query_params.get("lang"))
        return self._pages.show("sent_messages.html", language, {"messages": shown})

    def _described(self, kept: Record) -> dict[str, Any]:
        sent = kept.body["message"]
        files = (self._mailbox.attachment(item["attachmentId"]) for item in sent["electronic"]["attachments"])
        electronic = {
            "messageId": kept.id,
            "createdAt": datetime.fromtimestamp(kept.body["received"], UTC).isoformat(),
            "title": sent["electronic"]["title"],
            "body": sent["electronic"]["body"],
            "attachments": [file.described() for file in files if file],
            "thread": {"rootMessageId": kept.id, "threadExternalId": sent["externalId"]},
        }
        return {"electronic": electronic, "sender": sent["sender"]}

    def _shown(self, kept: Record) -> dict[str, object]:
        sent = kept.body["message"]
        person = self._world.resident_by_code(sent["recipient"]["id"])
        return {
            "id": kept.id,
            "received": kept.body["received"],
            "recipient": person.name if person else sent["recipient"]["id"],
            "external_id": sent["externalId"],
            "title": sent["electronic"]["title"],
            "body": sent["electronic"]["body"],
            "notifications": _notification_lines(sent["electronic"]["notifications"]),
        }

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            if not self._account.accepts(request.headers.get("authorization", "")):
                raise Refused(401, "Access token is missing, unknown or expired")
            return await handler(request)

        return _answering(guarded)


def _answering(handler: Handler) -> Handler:
    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            return refused.answer

    return answered


async def _body(request: Request, shape: type[BodyType]) -> BodyType:
    try:
        return shape.model_validate(await read_json(request))
    except BadInput as bad:
        raise Refused(400, bad.reason, validationErrors=[]) from bad
    except ValidationError as error:
        raise Refused(400, "Validation failed", validationErrors=validation_errors(error)) from error


def _record_id(text: str) -> int | None:
    fits = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID
    return int(text) if fits else None


def _notification_lines(notifications: dict[str, Any] | None) -> dict[str, str]:
    custom = (notifications or {}).get("customisedNewMessageNotification")
    if not custom:
        return {}
    return {tag: f"{custom['title'][tag]}: {custom['content'][tag]}" for tag in custom["title"]}
