"""Filling a form: page by page, saved at every step, checked, and sent once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.forms.answers import Address
from app.domain.forms.check import check_page, warnings
from app.domain.forms.instances import Instance, repetitions, walk
from app.domain.forms.layout import FormPage, answerable, page_named
from app.domain.forms.pages import Progress, asked_pages, instances_on, lead_on, next_page, previous_page, progress
from app.domain.forms.problem import Problem
from app.domain.forms.values import Coding, Value
from app.models import Case, FormResponse
from app.services.forms.alarm import alarm_of
from app.services.forms.drafts import Filling, is_for_another, open_draft, renewed, save, save_answers
from app.services.forms.library import read_version
from app.services.forms.send import NotComplete, send_response
from app.services.forms.shown_beside import left_out, shown_beside
from app.services.forms.versions import fitting
from app.services.submissions import first_result, remember_result
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Submitted, ensure_session
from app.web.components import FieldError
from app.web.forms import Form, LenientText, read_id
from app.web.forms_view.asking import Asking
from app.web.forms_view.fields import page_view
from app.web.forms_view.names import group_of, name_of, repetition_of
from app.web.forms_view.review import Section, review
from app.web.forms_view.taking import TO_CHECK, VERSION, Taken, take
from app.web.forms_view.views import FieldView, PageView
from app.web.forms_view.words import problem_text
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page
from app.web.receipts import seal_receipt

router = APIRouter(prefix="/{lang}/forms/fill")


@dataclass(frozen=True)
class FillPage:
    """One page of a form. `asked` are the names of the questions on it; `lead` is read before them; `left_out` the
    answers to an earlier version that have no place in this one."""

    response: FormResponse
    asked_page: FormPage
    version: uuid.UUID
    view: PageView
    lead: Sequence[FieldView]
    section: str
    heading: str
    asked: str
    progress: Progress
    back: str
    to_check: bool
    alarm: Alarm | None
    left_out: Sequence[tuple[str, str]]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class CheckPage:
    """All answers, each with its way back; `summary` is what is to be mended before the form can be sent."""

    response: FormResponse
    sections: Sequence[Section]
    alarm: Alarm | None
    back: str
    summary: Sequence[FieldError]


@router.get("/{response_id}", name="form_resume", dependencies=[SURE_OF_RIGHT])
async def resume(page: PublicPage, session: Session, response_id: uuid.UUID) -> Response:
    """Where the draft was left: the page, or the check of all answers."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    found = page_named(asked_pages(filling.read.pages, filling.state), filling.response.page)
    return page.go(_path(page, filling, found or _first(filling)))


@router.get("/{response_id}/page/{page_id}", name="form_page", dependencies=[SURE_OF_RIGHT])
async def ask(
    page: PublicPage, session: Session, response_id: uuid.UUID, page_id: str, change: LenientText = ""
) -> Response:
    """One page with the answers so far."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    found = page_named(asked_pages(filling.read.pages, filling.state), page_id)
    if found is None:
        return page.go(_path(page, filling, _first(filling)))
    return _show(page, filling, found, to_check=bool(change))


@router.post("/{response_id}/page/{page_id}", name="form_answer", dependencies=[limited("form")])
async def answer(page: PublicPage, session: Session, response_id: uuid.UUID, page_id: str, form: Submitted) -> Response:
    """Keep what can be kept; then on, or the same page with what is to be mended."""
    filling = await open_draft(session, page.viewer, response_id, change=True)
    shown_as = read_id(form.value(VERSION)) or filling.read.id
    taken = take((await read_version(session, shown_as)).form, form.values, page.language)
    if taken.unknown:
        return _refuse_unknown(page, filling, page_id, taken.unknown)
    filling = await save_answers(session, filling, await fitting(session, filling.read, shown_as, taken.values))
    current = page_named(filling.read.pages, page_id) if shown_as == filling.read.id else None
    if current is None:
        return page.go(page.path("form_resume", response_id=response_id))
    if form.value("add") or form.value("remove"):
        return await _add_or_remove(page, session, filling, current, form)
    if form.value("refresh"):
        return _show(page, filling, current, to_check=bool(form.value(TO_CHECK)), typed=taken)
    problems = _problems(filling, current, taken)
    if problems:
        return _show(page, filling, current, to_check=bool(form.value(TO_CHECK)), typed=taken, problems=problems)
    return await _onward(page, session, filling, current, taken, to_check=bool(form.value(TO_CHECK)))


@router.get("/{response_id}/check", name="form_check", dependencies=[SURE_OF_RIGHT])
async def check(page: PublicPage, session: Session, response_id: uuid.UUID) -> Response:
    """All answers before they are sent."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    return _show_check(page, filling, ())


