"""The interface's addresses."""

from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.suomifi_messages.account import TOKEN_SECONDS, AccountDesk
from app.simulators.suomifi_messages.answers import Handler, Refused, answering, body_as, record_id
from app.simulators.suomifi_messages.bodies import (
    Credentials,
    EndUsers,
    Message,
    Multichannel,
    PaperMailWithoutId,
    PasswordChange,
)
from app.simulators.suomifi_messages.mailbox import KeptMessage, Mailbox
from app.simulators.suomifi_messages.people import People
from app.simulators.suomifi_messages.sending import Sending

_UPLOAD_BYTES = 10_000_000


class Endpoints:
    """Suomi.fi Messages on the air."""

    def __init__(self, account: AccountDesk, mailbox: Mailbox, sending: Sending, people: People) -> None:
        self._account = account
        self._mailbox = mailbox
        self._sending = sending
        self._people = people

    def app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_route("/v1/token", answering(self.token), ["POST"])
        app.add_route("/v1/change-password", answering(self.change_password), ["POST"])
        app.add_route("/v2/attachments", self._guarded(self.attach), ["POST"])
        app.add_route("/v2/messages/electronic", self._guarded(self.send_electronic), ["POST"])
        app.add_route("/v2/messages", self._guarded(self.send_multichannel), ["POST"])
        app.add_route("/v2/paper-mail-without-id", self._guarded(self.send_paper), ["POST"])
        app.add_route("/v1/mailboxes/active", self._guarded(self.active_mailboxes), ["POST"])
        app.add_route("/v2/events", self._guarded(self.events), ["GET"])
        app.add_route("/v2/messages/{message_id}", self._guarded(self.message), ["GET"])
        app.add_route("/v1/attachments/{attachment_id}", self._guarded(self.attachment), ["GET"])
        app.add_route("/_people/{message_id}/read", self._people.read, ["POST"])
        app.add_route("/_people/{message_id}/reply", self._people.reply, ["POST"])
        return app

    async def token(self, request: Request) -> Response:
        given = await body_as(request, Credentials)
        token = self._account.give_token(given.username, given.password)
        if token is None:
            raise Refused(401, "Username or password is wrong")
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    async def change_password(self, request: Request) -> Response:
        asked = await body_as(request, PasswordChange)
        reason = self._account.change_password(asked.access_token, asked.current_password, asked.new_password)
        if reason:
            raise Refused(400, reason)
        return Response(status_code=200)

    async def attach(self, request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length[:18]) > _UPLOAD_BYTES:
            raise Refused(400, "The attachment is too large, or its size is not told")
        try:
            async with request.form(max_files=1, max_fields=10) as form:
                file = form.get("file")
                if not isinstance(file, UploadFile):
                    raise Refused(400, "A multipart part named file is required")
                name, media_type = file.filename or "file", file.content_type or "application/octet-stream"
                attachment_id = self._mailbox.keep_attachment(name, media_type, await file.read())
                return JSONResponse({"attachmentId": attachment_id})
        except HTTPException as error:
            raise Refused(400, "The body is not multipart/form-data") from error

    async def send_electronic(self, request: Request) -> Response:
        return _sent(self._sending.electronic(await body_as(request, Message)))

    async def send_multichannel(self, request: Request) -> Response:
        return _sent(self._sending.multichannel(await body_as(request, Multichannel)))

    async def send_paper(self, request: Request) -> Response:
        return _sent(self._sending.paper(await body_as(request, PaperMailWithoutId)))

    async def active_mailboxes(self, request: Request) -> Response:
        asked = await body_as(request, EndUsers)
        found = [{"id": user.id} for user in asked.end_users if self._sending.is_active(user.id)]
        return JSONResponse({"endUsersWithActiveMailbox": found})

    async def events(self, request: Request) -> Response:
        after = record_id(request.query_params.get("continuationToken", "0"))
        if after is None:
            raise Refused(400, "continuationToken is unknown")
        events = self._mailbox.events(after)
        last = events[-1].id if events else after
        return JSONResponse({"continuationToken": str(last), "events": [event.body for event in events]})

    async def message(self, request: Request) -> Response:
        message_id = record_id(request.path_params["message_id"])
        kept = self._mailbox.message(message_id) if message_id is not None else None
        if kept is None or "electronic" not in kept.content:
            raise Refused(404, "Message not found")
        return JSONResponse(self._described(kept))

    async def attachment(self, request: Request) -> Response:
        kept = self._mailbox.attachment(request.path_params["attachment_id"])
        if kept is None:
            raise Refused(404, "Attachment not found")
        # The sender's media type is data of the message; as a header it could make a browser run the file.
        return Response(kept.content, media_type="application/octet-stream")

    def _described(self, kept: KeptMessage) -> dict[str, Any]:
        created = {"messageId": kept.id, "createdAt": datetime.fromtimestamp(kept.received, UTC).isoformat()}
        content = kept.content["electronic"]
        files = (self._mailbox.attachment(item["attachmentId"]) for item in content["attachments"])
        electronic = {
            **created,
            "title": content["title"],
            "body": content["body"],
            "attachments": [file.described() for file in files if file],
            "thread": self._thread(kept),
        }
        return {**created, "electronic": electronic, **self._sender(kept)}

    def _thread(self, kept: KeptMessage) -> dict[str, Any]:
        root = self._mailbox.message(kept.thread) or kept
        return {"rootMessageId": root.id, "threadExternalId": root.content.get("externalId")}

    def _sender(self, kept: KeptMessage) -> dict[str, Any]:
        """The person, for what a person wrote; for the service's own messages there is none to tell."""
        if kept.channel != "from_person":
            return {}
        owner = kept.content["recipient"]["id"]
        return {"sender": {"mailboxOwner": {"id": owner, "name": self._people.name_of(owner)}}}

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            if not self._account.accepts(request.headers.get("authorization", "")):
                raise Refused(401, "Access token is missing, unknown or expired")
            return await handler(request)

        return answering(guarded)


def _sent(message_id: int) -> Response:
    return JSONResponse({"messageId": message_id})
