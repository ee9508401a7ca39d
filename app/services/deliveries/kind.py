"""What one kind of delivery must know how to do. Each kind is a file `deliver_….py`; all_kinds.py lists them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.http import Rejected
from app.integrations.ports import Ports
from app.models import Delivery
from app.services.deliveries.queue import LEASE
from app.services.identity.vault import IdentityVault

Once = Literal["keyed", "at_most_once"]
Transactions = Callable[[], AbstractAsyncContextManager[AsyncSession]]


@dataclass(frozen=True)
class Carrier:
    """What carrying out needs. `not_in_use`: systems that this county has not; nothing is sent to them."""

    transactions: Transactions
    ports: Ports
    vault: IdentityVault
    lease: timedelta = LEASE
    not_in_use: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Receipt:
    """What the receiver calls what it has taken; `version` where it counts versions; `kept`: whatever else the kind
    wants to write down."""

    id: str
    version: str = ""
    kept: Any = None


class NotSendable(Exception):
    """The receiver is there but this can't be sent to it, and never will; `reason` is for operators."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotWanted(Exception):
    """Nothing is to be sent, and that is as it should be; `reason` is for operators."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Refusal = Rejected | NotSendable


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
        """All that is to be sent, read now; None where there is nothing to send any more. Raises NotWanted."""
        ...

    async def send(self, carrier: Carrier, prepared: Any) -> Receipt:
        """Hand it over. Raises Unavailable (again later), Rejected or NotSendable (never)."""
        ...

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:
        """Write down what follows from its arrival."""
        ...

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:
        """Write down what follows from the refusal, and say how it ends: `refused` (somebody must look) or `dropped`
        (another way has been found, or nobody misses it)."""
        ...

    async def dropped(self, session: AsyncSession, delivery: Delivery) -> None:
        """Write down what follows where it is settled without being sent: by hand, or for want of such a system."""
        ...


class PlainKind:
    """The usual consequences: none; a refusal is shown to operators."""

    once: Once = "keyed"

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:
        """Nothing follows."""

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:  # noqa: ARG002
        """Operators see it."""
        return "refused"

    async def dropped(self, session: AsyncSession, delivery: Delivery) -> None:
        """Nothing follows."""
