"""All answers of a form to read through: by page, each with its way back to where it was given."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from app.domain.forms.instances import Instance
from app.domain.forms.layout import FormPage, answerable
from app.domain.forms.pages import instances_on, lead_on
from app.web.forms_view.asking import Asking
from app.web.forms_view.names import name_of
from app.web.forms_view.origin_words import origin_words
from app.web.forms_view.words import answer_text
from app.web.i18n import gettext as _


@dataclass(frozen=True)
class AnswerRow:
    """A question with its answer in words. `key` names the row for a link; `change`: where it is answered, empty where
    it can't be changed; `origin`: where the answer comes from, where it was not given here."""

    key: str
    question: Markup
    answers: tuple[str, ...]
    change: str = ""
    plain: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Section:
    """The answers of a page, under its title (empty where the one question says it all)."""

    title: str
    rows: tuple[AnswerRow, ...]


def review(asking: Asking, pages: Sequence[FormPage], change: Callable[[FormPage], str] | None = None) -> list[Section]:
    """The sections with something to read; questions that were left empty are told too, because a reader must see that
    they were asked. `change` makes the address of a page; without it nothing can be changed."""
    sections: list[Section] = []
    for page in pages:
        href = change(page) if change else ""
        shown = (*lead_on(page, asking.state), *instances_on(page, asking.state))  # a value may lead, not only texts
        rows = tuple(_rows(asking, shown, href, ""))
        _add(sections, asking.words(page.section) or (asking.words(page.title) if len(rows) > 1 else ""), rows)
    return sections


def _add(sections: list[Section], title: str, rows: tuple[AnswerRow, ...]) -> None:
    """What has the title of the section before goes on with it."""
    if rows and sections and title and sections[-1].title == title:
        sections[-1] = Section(title, (*sections[-1].rows, *rows))
    elif rows:
        sections.append(Section(title, rows))


def review_all(asking: Asking) -> list[Section]:
    """For professionals: everything that was asked, also what only they see (hidden scores), by top-level group."""
    sections: list[Section] = []
    for top in asking.state.instances:
        if not asking.state.is_asked(top):
            continue
        rows = tuple(_rows(asking, _asked_only((top,), asking), "", ""))
        _add(sections, asking.words(top.item.text) if top.item.type == "group" else "", rows)
    return sections


def _asked_only(instances: Sequence[Instance], asking: Asking) -> tuple[Instance, ...]:
    return tuple(
        replace(one, branches=tuple(_asked_only(branch, asking) for branch in one.branches))
        for one in instances
        if asking.state.is_asked(one)
    )


def _rows(asking: Asking, instances: Sequence[Instance], href: str, above: str) -> Iterator[AnswerRow]:
    for instance in instances:
        item = instance.item
        if item.is_question:
            yield _row(asking, instance, href, above)
        within = _numbered(asking, instance) if item.type == "group" and item.repeats else above
        for branch in instance.branches:
            yield from _rows(asking, branch, href, within)


def _numbered(asking: Asking, instance: Instance) -> str:
    """Which repetition of a group: "Medicine 2"."""
    return f"{asking.words(instance.item.text)} {instance.index + 1}".strip()


def _row(asking: Asking, instance: Instance, href: str, above: str) -> AnswerRow:
    item = instance.item
    told = (
        answer_text(item, value, asking.language, for_another=asking.for_another)
        for value in asking.state.answers.of(instance.address)
    )
    question = asking.said(item.text) or Markup.escape(item.link_id)
    if above:
        question = Markup("{}: {}").format(above, question)
    name = name_of(asking.state.form, instance.address)
    changed = f"{href}#{name}" if href and answerable(item) else ""
    plain = asking.words(item.text) or item.link_id
    origin = asking.origins.get(instance.address)
    source = origin_words(origin, asking.language) if origin else ""
    return AnswerRow(f"check-{name}", question, tuple(told) or (_("No answer"),), changed, plain, source)
