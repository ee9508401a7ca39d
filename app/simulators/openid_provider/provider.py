"""What makes one provider differ from another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.text import Text
from app.simulators.settings import ClientRegistration


@dataclass(frozen=True)
class TestLogin:
    """A person to sign in as. `subject` None: a new `sub` at every login, as in the Finnish Trust Network.

    `acr_values`: the levels of assurance that this login reaches, best first; empty: all of the provider's. `level` is
    shown beside the name where the same person can be picked at several levels.
    """

    key: str
    name: str
    about: Text
    hint: str
    subject: str | None
    claims: Mapping[str, Any]
    acr_values: tuple[str, ...] = ()
    level: str = ""


@dataclass(frozen=True)
class Provider:
    """`name` prefixes its records in the store and chooses its texts; `issuer` is also its base address."""

    name: str
    issuer: str
    clients: Mapping[str, ClientRegistration]
    logins: tuple[TestLogin, ...]
    acr_values: tuple[str, ...]

    def login(self, key: str) -> TestLogin | None:
        return next((login for login in self.logins if login.key == key), None)

    def acr(self, login: TestLogin, asked: Sequence[str]) -> str:
        """The level that a login is told with. What was asked for is a wish (OpenID Connect Core, 3.1.2.1): a login
        that reaches none of it is told as what it is, and the client has to look."""
        reached = login.acr_values or self.acr_values
        return next((value for value in asked if value in reached), reached[0])

    def kind(self, what: str) -> str:
        """The store's kind for this provider's records of `what`."""
        return f"{self.name}/{what}"

    def signing_keys(self, client_id: str) -> list[dict[str, Any]]:
        """The public keys by which a registered client signs: several during a change of keys."""
        return [key for key in self.clients[client_id].jwks["keys"] if key.get("use", "sig") == "sig"]