@router.post("/{response_id}/check", name="form_send", dependencies=[limited("form")])
async def send(page: PublicPage, session: Session, response_id: uuid.UUID, form: Submitted) -> Response:
    """Send it: once, however often the button is pressed."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    viewer = await ensure_session(page, session)
    filling = await open_draft(session, viewer, response_id, change=True)
    try:
        case = await send_response(session, viewer, filling, page.language)
    except NotComplete as refused:
        await session.rollback()  # the form was not taken, so its token stays good
        return _show_check(page, filling, _summary(page, filling, refused))
    path = _receipt_path(page, filling.response, case)
    await remember_result(session, form.submission, path)
    return page.go(path)


def _receipt_path(page: Page, response: FormResponse, case: Case) -> str:
    if response.subject_id is None and response.session_id is None:
        return page.path("form_received", {"receipt": seal_receipt(page, response.code, case)})
    return page.path("form_sent", response_id=response.id)


def _first(filling: Filling) -> FormPage | None:
    return next(iter(asked_pages(filling.read.pages, filling.state)), None)


def _path(page: Page, filling: Filling, to: FormPage | None) -> str:
    """The address of a page of the form; without one that of the check."""
    if to is None:
        return page.path("form_check", response_id=filling.response.id)
    return page.path("form_page", response_id=filling.response.id, page_id=to.id)


def _problems(filling: Filling, current: FormPage, taken: Taken) -> dict[Address, Problem]:
    """What can't be read, and what is to be mended of the rest of the page."""
    on_page = {instance.address for instance in walk(instances_on(current, filling.state))}
    return {**check_page(filling.state, on_page), **taken.problems}


async def _onward(
    page: Page, session: Session, filling: Filling, current: FormPage, taken: Taken, *, to_check: bool
) -> Response:
    """The next page; the same one where an answer has brought up more questions on it."""
    new = [one for one in _questions(filling, current) if one.address not in taken.asked]
    if new:
        name = name_of(filling.read.form, new[0].address)
        query = {"change": "1"} if to_check else None
        path = page.path("form_page", query, response_id=filling.response.id, page_id=current.id)
        return page.go(f"{path}#{name}")
    following = None if to_check else next_page(filling.read.pages, filling.state, current)
    answers = filling.state.answers
    await save(session, filling, answers, page=following.id if following else "check")
    return page.go(_path(page, filling, following))


def _questions(filling: Filling, current: FormPage) -> list[Instance]:
    shown = walk(instances_on(current, filling.state))
    return [instance for instance in shown if answerable(instance.item)]


async def _add_or_remove(page: Page, session: Session, filling: Filling, current: FormPage, form: Form) -> Response:
    """Another repetition of a group, or one less; the page is shown again, at the place."""
    form_read, answers = filling.read.form, filling.state.answers
    added = group_of(form_read, form.value("add")) if form.value("add") else None
    removed = repetition_of(form_read, form.value("remove")) if form.value("remove") else None
    name = ""
    if added and form_read.by_link[added.link_id].type == "group":
        item = form_read.by_link[added.link_id]
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
    query = {"change": "1"} if form.value(TO_CHECK) else None
    path = page.path("form_page", query, response_id=filling.response.id, page_id=current.id)
    return page.go(f"{path}#{name}" if name else path)


