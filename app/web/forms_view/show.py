"""A page of a form, shown: what stands on it, how far it is, and where it leads back."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.forms.answering.check import warnings
from app.domain.forms.answering.problem import Problem
from app.domain.forms.answers import Address
from app.domain.forms.instances import Instance, walk
from app.domain.forms.layout import FormPage, answerable, page_named
from app.domain.forms.model import Item, ItemType
from app.domain.forms.pages import Progress, asked_pages, instances_on, lead_on, previous_page, progress
from app.domain.forms.values import Value
from app.domain.text import Language
from app.models import FormResponse
from app.services.forms.alarm import alarm_of
from app.services.forms.concerns import concern_of
from app.services.forms.drafts import Filling, is_for_another
from app.services.forms.earlier import offers_for
from app.services.forms.measured import measured_beside
from app.services.forms.origins import origins_of
from app.services.forms.shown_beside import left_out, shown_beside
from app.web.components import FieldError
from app.web.forms_view.asking import Asking
from app.web.forms_view.fields import page_view
from app.web.forms_view.record import Door, Told, record_door, told_of
from app.web.forms_view.taking import Taken
from app.web.forms_view.views import FieldView, PageView
from app.web.forms_view.words import answer_text
from app.web.i18n import gettext as _
from app.web.page import Page

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class FillPage:
    """One page of a form. `lead` is read before the questions; `left_out` are the answers to an earlier version that
    have no place in this one; `door`: whether measurements can be fetched from the reader's own record, and `fetched`
    what came of it; `dangers`: where a notice of concern asks whether somebody is in danger, with the numbers."""

    response: FormResponse
    asked_page: FormPage
    version: uuid.UUID
    view: PageView
    lead: Sequence[FieldView]
    section: str
    heading: str
    progress: Progress
    back: str
    to_check: bool
    alarm: Alarm | None
    left_out: Sequence[tuple[str, str]]
    summary: Sequence[FieldError]
    door: Door
    fetched: Told
    dangers: bool


def first_page(filling: Filling) -> FormPage | None:
    return next(iter(asked_pages(filling.read.pages, filling.state)), None)


def path_in_form(page: Page, filling: Filling, to: FormPage | None) -> str:
    """The address of a page of the form; without one that of the check."""
    if to is None:
        return page.path("form_check", response_id=filling.response.id)
    return page.path("form_page", response_id=filling.response.id, page_id=to.id)


def questions_on(filling: Filling, current: FormPage) -> list[Instance]:
    shown = walk(instances_on(current, filling.state))
    return [instance for instance in shown if answerable(instance.item)]


async def show_page(
    page: Page,
    session: AsyncSession,
    filling: Filling,
    current: FormPage,
    *,
    to_check: bool = False,
    typed: Taken | None = None,
    problems: Mapping[Address, Problem] | None = None,
    refused: str = "",
) -> Response:
    addresses = [one.address for one in questions_on(filling, current)]
    offers = await offers_for(session, page.viewer, filling, addresses)
    asking = replace(_asking(page, filling, current, typed, problems or {}), offers=offers)
    instances = instances_on(current, filling.state)
    section = asking.words(current.section)
    lead = page_view(asking, lead_on(current, filling.state), own_heading=True).fields
    view = page_view(asking, instances, current.items, lead=lead)
    title = asking.words(current.title) or view.heading or filling.response.titles.to(page.language)
    page.title, page.is_notice = title, filling.response.subject_id is None
    before = previous_page(filling.read.pages, filling.state, current)
    back = path_in_form(page, filling, before) if before else page.path("form_intro", code=filling.response.code)
    context = FillPage(
        response=filling.response,
        asked_page=current,
        version=filling.read.id,
        view=view,
        lead=lead,
        section=section,
        heading="" if view.heading else title,
        progress=progress(filling.read.pages, filling.state, current),
        back=page.path("form_check", response_id=filling.response.id) if to_check else back,
        to_check=to_check,
        alarm=alarm_of(filling.state) if filling.response.alarmed else None,
        left_out=_left_out(filling, page.language),
        summary=[FieldError("main", refused)] if refused else view.summary,
        door=await record_door(page, session, filling, addresses),
        fetched=told_of(page),
        dangers=concern_of(filling.response.code) is not None and before == first_page(filling),
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
        origins=origins_of(filling.response),
        measured=measured_beside(filling.response),
    )


def _left_out(filling: Filling, language: Language) -> list[tuple[str, str]]:
    return [(text.to(language), _plain(values, language)) for text, values in left_out(filling.response)]


def _plain(values: Sequence[Value], language: Language) -> str:
    """Answers to a question that the form has no more: in words, as far as they tell themselves."""
    return ", ".join(answer_text(Item(0, "", _kind(value)), value, language) for value in values)


def _kind(value: Value) -> ItemType:
    return "date" if isinstance(value, str) and _DAY.fullmatch(value) else "string"


async def refuse_unknown(
    page: Page, session: AsyncSession, filling: Filling, page_id: str, unknown: Sequence[str]
) -> Response:
    """The browser sent an answer to something that this form does not ask: nothing of it is kept."""
    told = _("This form does not ask ”%(name)s”. Nothing was saved from this page. Answer again here.")
    return await refuse(page, session, filling, page_id, told % {"name": ", ".join(unknown)[:100]})


async def refuse(
    page: Page, session: AsyncSession, filling: Filling, page_id: str, told: str, typed: Taken | None = None
) -> Response:
    """The page again, with why nothing of it was taken; with what was `typed`, where that can be shown."""
    found = page_named(asked_pages(filling.read.pages, filling.state), page_id) or first_page(filling)
    if found is None:
        return page.go(page.path("form_check", response_id=filling.response.id))
    return await show_page(page, session, filling, found, typed=typed, refused=told)
