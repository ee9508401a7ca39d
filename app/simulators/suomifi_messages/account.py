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
        token = authorization.removeprefix("Bearer ").strip()
        return self._store.get("messages/token", token) is not None

    def change_password(self, token: str, current: str, new: str) -> str | None:
        """Change it; returns the reason where that is refused."""
        if not self.accepts(token):
            return "Access token is invalid or expired"
        if not self._is_password(current):
            return "Current password is wrong"
        if not all(re.search(part, new) for part in _PASSWORD_PARTS):
            return "New password must have 32 characters, lower and upper case, a digit and a symbol"
        self._store.put("messages/password", self._account.username, new)
        return None

    def _is_password(self, password: str) -> bool:
        kept = self._store.get("messages/password", self._account.username) or self._account.password
        return hmac.compare_digest(str(kept).encode(), password.encode())
