"""Matters of test persons: finished assessments and what was sent with them."""

import uuid

from app.domain.forms.answers import Address
from app.domain.text import Text
from app.models import Assessment, AssessmentRun, Case
from app.services.assessing.assess import answer_page, first_page, start_run
from app.services.cases.contact_requests import ContactDetails, send_contact_request
from app.services.deliveries.kind import Carrier
from app.services.forms.drafts import open_draft, save_answers, start_draft
from app.services.forms.library import current_version
from app.services.forms.send import send_response
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.people import sign_in_many
from tests.web.test_road import ANSWERS

DETAILS = ContactDetails("Aili", "+358401234567", "", "Asiaa")


def signed_in(settings: Settings, given_name: str = "Aili") -> Viewer:
    """A test person of the shared world, signed in."""
    query = "select id from person where given_name = %s and identity_sealed is not null"
    (row,) = rows_of(settings, query, given_name)
    return Viewer(sign_in_many(settings, 1)[0].session_id, row["id"])


async def send_request(
    ours: Carrier, viewer: Viewer | None, topic: str = "health", run: uuid.UUID | None = None
) -> Case:
    """A contact request, with the answers of a run where there is one."""
    details = ContactDetails(DETAILS.name, DETAILS.phone, DETAILS.reachable, DETAILS.message, topic)
    async with ours.transactions() as session:
        answers = await session.get_one(AssessmentRun, run) if run else None
        return await send_contact_request(session, viewer, details, "fi", answers)


async def sent_form(ours: Carrier, viewer: Viewer) -> tuple[uuid.UUID, Case]:
    """The general pre-visit form, filled in as far as it must be and sent; its response and its case."""
    async with ours.transactions() as session:
        draft = await start_draft(session, viewer, await current_version(session, "pre-visit"), "fi")
        filling = await open_draft(session, viewer, draft.id, change=True)
        filling = await save_answers(session, filling, {Address("reason"): ("Polveen sattuu.",)})
        return draft.id, await send_response(session, viewer, filling, "fi")


async def finished_run(ours: Carrier, viewer: Viewer) -> uuid.UUID:
    """The urinary assessment, answered to its end."""
    omaolo = ours.ports.omaolo
    page = await first_page(omaolo, "urinary", "fi", trying=False)
    titles = Text({"fi": "Virtsavaivat", "sv": "Urinbesvär", "en": "Urinary symptoms"})
    async with ours.transactions() as session:
        assessment = Assessment(id="urinary", titles=titles)
        run_id = (await start_run(session, viewer, assessment, page, "fi", trying=False)).id
    for _ in range(20):
        async with ours.transactions() as session:
            run = await session.get_one(AssessmentRun, run_id)
            if run.result:
                return run_id
            typed = {link: [given] if isinstance(given, str) else given for link, given in ANSWERS.items()}
            answered = await answer_page(session, omaolo, run, run.road[-1], typed, "fi", viewer=viewer)
            assert not answered.errors
    raise AssertionError("no end after twenty pages")
