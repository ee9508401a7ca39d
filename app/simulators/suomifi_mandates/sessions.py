"""Sessions and what hangs on them. Everything is kept in the store and ends by itself."""

import secrets
from dataclasses import asdict, dataclass
from uuid import uuid4

from app.simulators.store import Store

TOKEN_SECONDS = 599
CODE_SECONDS = 60
TRANSFER_SECONDS = 300
CHOOSING_SECONDS = 1800
TOKEN_KINDS = ("suomifi-mandates/token", "suomifi-mandates/session")


@dataclass(frozen=True)
class Session:
    """A delegate (identity code) at one service; `seconds` is how long the session lives."""

    id: str
    user_id: str
    client_id: str
    delegate: str
    seconds: float


@dataclass(frozen=True)
class ChoiceRequest:
    """A browser that has been sent to choose, and where it goes afterwards."""

    session_id: str
    redirect_uri: str
    state: str | None
    language: str


class Sessions:
    """Opens, finds and ends sessions; gives out codes and tokens."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, client_id: str, delegate: str, seconds: float) -> Session:
        session = Session(str(uuid4()), str(uuid4()), client_id, delegate, seconds)
        self._store.add(_kind("session"), session.id, asdict(session), seconds=seconds)
        self._store.add(_kind("user"), session.user_id, session.id, seconds=seconds)
        return session

    def find(self, session_id: str) -> Session | None:
        kept = self._store.get(_kind("session"), session_id)
        return Session(**kept) if kept else None

    def of_user(self, user_id: str) -> Session | None:
        return self.find(self._store.get(_kind("user"), user_id) or "")

    def end(self, session: Session) -> None:
        self._store.take(_kind("session"), session.id)

    def choose(self, session: Session, principal: str) -> None:
        """Keep for whom (identity code) the person acts, in the place of an earlier choice."""
        self._store.take(_kind("choice"), session.id)
        self._store.add(_kind("choice"), session.id, principal, seconds=session.seconds)

    def chosen(self, session: Session) -> str | None:
        return self._store.get(_kind("choice"), session.id)

    def keep_request(self, asked: ChoiceRequest) -> str:
        key = secrets.token_urlsafe(24)
        self._store.add(_kind("request"), key, asdict(asked), seconds=CHOOSING_SECONDS)
        return key

    def request(self, key: str) -> ChoiceRequest | None:
        kept = self._store.get(_kind("request"), key)
        return ChoiceRequest(**kept) if kept else None

    def take_request(self, key: str) -> ChoiceRequest | None:
        """The request, for one use."""
        kept = self._store.take(_kind("request"), key)
        return ChoiceRequest(**kept) if kept else None

    def give_code(self, asked: ChoiceRequest) -> str:
        """A code for one use within CODE_SECONDS."""
        code = secrets.token_urlsafe(24)
        body = {"session": asked.session_id, "redirect_uri": asked.redirect_uri}
        self._store.add(_kind("code"), code, body, seconds=CODE_SECONDS)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str) -> str | None:
        """An access token for a code, which is gone whatever comes of it."""
        kept = self._store.take(_kind("code"), code)
        session = self.find(kept["session"]) if kept else None
        if kept is None or session is None:
            return None
        if (session.client_id, kept["redirect_uri"]) != (client_id, redirect_uri):
            return None
        token = str(uuid4())
        self._store.add(_kind("token"), token, session.id, seconds=TOKEN_SECONDS)
        return token

    def owns(self, session: Session, token: str) -> bool:
        """True where the access token is alive and the session's."""
        return bool(self._store.get(_kind("token"), token) == session.id)

    def give_transfer(self, session: Session) -> str:
        """A token by which another service takes the session over, once."""
        token = str(uuid4())
        self._store.add(_kind("transfer"), token, session.id, seconds=TRANSFER_SECONDS)
        return token

    def take_transfer(self, token: str) -> Session | None:
        return self.find(self._store.take(_kind("transfer"), token) or "")


def _kind(name: str) -> str:
    return f"suomifi-mandates/{name}"
