"""Pages for people: what has been sent, read and answered in the recipient's name."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.text import as_language
from app.simulators.incoming import BadInput, read_form
from app.simulators.pages import Pages
from app.simulators.suomifi_messages.answers import record_id
from app.simulators.suomifi_messages.mailbox import KeptMessage, Mailbox
from app.simulators.world import World


class People:
    """The mailboxes' other side."""

    def __init__(self, mailbox: Mailbox, world: World, pages: Pages) -> None:
        self._mailbox = mailbox
        self._world = world
        self._pages = pages

    async def inspection(self, request: Request) -> Response:
        """Every message, newest first."""
        shown = [self._shown(message) for message in self._mailbox.messages()]
        language = as_language(request.query_params.get("lang"))
        return self._pages.show("sent_messages.html", language, {"messages": shown})

    async def read(self, request: Request) -> Response:
        """The recipient opens a message, which the sender is told once."""
        message = self._electronic(request)
        if message and self._mailbox.mark_read(message):
            self._mailbox.record_event("Electronic message read", message.id, message.content)
            if message.content["electronic"]["messageServiceType"] == "Verifiable":
                self._mailbox.record_event("Receipt confirmed", message.id, message.content)
        return _to_inspection(request)

    async def reply(self, request: Request) -> Response:
        """The recipient writes back, where the sender allows that; an empty reply is none."""
        message = self._electronic(request)
        try:
            text = (await read_form(request)).get("text", "").strip()
        except BadInput:
            text = ""
        if message and text and _allows_reply(message):
            reply_id = self._mailbox.from_person(message, text)
            self._mailbox.record_event(
                "Electronic message from end user", reply_id, {"sender": message.content["sender"]}
            )
        return _to_inspection(request)

    def name_of(self, end_user: str) -> str:
        person = self._world.resident_by_code(end_user)
        return person.name if person else end_user

    def _electronic(self, request: Request) -> KeptMessage | None:
        message_id = record_id(request.path_params["message_id"])
        message = self._mailbox.message(message_id) if message_id is not None else None
        return message if message and message.channel == "electronic" else None

    def _shown(self, message: KeptMessage) -> dict[str, object]:
        content, electronic = message.content, message.content.get("electronic", {})
        files = [
            file["attachmentId"]
            for part in (electronic, content.get("paperMail", {}))
            for file in part.get("attachments", [])
        ]
        return {
            "id": message.id,
            "received": message.received,
            "channel": message.channel,
            "recipient": self._recipient(message),
            "external_id": content.get("externalId"),
            "title": electronic.get("title") or content.get("externalId"),
            "body": electronic.get("body", ""),
            "files": [file.filename for file in map(self._mailbox.attachment, files) if file],
            "read_at": self._mailbox.read_at(message.id),
            "may_reply": _allows_reply(message),
            "notifications": _notification_lines(electronic.get("notifications")),
        }

    def _recipient(self, message: KeptMessage) -> str:
        if message.channel == "paper":
            address = message.content["paperMail"]["recipient"]["address"]
            return f"{address['name']}, {address['streetAddress']}, {address['zipCode']} {address['city']}"
        return self.name_of(message.content["recipient"]["id"])


def _allows_reply(message: KeptMessage) -> bool:
    return message.channel == "electronic" and message.content["electronic"]["replyAllowedBy"] == "Anyone"


def _to_inspection(request: Request) -> Response:
    language = as_language(request.query_params.get("lang"))
    return RedirectResponse(f"{request.scope.get('root_path', '')}/?lang={language}", status_code=303)


def _notification_lines(notifications: dict[str, dict[str, dict[str, str]]] | None) -> dict[str, str]:
    custom = (notifications or {}).get("customisedNewMessageNotification")
    if not custom:
        return {}
    return {tag: f"{custom['title'][tag]}: {custom['content'][tag]}" for tag in custom["title"]}
