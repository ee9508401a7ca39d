"""What one kind of delivery must know how to do. Each kind is a file `deliver_….py`; delivery_kinds.py lists them."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.http import OutsideError, Rejected
from app.integrations.ports import Ports
from app.models import Delivery
from app.services.identity_vault import IdentityVault

Once = Literal["keyed", "at_most_once"]


@dataclass(frozen=True)
class Receipt:
    """What the receiver calls what it has taken; `version` where it counts versions."""

    id: str
    version: str = ""
    kept: Any = None


class NotSendable(Exception):
    """The receiver is there but this can't be sent to it, and never will; `reason` is for operators."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DeliveryKind(Protocol):
    """One kind. `once` says what keeps it from arriving twice:

    keyed: the receiver knows a repeat by its key, so after an unclear end it is simply sent again.
    at_most_once: the receiver knows no key. The attempt is written down before the call; after an unclear end a
    person decides.
    """

    system: str
    name: str
    once: Once

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> Any | None:
        """All that is to be sent, read now; None where there is nothing to send any more."""
        ...

    async def send(self, ports: Ports, prepared: Any) -> Receipt:
        """Hand it over. Raises Unavailable (again later), Rejected or NotSendable (never)."""
        ...

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:
        """Write down what follows from its arrival."""
        ...

    async def failed(self, session: AsyncSession, delivery: Delivery, reason: Rejected | NotSendable) -> None:
        """Write down what follows from the refusal; another way may be wanted here."""
        ...


class PlainKind:
    """The usual consequences: none."""

    once: Once = "keyed"

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:
        """Nothing follows."""

    async def failed(self, session: AsyncSession, delivery: Delivery, reason: Rejected | NotSendable) -> None:
        """Nothing follows but the row on the operators' page."""


__all__ = ["DeliveryKind", "NotSendable", "Once", "OutsideError", "PlainKind", "Receipt"]
