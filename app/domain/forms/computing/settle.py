"""Brings a form to rest: what is asked decides what counts, and what counts decides what is asked.

Round after round in reading order, until a round changes nothing. At first everything is asked and nothing calculated.
What never rests is put away: a question is not asked, a calculated value is left out.
"""

from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.computing.convert import Unfit, to_values
from app.domain.forms.computing.enable import holds
from app.domain.forms.computing.evaluate import Evaluator
from app.domain.forms.computing.narrow import Row
from app.domain.forms.computing.plan import Plan
from app.domain.forms.instances import Instance, expand
from app.domain.forms.model import Expression, Form, Item
from app.domain.forms.values import Value

MOST_ROUNDS = 50
_GROWTHS = 5  # a calculated answer may bring questions below it, with calculated answers of their own


class Settled:
    """A form at rest with these answers. `row` tells what is asked, `answers` hold what was calculated."""

    def __init__(self, form: Form, answers: Answers, evaluator: Evaluator) -> None:
        self.form = form
        self.evaluator = evaluator
        self.plan: Plan = evaluator.plan
        given = {address: values for address, values in answers.values.items() if not self._calculates(address.link_id)}
        calculated: dict[Address, tuple[Value, ...]] = {}
        for _ in range(_GROWTHS):
            self.instances: tuple[Instance, ...] = expand(form, Answers(given | calculated, answers.counts))
            self.row = Row(self.instances, Answers(given, answers.counts))
            self._rest()
            before, calculated = calculated, self._calculated()
            if not self.plan.grows or calculated == before:
                break
        self.answers = Answers(given | calculated, answers.counts)

    def _calculates(self, link_id: str) -> bool:
        return link_id in self.plan.calculated

    def _calculated(self) -> dict[Address, tuple[Value, ...]]:
        row = self.row
        found = (position for link in self.plan.calculated for position in row.by_link.get(link, ()))
        return {row.addresses[position]: row.values[position] for position in found if row.values[position]}

    def _rest(self) -> None:
        """Rounds until nothing changes; what keeps changing is put away, and the rest goes on without it."""
        active = self.plan.conditional | self.plan.calculated
        self._active = sorted(position for link in active for position in self.row.by_link.get(link, ()))
        self._own: dict[int, bool] = {}
        self._restless: set[int] = set()
        while restless := self._rounds(min(len(self._active) + 2, MOST_ROUNDS)):
            self._restless |= restless
        for position in self._restless:
            calculated = self.row.instances[position].item.calculated
            if calculated:
                self.evaluator.trouble(calculated.number, "restless")

    def _rounds(self, most: int) -> set[int]:
        """What still changed in the later half of so many rounds; empty once there is rest."""
        restless: set[int] = set()
        for number in range(most + 2):
            self.evaluator.troubles.clear()  # what went wrong on the way says nothing about where it ends
            changed = {position for position in self._active if self._changes(position)}
            if not changed:
                return set()
            if number > most // 2:
                restless |= changed
        return restless

    def _changes(self, position: int) -> bool:
        """Decides about one instance anew; whether that made a difference."""
        item = self.row.instances[position].item
        changed = False
        if item.link_id in self.plan.conditional and self.row.stands(position):
            own = position not in self._restless and self._enabled(item, position)
            changed = own is not self._own.get(position, True)
            self._own[position] = own
        if item.calculated:
            values = () if position in self._restless else self._values(item, item.calculated, position)
            if values != self.row.values[position]:
                self.row.answer(position, values)
                changed = True
        if changed:
            self._spread(position)
        return changed

    def _spread(self, position: int) -> None:
        """What is asked, from here downwards."""
        for below in range(position, self.row.ends[position]):
            self.row.ask(below, self.row.stands(below) and self._own.get(below, True))

    def _enabled(self, item: Item, position: int) -> bool:
        """Its own conditions, any or all of them, and its expression."""
        if item.enable_when:
            place = self.row.addresses[position].place
            found = (
                holds(source.condition, self._near(source.condition.question, place[: source.depth]), source.type)
                for source in self.plan.sources[item.link_id]
            )
            if not (all(found) if item.enable_every else any(found)):
                return False
        return item.enable_expression is None or self._wanted(item.enable_expression, position)

    def _near(self, question: str, place: Place) -> list[Value]:
        """The answers to a question in the nearest repetition, of all its repetitions there."""
        return [value for position in self.row.near(question, place) for value in self.row.given(position)]

    def _wanted(self, expression: Expression, position: int) -> bool:
        """What an enableWhenExpression says. Where it can't be evaluated the question is asked: one question too many
        does less harm than one that a professional waits for and nobody sees."""
        found = self.evaluator.value(expression.number, self.row, position)
        if found is None:
            return True
        if len(found) > 1 or not all(isinstance(one, bool) for one in found):
            self.evaluator.trouble(expression.number, "unfit")
            return True
        return found == [True]

    def _values(self, item: Item, expression: Expression, position: int) -> tuple[Value, ...]:
        found = self.evaluator.value(expression.number, self.row, position)
        try:
            return to_values(found or (), item)
        except Unfit:
            self.evaluator.trouble(expression.number, "unfit")
            return ()
