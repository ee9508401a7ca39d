"""The receipt of a notice that belongs to nobody: all that it tells travels in its address, sealed, so that no row, no
session and no cookie leads from the reader to the notice."""

import json
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken

from app.models import Case
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault
from app.web.page import Page


@dataclass(frozen=True)
class Receipt:
    """Of which form, when it arrived, the reference to say on the phone, and who sent it: ”named”, ”work” or
    ”anonymous”."""

    code: str
    reference: str
    arrived_at: datetime
    urgent: bool
    sender: str


def seal_receipt(page: Page, code: str, case: Case, sender: str) -> str:
    """The receipt as a word for an address."""
    told = [code, case.reference, case.arrived_at.isoformat(), case.urgency == "immediate", sender]
    return _vault(page).seal(json.dumps(told)).decode()


def open_receipt(page: Page, word: str) -> Receipt:
    """What a receipt tells. Raises NotFound for a word that is not ours."""
    try:
        code, reference, arrived, urgent, sender = json.loads(_vault(page).open(word.encode()))
    except (InvalidToken, ValueError):
        raise NotFound from None
    return Receipt(code, reference, datetime.fromisoformat(arrived), urgent, sender)


def _vault(page: Page) -> IdentityVault:
    vault: IdentityVault = page.request.app.state.vault
    return vault
