"""Signed values that go out to a browser and come back: form tokens, and the hashes of cookie values."""

import hashlib
import hmac
import secrets
import time
import uuid
from dataclasses import dataclass

FORM_SECONDS = 12 * 60 * 60


class FormExpired(Exception):
    """The form was not made for this browser session, was changed on the way, or is too old."""


@dataclass(frozen=True)
class FormTokens:
    """Makes and checks the hidden token of each form.

    A token is `uuid.time.mac`; the mac binds it to the browser session (`binding`), so that another site cannot send
    the form (CSRF), and the uuid makes the submission idempotent.
    """

    secret: str

    def make(self, binding: bytes) -> str:
        """A new token for a form shown to the session `binding`."""
        head = f"{uuid.uuid4().hex}.{int(time.time())}"
        return f"{head}.{self._mac(head, binding)}"

    def read(self, token: str, binding: bytes) -> uuid.UUID:
        """The submission's id. Raises FormExpired where the token is not ours, not this session's, or too old."""
        head, _, mac = token.rpartition(".")
        identifier, _, issued = head.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(head, binding).encode()):
            raise FormExpired
        if time.time() - int(issued) > FORM_SECONDS:  # our mac stands for it, so it is a number
            raise FormExpired
        return uuid.UUID(identifier)

    def fits(self, token: str, binding: bytes) -> bool:
        """Whether the form was shown to the session `binding` lately."""
        try:
            self.read(token, binding)
        except FormExpired:
            return False
        return True

    def _mac(self, head: str, binding: bytes) -> str:
        message = head.encode() + b"\0" + binding
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()


def new_secret() -> str:
    """A cookie value that nobody can guess (256 bits)."""
    return secrets.token_urlsafe(32)


def hash_secret(value: str) -> bytes:
    """What is kept of a cookie value: the value is random, so a plain hash is enough."""
    return hashlib.sha256(value.encode()).digest()