def _show(
    page: Page,
    filling: Filling,
    current: FormPage,
    *,
    to_check: bool = False,
    typed: Taken | None = None,
    problems: Mapping[Address, Problem] | None = None,
    refused: str = "",
) -> Response:
    asking = _asking(page, filling, current, typed, problems or {})
    instances = instances_on(current, filling.state)
    section = asking.words(current.section)
    lead = page_view(asking, lead_on(current, filling.state), own_heading=True).fields
    view = page_view(asking, instances)
    title = asking.words(current.title) or view.heading or filling.response.titles.to(page.language)
    page.title = title
    before = previous_page(filling.read.pages, filling.state, current)
    back = _path(page, filling, before) if before else page.path("form_intro", code=filling.response.code)
    context = FillPage(
        response=filling.response,
        asked_page=current,
        version=filling.read.id,
        view=view,
        lead=lead,
        section=section,
        heading="" if view.heading else title,
        asked=" ".join(name_of(filling.read.form, one.address) for one in _questions(filling, current)),
        progress=progress(filling.read.pages, filling.state, current),
        back=page.path("form_check", response_id=filling.response.id) if to_check else back,
        to_check=to_check,
        alarm=alarm_of(filling.state),
        left_out=[(text.to(page.language), _plain(values)) for text, values in left_out(filling.response)],
        summary=[FieldError("main", refused)] if refused else view.summary,
    )
    return page.show("forms/page.html", context, block="main", status=422 if problems or refused else 200)


def _asking(
    page: Page, filling: Filling, current: FormPage, typed: Taken | None, problems: Mapping[Address, Problem]
) -> Asking:
    on_page = {instance.address for instance in walk(instances_on(current, filling.state))}
    return Asking(
        state=filling.state,
        language=page.language,
        for_another=is_for_another(filling.response),
        typed=typed.typed if typed else {},
        problems=problems,
        warnings=warnings(filling.state, on_page),
        earlier=shown_beside(filling.response),
    )


def _plain(values: Sequence[Value]) -> str:
    return ", ".join(value.display or value.code if isinstance(value, Coding) else str(value) for value in values)


def _refuse_unknown(page: Page, filling: Filling, page_id: str, unknown: Sequence[str]) -> Response:
    """The browser sent an answer to something that this form does not ask: nothing of it is kept."""
    found = page_named(asked_pages(filling.read.pages, filling.state), page_id) or _first(filling)
    if found is None:
        return page.go(page.path("form_check", response_id=filling.response.id))
    told = _("This form does not ask ”%(name)s”. Nothing was saved from this page. Answer again here.")
    return _show(page, filling, found, refused=told % {"name": ", ".join(unknown)[:100]})


def _show_check(page: Page, filling: Filling, summary: Sequence[FieldError]) -> Response:
    pages = asked_pages(filling.read.pages, filling.state)
    asking = Asking(filling.state, page.language, is_for_another(filling.response))
    page.title = _("Check your answers")
    context = CheckPage(
        response=filling.response,
        sections=review(asking, pages, lambda one: page.path("form_page", {"change": "1"}, **_at(filling, one))),
        alarm=alarm_of(filling.state),
        back=_path(page, filling, pages[-1]) if pages else page.path("form_intro", code=filling.response.code),
        summary=summary,
    )
    return page.show("forms/check.html", context, block="main", status=422 if summary else 200)


def _at(filling: Filling, one: FormPage) -> dict[str, Any]:
    return {"response_id": filling.response.id, "page_id": one.id}


def _summary(page: Page, filling: Filling, refused: NotComplete) -> Sequence[FieldError]:
    """What is to be mended, each a link to the page where it is."""
    asking = Asking(filling.state, page.language, is_for_another(filling.response))
    found = []
    for address, problem in refused.problems:
        item = filling.read.form.by_link[address.link_id] if address else filling.read.form.items[0]
        words = problem_text(problem, item, page.language)
        label = asking.words(item.text) if address else ""
        found.append(FieldError(address_anchor(filling, address), f"{label}: {words}" if label else words))
    return found


def address_anchor(filling: Filling, address: Address | None) -> str:
    """Where on the check page a problem is shown: the row of its question."""
    return f"check-{name_of(filling.read.form, address)}" if address else "main"
