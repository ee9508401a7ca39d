"""The pages of a form as a resident goes through them: which are asked now, what stands on one, and how far it is.

`layout` parts the form once; this looks at where the form stands with the answers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.forms.instances import Instance, walk
from app.domain.forms.layout import FormPage, FormPages, answerable
from app.domain.forms.model import Item
from app.domain.forms.state import State


@dataclass(frozen=True)
class Progress:
    """How far a resident is: `number` counts the asked pages up to this one; `at_most` is how many there can be, if
    everything that still may come up does."""

    number: int
    at_most: int


def asked_pages(layout: Sequence[FormPage], state: State) -> FormPages:
    """The pages that a resident goes through now."""
    return tuple(_asked(layout, state))


def asked_page(layout: Sequence[FormPage], state: State, page_id: str) -> FormPage | None:
    """The page of that id, where a resident comes through it now."""
    return next(_asked([page for page in layout if page.id == page_id], state), None)


def next_page(layout: Sequence[FormPage], state: State, current: FormPage) -> FormPage | None:
    """The asked page after this one, which itself may not be asked any more; None after the last one."""
    return next(_asked(_after(layout, current), state), None)


def previous_page(layout: Sequence[FormPage], state: State, current: FormPage) -> FormPage | None:
    """The asked page before this one; None before the first one."""
    later = {page.id for page in _after(layout, current)} | {current.id}
    return next(_asked([page for page in reversed(layout) if page.id not in later], state), None)


def _asked(pages: Iterable[FormPage], state: State) -> Iterator[FormPage]:
    """Those of these pages that are asked, looked at one by one."""
    return (page for page in pages if _is_asked(page, state))


def lead_on(page: FormPage, state: State) -> tuple[Instance, ...]:
    """What is read before the first question of the page."""
    return _shown(_standing(page.lead, state), state, frozenset())


def instances_on(page: FormPage, state: State) -> tuple[Instance, ...]:
    """What else stands on the page now: asked and not hidden, with what is below it. Groups that came out empty are
    left out."""
    lead = frozenset(item.link_id for item in page.lead)
    return _shown(_standing(page.items, state), state, lead)


def _standing(items: Iterable[Item], state: State) -> list[Instance]:
    """The instances of what stands at the top of a page."""
    return [found for item in items for found in state.standing.get(item.link_id, ())]


def _is_asked(page: FormPage, state: State) -> bool:
    if page.id not in state.pages_asked:
        state.pages_asked[page.id] = _has_to_be_seen(page, state)
    return state.pages_asked[page.id]


def _has_to_be_seen(page: FormPage, state: State) -> bool:
    """Whether there is something to answer, or a text that has to be read: one that stands by itself or has come up
    by a condition. The introduction to questions that are not asked is no reason to stop."""
    shown = [found.item for found in walk(_shown(_standing(page.tops, state), state, frozenset()))]
    if any(answerable(item) for item in shown):
        return True
    alone = not page.questions
    introducing = {link for top in page.items for link in _introducing(top.items)}
    return any(item.type == "display" and (alone or item.link_id not in introducing) for item in shown)


def _introducing(items: Sequence[Item]) -> Iterator[str]:
    """What stands in a group without a condition of its own, by linkId."""
    for item in items:
        if not (item.enable_when or item.enable_expression):
            yield item.link_id
            yield from _introducing(item.items)


def _shown(instances: Sequence[Instance], state: State, without: frozenset[str]) -> tuple[Instance, ...]:
    """The trees of these instances without what a resident does not see here."""
    kept = []
    for instance in instances:
        if instance.item.hidden or instance.item.link_id in without or not state.is_asked(instance):
            continue
        branches = tuple(_shown(branch, state, without) for branch in instance.branches)
        if instance.item.type != "group" or any(branches):
            kept.append(replace(instance, branches=branches))
    return tuple(kept)


def _after(layout: Sequence[FormPage], current: FormPage) -> Sequence[FormPage]:
    at = next((at for at, page in enumerate(layout) if page.id == current.id), len(layout))
    return layout[at + 1 :]


def progress(layout: Sequence[FormPage], state: State, current: FormPage) -> Progress:
    """Where the resident is on `current`. A later page counts where it is asked, or where its condition speaks of
    what is still ahead: this page, a later one that may come, or something that is not asked at all but follows."""
    after = _after(layout, current)
    before = layout[: len(layout) - len(after) - 1]
    number = len(asked_pages(before, state)) + 1
    ahead = _Ahead(state, settled={link for page in before for link in page.questions})
    return Progress(number, number + sum(ahead.may_come(page) for page in after))


@dataclass
class _Ahead:
    """Looks ahead, page by page. `settled` are the questions that no answer will change on the way from here."""

    state: State
    settled: set[str]

    def may_come(self, page: FormPage) -> bool:
        """Whether a page may be asked; the questions of one that will not are settled too."""
        asked = _is_asked(page, self.state)
        may = asked or any(self.may_ask(item) for item in page.seen if item.type != "group")
        if not may:
            self.settled |= page.questions
        return may

    def may_ask(self, item: Item) -> bool:
        """Whether all that keeps an item from being asked may still change: looked at from the top down."""
        waits = next((above for above in self._line(item) if above.link_id not in self.state.links_asked), None)
        if waits is None or waits.enable_expression or not waits.enable_when:
            return True
        return any(condition.question not in self.settled for condition in waits.enable_when)

    def _line(self, item: Item) -> list[Item]:
        """The items above, outermost first, and the item."""
        form = self.state.form
        above = form.parents.get(item.link_id)
        return [*(self._line(form.by_link[above]) if above else ()), item]
