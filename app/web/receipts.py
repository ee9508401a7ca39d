"""The receipt of a notice that belongs to nobody: all that it tells lies for a quarter of an hour, sealed, in a cookie
of the browser that sent it. No row, no session and no address in the history leads from the reader to the notice."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from starlette.responses import Response

from app.models import Case
from app.services.identity.vault import IdentityVault
from app.web.cookies import RECEIPT, cookie_name
from app.web.i18n import N_
from app.web.page import Page
from app.web.troubles import Trouble

SHOWN_FOR = timedelta(minutes=15)  # time to write down the reference; the next one at a shared computer finds nothing

RECEIPT_GONE = Trouble(
    404,
    N_("The receipt is not shown any more"),
    N_("It is shown for 15 minutes, only in the browser in which the notice was sent. The notice itself is with us."),
    N_("If you want to ask or add something, call us. You can also make another notice."),
    nothing_lost=False,
)
PERHAPS_SENT = Trouble(
    404,
    N_("This form can't be sent any more"),
    N_("It may have been sent already, perhaps in another tab."),
    N_("If you are not sure, call us. You can also fill in the form again."),
    nothing_lost=False,
)


@dataclass(frozen=True)
class Receipt:
    """Of which form, when it arrived, the reference to say on the phone, and who sent it: ”named”, ”work” or
    ”anonymous”."""

    code: str
    reference: str
    arrived_at: datetime
    urgent: bool
    sender: str


def sealed_path(page: Page, code: str, case: Case, sender: str) -> str:
    """The receipt's address with the receipt itself, sealed, behind it: for `go_to_receipt`, never for a browser."""
    told = [code, case.reference, case.arrived_at.isoformat(), case.urgency == "immediate", sender]
    return f"{page.path('form_received')}#{_vault(page).seal(json.dumps(told)).decode()}"


def go_to_receipt(page: Page, path: str) -> Response:
    """On to a receipt. What is sealed behind the address goes along in the cookie, also when the same form is sent
    twice: a browser that gave up the first answer never got its cookie."""
    plain, _mark, sealed = path.partition("#")
    if sealed:
        page.keep_cookie(RECEIPT, sealed, int(SHOWN_FOR.total_seconds()))
    return page.go(plain)


def open_receipt(page: Page) -> Receipt | None:
    """The receipt that the browser holds; None for none, one that is not ours, and one that is not shown any more."""
    try:
        sealed = page.request.cookies.get(cookie_name(page.settings, RECEIPT), "")  # longer than those of `read_cookie`
        code, reference, arrived, urgent, sender = json.loads(_vault(page).open(sealed.encode()))
    except (InvalidToken, ValueError):
        return None
    arrived_at = datetime.fromisoformat(arrived)
    is_shown = page.clock.now - arrived_at < SHOWN_FOR  # a browser may keep a cookie longer than it is told to
    return Receipt(code, reference, arrived_at, urgent, sender) if is_shown else None


def _vault(page: Page) -> IdentityVault:
    vault: IdentityVault = page.request.app.state.vault
    return vault
