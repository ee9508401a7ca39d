"""How a form is parted into pages: one question or one small group at a time (docs/forms.md, rule 7).

Nobody has to pass a page that only shows what follows from the answers: that stands on the page of its neighbours. A
text that the author wants read is another matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.domain.forms.model import NOTHING, Form, Item
from app.domain.phrase import Phrase

MOST_QUESTIONS = 5  # of a group that is a page by itself
FormPages = tuple["FormPage", ...]


@dataclass(frozen=True)
class FormPage:
    """One page. `id` is stable within a version of the form, and safe in a URL; `section` is the title of the large
    group that the page is a part of. `lead` is read before the first question, `items` is all the rest in the order of
    the form: a question, a group as a whole, and what is only read and stands beside them."""

    id: str
    title: Phrase
    section: Phrase
    items: tuple[Item, ...]
    lead: tuple[Item, ...] = ()

    @cached_property
    def links(self) -> frozenset[str]:
        """The linkIds of the items that stand at the top of the page."""
        return frozenset(item.link_id for item in (*self.lead, *self.items))

    @cached_property
    def tops(self) -> tuple[Item, ...]:
        """The items that stand at the top of the page: without those of the lead that lie in the one group of it."""
        below = {item.link_id for top in self.items for item in top.walk()}
        return (*(item for item in self.lead if item.link_id not in below), *self.items)

    @cached_property
    def seen(self) -> tuple[Item, ...]:
        """Every item of the page once, in reading order, without what is hidden."""
        return tuple(item for top in self.tops for item in _visible(top))

    @cached_property
    def questions(self) -> frozenset[str]:
        """The linkIds of what a resident may come to answer on the page."""
        return frozenset(item.link_id for item in self.seen if answerable(item))


def lay_out(form: Form) -> FormPages:
    """The pages of the form, whatever is answered."""
    if form.one_page:
        shown = tuple(item for item in form.items if not item.hidden)
        return (_page(shown, Phrase.neutral(form.title), NOTHING),) if shown else ()
    return tuple(_pages(form.items, NOTHING))


def answerable(item: Item) -> bool:
    """Whether this item itself is a question that a resident answers: neither hidden, read-only nor calculated."""
    return item.is_question and not (item.hidden or item.read_only or item.calculated)


def page_named(layout: Sequence[FormPage], page_id: str) -> FormPage | None:
    """The page of that id, if there is one."""
    return next((page for page in layout if page.id == page_id), None)


def page_of(layout: Sequence[FormPage], link_id: str) -> FormPage | None:
    """The page on which an item stands; None for one that is hidden, or a group that has been parted."""
    return next((page for page in layout if any(item.link_id == link_id for item in page.seen)), None)


def _visible(item: Item) -> Iterator[Item]:
    if not item.hidden:
        yield item
        for child in item.items:
            yield from _visible(child)


def _pages(items: Sequence[Item], section: Phrase) -> list[FormPage]:
    """The pages of one level: what is only read waits for the next page, what was calculated joins the last one."""
    pages: list[FormPage] = []
    waiting: tuple[Item, ...] = ()
    for item in items:
        if all(below.type == "group" for below in _visible(item)):
            continue  # hidden, or nothing to see in it
        if item.control == "page" or _questions(item):
            pages += _led(waiting, _parted(item, section))
            waiting = ()
        elif pages and any(below.is_question for below in _visible(item)):
            pages[-1] = _joined(pages[-1], (item,))
        else:
            waiting = (*waiting, item)
    if pages and waiting:
        pages[-1] = _joined(pages[-1], waiting)
    return pages or ([_page(waiting, NOTHING, section)] if waiting else [])


def _parted(item: Item, section: Phrase) -> list[FormPage]:
    if _is_page(item):
        return [_page((item,), item.text, section)]
    return _pages(item.items, item.text if item.text != NOTHING else section)


def _is_page(item: Item) -> bool:
    """Whether an item stands on one page with everything below it."""
    if item.type != "group" or item.repeats or item.control == "page":
        return True
    return _questions(item) <= MOST_QUESTIONS and not any(below.control == "page" for below in item.walk())


def _questions(item: Item) -> int:
    """How many questions a resident may come to answer here."""
    if item.hidden:
        return 0
    return answerable(item) + sum(_questions(child) for child in item.items)


def _page(items: tuple[Item, ...], title: Phrase, section: Phrase) -> FormPage:
    lead = _opening(items)
    rest = items[len(lead) :]
    if len(rest) == 1 and rest[0].type == "group" and not rest[0].repeats:
        lead += _opening(rest[0].items)  # what is read before the questions of the one group is read before all
    return FormPage(str((rest or lead)[0].number), title, section, rest, lead)


def _opening(items: Sequence[Item]) -> tuple[Item, ...]:
    """The texts that stand before everything else."""
    first = next((at for at, item in enumerate(items) if item.type != "display"), len(items))
    return tuple(item for item in items[:first] if not item.hidden)


def _led(lead: tuple[Item, ...], pages: list[FormPage]) -> list[FormPage]:
    return [replace(pages[0], lead=(*lead, *pages[0].lead)), *pages[1:]]


def _joined(page: FormPage, items: tuple[Item, ...]) -> FormPage:
    return replace(page, items=(*page.items, *items))
