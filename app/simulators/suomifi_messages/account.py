"""Who may use the interface: tokens for an account, and its password."""

import hmac
import re
import secrets

from app.simulators.settings import MessagesAccount
from app.simulators.store import Store

TOKEN_SECONDS = 3600
_PASSWORD_PARTS = (r".{32,}", r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


class AccountDesk:
    """One account; a changed password is kept and replaces the configured one."""

    def __init__(self, account: MessagesAccount, store: Store) -> None:
        self._account = account
        self._store = store

    def give_token(self, username: str, password: str) -> str | None:
        """A token for TOKEN_SECONDS, or None where the credentials are wrong."""
        if username != self._account.username or not self._is_password(password):
            return None
        token = secrets.token_urlsafe(32)
        self._store.add("messages/token", token, True, seconds=TOKEN_SECONDS)
        return token

    def accepts(self, authorization: str) -> bool:
        """True for a living token, raw or after `Bearer`: clients of both kinds exist."""
        return self._store.get("messages/token", _bare(authorization)) is not None

    def may_send_as(self, service_id: str) -> bool:
        """True for a service that is registered for the account."""
        return service_id in self._account.service_ids

    def change_password(self, token: str, current: str, new: str) -> str | None:
        """Change it, which ends the token; returns the reason where that is refused."""
        if not self.accepts(token):
            return "Access token is invalid or expired"
        if not self._is_password(current):
            return "Current password is wrong"
        if not all(re.search(part, new) for part in _PASSWORD_PARTS):
            return "New password must have 32 characters, lower and upper case, a digit and a symbol"
        self._store.put("messages/password", self._account.username, new)
        self._store.take("messages/token", _bare(token))
        return None

    def _is_password(self, password: str) -> bool:
        kept = self._store.get("messages/password", self._account.username) or self._account.password
        return hmac.compare_digest(str(kept).encode(), password.encode())


def _bare(authorization: str) -> str:
    return authorization.removeprefix("Bearer ").strip()
