"""Filling a form: page by page, saved at every step."""

import uuid
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.domain.forms.answering.check import check_page
from app.domain.forms.answering.problem import Problem
from app.domain.forms.answers import Address
from app.domain.forms.instances import repetitions, walk
from app.domain.forms.layout import FormPage, page_named
from app.domain.forms.pages import asked_page, instances_on, next_page
from app.domain.text import Text
from app.services.forms.attachments import FileRefused
from app.services.forms.drafts import Filling, open_draft, renewed, save, save_answers, turn_to
from app.services.forms.earlier import use_offer
from app.services.forms.library import ReadForm
from app.services.forms.limits import TooMuchWritten
from app.services.forms.versions import fit, version_shown
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Submitted
from app.web.file_storage import FileStorage
from app.web.forms import Form, LenientText, read_files, read_id
from app.web.forms_view.field_count import has_room
from app.web.forms_view.names import address_of, group_of, name_of, repetition_of
from app.web.forms_view.show import first_page, path_in_form, questions_on, refuse, refuse_unknown, show_page
from app.web.forms_view.taking import TO_CHECK, VERSION, Taken, take
from app.web.forms_view.uploads import Uploads, refusal_text
from app.web.i18n import gettext as _
from app.web.limits import hold_back, limited, own_key
from app.web.outside import MalwareScanner
from app.web.page import Page

router = APIRouter(prefix="/{lang}/forms/fill")

CHECK = "check"  # where a draft is after its last page


class _FileWay:
    """How files get in: a dependency, because a page says in its signature which outside systems it calls."""

    def __init__(self, storage: FileStorage, scanner: MalwareScanner) -> None:
        self.storage, self.scanner = storage, scanner

    def for_page(self, page: Page, session: Session, response_id: uuid.UUID) -> Uploads | None:
        """The way for the page's viewer; None where nobody has a draft."""
        if page.viewer is None:
            return None
        return Uploads(session, self.storage, self.scanner, page.viewer, response_id)


FileWay = Annotated[_FileWay, Depends()]


@router.get("/{response_id}", name="form_resume", dependencies=[SURE_OF_RIGHT])
async def resume(page: PublicPage, session: Session, response_id: uuid.UUID) -> Response:
    """Where the draft was left: the page, or the check of all answers."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    found = asked_page(filling.read.pages, filling.state, filling.response.page)
    if found is None and filling.response.page != CHECK:
        found = first_page(filling)
    return page.go(path_in_form(page, filling, found))


@router.get("/{response_id}/page/{page_id}", name="form_page", dependencies=[SURE_OF_RIGHT])
async def ask(
    page: PublicPage, session: Session, response_id: uuid.UUID, page_id: str, change: LenientText = ""
) -> Response:
    """One page with the answers so far."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    found = asked_page(filling.read.pages, filling.state, page_id)
    if found is None:
        return page.go(path_in_form(page, filling, first_page(filling)))
    return await show_page(page, session, filling, found, to_check=bool(change))


@router.post("/{response_id}/page/{page_id}", name="form_answer", dependencies=[limited("form")])
async def answer(
    page: PublicPage, session: Session, files: FileWay, response_id: uuid.UUID, page_id: str, form: Submitted
) -> Response:
    """Keep what can be kept; then on, or the same page with what is to be mended."""
    uploads = files.for_page(page, session, response_id)
    try:
        return await _take_page(page, session, uploads, response_id, page_id, form)
    except TooMuchWritten:
        return await _refuse_too_much(page, session, response_id, page_id, form)


async def _take_page(
    page: Page, session: Session, uploads: Uploads | None, response_id: uuid.UUID, page_id: str, form: Form
) -> Response:
    with_files = await _brings_files(page, session)  # they come in before anything is locked
    filling = await open_draft(session, page.viewer, response_id, change=not with_files)
    shown = await version_shown(session, filling.response, read_id(form.value(VERSION)))
    taken = take(shown.form, form.values, page.language)
    if taken.unknown:
        return await refuse_unknown(page, session, filling, page_id, taken.unknown)
    refused = await _take_files(page, uploads, filling, shown)
    if with_files:
        filling = await open_draft(session, page.viewer, response_id, change=True)
    filling = await save_answers(session, filling, fit(filling.response, filling.read, shown, taken.values))
    current = page_named(filling.read.pages, page_id) if shown.id == filling.read.id else None
    if current is None:
        return page.go(page.path("form_resume", response_id=response_id))
    # What can't be read is shown first, also where a button beside a field was pressed: else it would be lost.
    pressed = None if taken.problems else await _pressed(page, session, uploads, filling, current, form)
    if pressed is not None:
        return pressed
    to_check = bool(form.value(TO_CHECK))
    problems = {} if form.value("refresh") else _problems(page, filling, current, taken, refused)
    if problems or form.value("refresh"):
        again = await show_page(page, session, filling, current, to_check=to_check, typed=taken, problems=problems)
        if any(error.code == "scanner_away" for error in refused.values()):
            again.status_code = 503
        return again
    if form.value("attach"):
        return page.go(path_in_form(page, filling, current))
    return await _onward(page, session, filling, current, taken, to_check=to_check)


