"""Form and answers side by side: one instance for each place where an item stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.model import Form, Item

MOST_REPETITIONS = 50  # of one group: nobody fills more by hand, and a page must stay readable


@dataclass(frozen=True)
class Instance:
    """An item where it stands. A group is one instance for each repetition, with what is in it as its only branch; a
    question is one instance, with a branch of its own items for each answer that it has.

    `index` is the repetition of a repeating group (0 elsewhere); `place` includes it.
    """

    item: Item
    place: Place
    index: int
    branches: tuple[tuple["Instance", ...], ...]
    address: Address = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", Address(self.item.link_id, self.place))

    def walk(self) -> Iterator["Instance"]:
        """This instance and all below it, in reading order."""
        yield self
        for branch in self.branches:
            for child in branch:
                yield from child.walk()


def expand(form: Form, answers: Answers) -> tuple[Instance, ...]:
    """Every instance of the form for these answers, asked or not."""
    return _expand(form.items, answers, ())


def walk(instances: Sequence[Instance]) -> Iterator[Instance]:
    """All of these and what is below them, in reading order."""
    for instance in instances:
        yield from instance.walk()


def repetitions(item: Item, answers: Answers, place: Place) -> int:
    """How many times a group stands at `place`: at least once, so that it can be filled."""
    if not item.repeats:
        return 1
    least = max(1, item.min_occurs)
    return min(max(least, answers.counts.get(Address(item.link_id, place), least)), max(MOST_REPETITIONS, least))


def _expand(items: Sequence[Item], answers: Answers, place: Place) -> tuple[Instance, ...]:
    return tuple(instance for item in items for instance in _instances(item, answers, place))


def _instances(item: Item, answers: Answers, place: Place) -> Iterator[Instance]:
    if item.type == "group":
        for index in range(repetitions(item, answers, place)):
            inside = (*place, index) if item.repeats else place
            yield Instance(item, inside, index, (_expand(item.items, answers, inside),))
        return
    given = min(len(answers.of(Address(item.link_id, place))), max(MOST_REPETITIONS, item.min_occurs))
    below = (_expand(item.items, answers, (*place, n) if item.multiplies else place) for n in range(given))
    yield Instance(item, place, 0, tuple(below) if item.items else ())
