"""Which messages go out, by which way, and what is recorded of it."""

from app.simulators.suomifi_messages.account import AccountDesk
from app.simulators.suomifi_messages.answers import Refused, invalid
from app.simulators.suomifi_messages.bodies import (
    AnyMessage,
    AttachmentReference,
    Message,
    Multichannel,
    PaperMailWithoutId,
    kept_body,
)
from app.simulators.suomifi_messages.mailbox import Channel, Mailbox
from app.simulators.world import World

_EVENTS: dict[Channel, tuple[str, ...]] = {
    "electronic": ("Electronic message created",),
    "paper": ("Paper mail created", "Sent for printing and enveloping"),
}


class Sending:
    """Takes messages. Every method raises Refused, with 409 and the first id where the externalId is known."""

    def __init__(self, account: AccountDesk, mailbox: Mailbox, world: World) -> None:
        self._account = account
        self._mailbox = mailbox
        self._active = {person.identity_code for person in world.residents if person.mailbox}

    def is_active(self, end_user: str) -> bool:
        return end_user in self._active

    def electronic(self, message: Message) -> int:
        """The new message's id; only to a mailbox that is in use."""
        root = self._checked(message, message.electronic.attachments)
        if not self.is_active(message.recipient.id):
            raise invalid("The recipient has no active mailbox", "MAILBOX_NOT_ACTIVE")
        return self._deliver("electronic", message, message.electronic.attachments, root)

    def multichannel(self, message: Multichannel) -> int:
        """The new message's id: electronic where the mailbox is in use, else on paper."""
        files = message.electronic.attachments + message.paper_mail.attachments
        root = self._checked(message, files)
        channel: Channel = "electronic" if self.is_active(message.recipient.id) else "paper"
        return self._deliver(channel, message, files, root)

    def paper(self, message: PaperMailWithoutId) -> int:
        """The new letter's id."""
        files = message.paper_mail.attachments
        return self._deliver("paper", message, files, self._checked(message, files))

    def _checked(self, message: AnyMessage, files: list[AttachmentReference]) -> int | None:
        """The thread that the message belongs to. The externalId comes before the files: what is sent again may
        name files that have vanished since."""
        if not self._account.may_send_as(message.sender.service_id):
            raise invalid("The service is unknown or not the account's", "UNKNOWN_SERVICE")
        self._refuse_repeated(self._mailbox.delivered(message.sender.service_id, message.external_id))
        if any(self._mailbox.attachment(file.attachment_id) is None for file in files):
            raise invalid("An attachment is unknown or older than 24 hours", "ATTACHMENT_NOT_FOUND")
        return self._thread(message) if isinstance(message, Message) else None

    def _thread(self, message: Message) -> int | None:
        answered_id = message.electronic.in_reply_to_message_id
        if answered_id is None:
            return None
        answered = self._mailbox.message(answered_id)
        if answered is None or answered.content.get("recipient") != {"id": message.recipient.id}:
            raise invalid("The message to reply to is unknown or somebody else's", "REPLIED_MESSAGE_NOT_FOUND")
        return answered.thread

    def _deliver(
        self, channel: Channel, message: AnyMessage, files: list[AttachmentReference], root: int | None
    ) -> int:
        content = kept_body(message)
        message_id, new = self._mailbox.deliver(channel, content, root=root)
        self._refuse_repeated(None if new else message_id)
        self._mailbox.keep_files([file.attachment_id for file in files])
        for event in _EVENTS[channel]:
            self._mailbox.record_event(event, message_id, content)
        return message_id

    def _refuse_repeated(self, message_id: int | None) -> None:
        if message_id is not None:
            raise Refused(409, "A message with this externalId has been sent", messageId=message_id)
