"""A page of a form that asks for measurements: whether they can be fetched from the reader's own Kanta record."""

from collections.abc import Iterable
from typing import Literal, cast, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answers import Address
from app.services.forms.drafts import Filling
from app.services.forms.measured import is_measured
from app.services.health_record.consent import SYSTEM, allows_reading, find_consent, is_known_to_kanta
from app.web.page import Page

# Whether there is a button at all, and whether a consent holds or is asked for first.
Door = Literal["", "open", "consent"]
# What came of fetching: filled · none: nothing was measured · away: Kanta did not answer · consent: none holds
Told = Literal["", "filled", "none", "away", "consent"]


async def record_door(page: Page, session: AsyncSession, filling: Filling, addresses: Iterable[Address]) -> Door:
    """In own matters only, where the county uses the record and Kanta knows the reader."""
    viewer, by_link = page.viewer, filling.read.form.by_link
    if viewer is None or viewer.person_id is None or viewer.acting is not None or SYSTEM in page.settings.not_in_use:
        return ""
    wanted = any(is_measured(by_link[one.link_id]) for one in addresses)
    if not wanted or filling.response.subject_id != viewer.person_id:
        return ""
    if not await is_known_to_kanta(session, viewer):
        return ""
    return "open" if allows_reading(await find_consent(session, viewer)) else "consent"


def told_of(page: Page) -> Told:
    """What the address says that came of fetching."""
    word = page.request.query_params.get("record", "")
    return cast(Told, word) if word in get_args(Told) else ""
