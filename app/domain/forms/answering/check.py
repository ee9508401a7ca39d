"""What is to be mended before a page is left, and before a form is sent.

Only what is asked, shown and for the resident to fill is looked at. Every address has at most one problem: the first
one that a resident can do something about.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from app.domain.forms.answering.bounds import problems_of
from app.domain.forms.answering.problem import Problem
from app.domain.forms.answers import Address
from app.domain.forms.instances import MOST_REPETITIONS, Instance
from app.domain.forms.layout import answerable
from app.domain.forms.model import Item
from app.domain.forms.state import State
from app.domain.forms.values import Value
from app.domain.text import Text

Found = tuple[Address | None, Problem]


def shown_instances(state: State, instances: Sequence[Instance] | None = None) -> Iterator[Instance]:
    """Everything that is asked and not hidden, in reading order; `instances` narrows it to what is in them."""
    for instance in state.instances if instances is None else instances:
        if instance.item.hidden or not state.is_asked(instance):
            continue
        yield instance
        for branch in instance.branches:
            yield from shown_instances(state, branch)


def check_page(state: State, only: Collection[Address]) -> Mapping[Address, Problem]:
    """What is to be mended among the addresses of one page."""
    found = _problems(state, only)
    return {address: problem for address, problem in found if address is not None}


def check_all(state: State) -> tuple[Found, ...]:
    """What is to be mended in the whole form, in reading order; rules of the form itself, without an address, last."""
    return tuple(_problems(state))


def warnings(state: State, only: Collection[Address]) -> Mapping[Address, Text]:
    """Rules that do not hold but let the resident go on, in the form's own words."""
    return {
        broken.address: broken.constraint.human
        for broken in state.broken
        if broken.constraint.severity == "warning" and broken.address in only and broken.address is not None
    }


def _problems(state: State, only: Collection[Address] | None = None) -> Iterator[Found]:
    rules = _broken_rules(state)
    shown = [one for one in shown_instances(state) if only is None or one.address in only]
    seen: dict[Address, Problem] = {}
    for instance in shown:
        problem = question_problem(instance.item, state.answers.of(instance.address)) or rules.get(instance.address)
        if problem:
            seen.setdefault(instance.address, problem)
    seen |= {address: problem for address, problem in _group_problems(state, shown, seen) if address not in seen}
    for instance in shown:
        if problem := seen.pop(instance.address, None):
            yield instance.address, problem
    yield from ((None, problem) for address, problem in rules.items() if address not in {i.address for i in shown})


def _broken_rules(state: State) -> dict[Address | None, Problem]:
    errors = [broken for broken in reversed(state.broken) if broken.constraint.severity == "error"]
    return {broken.address: Problem("rule", said=broken.constraint.human) for broken in errors}


def question_problem(item: Item, values: tuple[Value, ...]) -> Problem | None:
    """What is to be mended in the answers to one question."""
    if not answerable(item):
        return None
    least, most = max(item.min_occurs, int(item.required)), _most(item)
    if len(values) < least:
        return _too_few(len(values), least)
    if most is not None and len(values) > most:
        return Problem("too_many", limit=most, count=len(values))
    return _exclusive(item, values) or _first_of(item, values)


def _most(item: Item) -> int | None:
    """How many answers or repetitions there may be. Answers with questions of their own stand as often as a group."""
    if not item.repeats:
        return 1
    ours = max(MOST_REPETITIONS, item.min_occurs) if item.multiplies else None
    return min((limit for limit in (item.max_occurs, ours) if limit is not None), default=None)


def _too_few(count: int, least: int) -> Problem:
    return Problem("missing") if least == 1 else Problem("too_few", limit=least, count=count)


def _exclusive(item: Item, values: tuple[Value, ...]) -> Problem | None:
    """”None of these” together with another answer."""
    alone = [option for option in item.options if option.exclusive and option.value in values]
    return Problem("exclusive", limit=alone[0].value) if alone and len(values) > 1 else None


def _first_of(item: Item, values: tuple[Value, ...]) -> Problem | None:
    for index, value in enumerate(values):
        if _is_not_offered(item, value):
            return Problem("not_offered", index)
        for problem in problems_of(item, value):
            return Problem(problem.code, index, problem.limit, problem.count)
    return None


def _is_not_offered(item: Item, value: Value) -> bool:
    """An answer kept from an earlier version may be one that is not offered any more."""
    return item.type == "choice" and bool(item.options) and all(option.value != value for option in item.options)


def _group_problems(
    state: State, shown: Sequence[Instance], seen: Collection[Address]
) -> Iterator[tuple[Address, Problem]]:
    """Groups that are wanted more or fewer times than they are filled. One whose questions say what lacks is silent,
    and so is one in which nothing is asked: nobody could mend it."""
    groups = (found for found in shown if found.item.type == "group" and not found.item.read_only)
    by_stand = sorted(groups, key=lambda group: (group.item.number, group.place))
    for _stand, members in groupby(by_stand, key=_stand_of):
        standing = list(members)
        problem = _group_problem(standing[0].item, sum(_is_filled(state, group) for group in standing))
        below = list(shown_instances(state, standing)) if problem else []
        told = any(one.address in seen for one in below)
        if problem and not told and any(answerable(one.item) for one in below):
            yield standing[0].address, problem


def _stand_of(group: Instance) -> tuple[str, tuple[int, ...]]:
    return group.item.link_id, group.place[:-1] if group.item.repeats else group.place


def _group_problem(item: Item, filled: int) -> Problem | None:
    least, most = max(item.min_occurs, int(item.required)), _most(item)
    if filled < least:
        return _too_few(filled, least)
    return Problem("too_many", limit=most, count=filled) if most is not None and filled > most else None


def _is_filled(state: State, group: Instance) -> bool:
    return any(state.answers.of(below.address) for below in group.walk() if state.is_asked(below))
