"""Where a form stands with certain answers: what is asked, what was calculated, which rules between answers are broken,
and what may be proposed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress

from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.convert import Unfit, to_values
from app.domain.forms.computing.evaluate import FORM, Evaluator, Trouble
from app.domain.forms.computing.memo import EMPTY, Memo, memo_from_data, memo_to_data
from app.domain.forms.computing.narrow import Row
from app.domain.forms.computing.plan import plan_of
from app.domain.forms.computing.settle import Settled
from app.domain.forms.model import Constraint, Form, Item
from app.domain.forms.state import Broken, Known, State
from app.domain.forms.values import Value

__all__ = ["Computed", "Trouble", "compute", "memo_from_data", "memo_to_data", "propose"]
_PROPOSALS = 5  # a proposed answer may bring questions below it, with proposals of their own


@dataclass(frozen=True)
class Computed:
    """`memo` goes into the next computing; `evaluations` is how many expressions had to be evaluated."""

    state: State
    memo: Memo
    troubles: tuple[Trouble, ...] = ()
    evaluations: int = 0


def compute(form: Form, answers: Answers, known: Known, memo: Memo = EMPTY, *, finished: bool = False) -> Computed:
    """The state of the form. Computing it again with the answers of that state gives the same state.

    A rule between answers speaks once one of its sources is answered; of a form that is `finished`, in any case.
    Whatever an expression does, there is a state; what went wrong is told in `troubles`, for the content owner.
    """
    evaluator = Evaluator(plan_of(form), known, memo)
    settled = Settled(form, answers, evaluator)
    row = settled.row
    asked = frozenset(compress(row.addresses, row.asked))
    state = State(form, settled.answers, settled.instances, asked, tuple(_broken(settled, finished=finished)))
    return Computed(state, evaluator.memo, tuple(sorted(evaluator.troubles)), evaluator.evaluations)


def propose(
    form: Form, answers: Answers, known: Known, links: Collection[str] | None = None
) -> Mapping[Address, tuple[Value, ...]]:
    """What may be filled in beforehand for questions without an answer (of these linkIds): what an initialExpression
    gives where the question is asked, else the form's initial values, else the options that are chosen at first."""
    evaluator = Evaluator(plan_of(form), known, EMPTY)
    found: dict[Address, tuple[Value, ...]] = {}
    for _ in range(_PROPOSALS):
        settled = Settled(form, answers.with_values(found), evaluator)
        more = dict(_proposals(settled, links))
        if not more:
            break
        found |= more
    return found


def _proposals(settled: Settled, links: Collection[str] | None) -> Iterator[tuple[Address, tuple[Value, ...]]]:
    row = settled.row
    for position, instance in enumerate(row.instances):
        item = instance.item
        if row.values[position] or item.calculated or not (links is None or item.link_id in links):
            continue
        if values := _initial(settled.evaluator, row, position, item):
            yield row.addresses[position], values


def _initial(evaluator: Evaluator, row: Row, position: int, item: Item) -> tuple[Value, ...]:
    expression = item.initial_expression
    if expression and row.asked[position]:
        try:
            if values := to_values(evaluator.value(expression.number, row, position) or (), item):
                return values
        except Unfit:
            evaluator.trouble(expression.number, "unfit")
    return item.initial or tuple(option.value for option in item.options if option.initial)


def _broken(settled: Settled, *, finished: bool) -> Iterator[Broken]:
    """The form's own rules, then those of what is asked, in reading order."""
    row = settled.row
    for constraint in settled.form.constraints:
        if _speaks(settled, constraint, finished) and _breaks(settled, constraint, FORM):
            yield Broken(constraint, None)
    carriers = sorted(position for link in settled.plan.constrained for position in row.by_link.get(link, ()))
    for position in carriers:
        for constraint in row.instances[position].item.constraints:
            if (
                row.asked[position]
                and _speaks(settled, constraint, finished)
                and _breaks(settled, constraint, position)
            ):
                yield Broken(constraint, row.addresses[position])


def _breaks(settled: Settled, constraint: Constraint, position: int) -> bool:
    """Whether the rule says no."""
    return settled.evaluator.value(constraint.expression.number, settled.row, position) == [False]


def _speaks(settled: Settled, constraint: Constraint, finished: bool) -> bool:
    """Whether the rule has something to speak of: in a form that is being filled in, an answer to a source of it."""
    links = settled.plan.tasks[constraint.expression.number].reading.links
    return finished or any(settled.row.given(one) for one in settled.row.chosen(links))