async def _brings_files(page: Page, session: Session) -> bool:
    """Whether files came with the page. Those of somebody unknown are counted."""
    if not await read_files(page.request):
        return False
    page.request.state.brought_files = True  # for whoever has to say that they were not added
    if not page.signed_in:
        await hold_back(page.request, session, "file", *own_key(page))
    return True


async def _refuse_too_much(page: Page, session: Session, response_id: uuid.UUID, page_id: str, form: Form) -> Response:
    """The form would become longer than anybody reads: the page again with what was typed, the draft as it was."""
    await session.rollback()
    filling = await open_draft(session, page.viewer, response_id, change=False)
    shown = await version_shown(session, filling.response, read_id(form.value(VERSION)))
    taken = take(shown.form, form.values, page.language)
    told = _("Your answers are longer than one form can take. Nothing was saved from this page. Make them shorter.")
    return await refuse(page, session, filling, page_id, told, taken)


async def _pressed(
    page: Page, session: Session, uploads: Uploads | None, filling: Filling, current: FormPage, form: Form
) -> Response | None:
    """What a button beside a field does; None where the page's own button was pressed."""
    if form.value("detach") and uploads:
        await uploads.drop(filling, form.value("detach"))
        return page.go(path_in_form(page, filling, current))
    if form.value("use"):
        return await _use(page, session, filling, current, form)
    if form.value("add") or form.value("remove"):
        return await _add_or_remove(page, session, filling, current, form)
    return None


async def _use(page: Page, session: Session, filling: Filling, current: FormPage, form: Form) -> Response:
    """An answer from another form, filled in; the page is shown again, at the question."""
    name = form.value("use")
    address = address_of(filling.read.form, name)
    if address is None:
        return page.go(path_in_form(page, filling, current))
    await use_offer(session, page.viewer, filling, address)
    return page.go(_here(page, filling, current, form, name))


async def _take_files(
    page: Page, uploads: Uploads | None, filling: Filling, shown: ReadForm
) -> dict[Address, FileRefused]:
    """The files that came with the page, kept; why the others were refused."""
    files = await read_files(page.request)
    if uploads is None or not files:
        return {}
    return await uploads.take(filling, shown.form, files)


def _problems(
    page: Page, filling: Filling, current: FormPage, taken: Taken, refused: Mapping[Address, FileRefused]
) -> dict[Address, Problem]:
    """What can't be read, the files that were refused, and what is to be mended of the rest of the page."""
    on_page = {instance.address for instance in walk(instances_on(current, filling.state))}
    on_page -= {one.address for one in questions_on(filling, current)} - taken.asked  # shown first, then asked for
    files = {
        address: Problem("rule", said=Text({page.language: refusal_text(error, page.language)}))
        for address, error in refused.items()
    }
    return {**check_page(filling.state, on_page), **taken.problems, **files}


async def _onward(
    page: Page, session: Session, filling: Filling, current: FormPage, taken: Taken, *, to_check: bool
) -> Response:
    """The next page; the same one where an answer has brought up more questions on it."""
    new = [one for one in questions_on(filling, current) if one.address not in taken.asked]
    if new:
        name = name_of(filling.read.form, new[0].address)
        query = {"change": "1"} if to_check else None
        path = page.path("form_page", query, response_id=filling.response.id, page_id=current.id)
        return page.go(f"{path}#{name}")
    following = None if to_check else next_page(filling.read.pages, filling.state, current)
    await turn_to(session, filling, following.id if following else CHECK)
    return page.go(path_in_form(page, filling, following))


async def _add_or_remove(page: Page, session: Session, filling: Filling, current: FormPage, form: Form) -> Response:
    """Another repetition of a group, or one less; the page is shown again, at the place."""
    form_read, answers = filling.read.form, filling.state.answers
    added = group_of(form_read, form.value("add")) if form.value("add") else None
    removed = repetition_of(form_read, form.value("remove")) if form.value("remove") else None
    name, here = "", {item.link_id for item in current.seen if not item.read_only}
    if (added and added.link_id not in here) or (removed and removed[0].link_id not in here):
        return page.go(path_in_form(page, filling, current))
    if added and form_read.by_link[added.link_id].type == "group":
        item = form_read.by_link[added.link_id]
        if not has_room(instances_on(current, filling.state), item):
            told = _(
                "There is no room for another row here. What you wrote is saved. If something is missing, call us."
            )
            return await refuse(page, session, filling, current.id, told)
        count = repetitions(item, answers, added.place)
        answers = answers.with_count(added, count + 1)
        name = name_of(form_read, Address(added.link_id, (*added.place, count)))
    elif removed:
        group, index = removed
        item = form_read.by_link[group.link_id]
        below = frozenset(child.link_id for child in item.walk())
        answers = answers.without_repetition(group, index, below, repetitions(item, answers, group.place))
        name = name_of(form_read, Address(group.link_id, (*group.place, max(0, index - 1))))
    await save(session, filling, answers)
    return page.go(_here(page, filling, current, form, name))


def _here(page: Page, filling: Filling, current: FormPage, form: Form, name: str) -> str:
    """The same page again, at a field."""
    query = {"change": "1"} if form.value(TO_CHECK) else None
    path = page.path("form_page", query, response_id=filling.response.id, page_id=current.id)
    return f"{path}#{name}" if name else path
