"""The port of the malware scanner.

    Clean, Found    the scanner has looked at the whole content
    Rejected        it would not look at it (too large for it, streams not allowed): the same call will fail again
    Unavailable     nobody has looked at it: later may work

Whoever calls keeps only what is Clean: no answer is no permission.
"""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.integrations.http import Rejected, Unavailable

__all__ = ["Clean", "Found", "Rejected", "Scanner", "Unavailable", "Verdict"]


@dataclass(frozen=True)
class Clean:
    """Nothing was found."""


@dataclass(frozen=True)
class Found:
    """Malware, by the name of the scanner's signature: for logs, not for residents."""

    name: str


Verdict = Clean | Found


class Scanner(Protocol):
    """Looks for malware in what residents send."""

    async def scan(self, content: AsyncIterable[bytes]) -> Verdict:
        """Look at the content. Raises Rejected, Unavailable."""

    async def signatures_of(self) -> datetime | None:
        """When the scanner's signatures were made, by its own clock; None where it does not tell.

        Raises Rejected, Unavailable.
        """
