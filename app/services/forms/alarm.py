"""Whether the answers say that help can't wait: a thought of self-harm chosen, or alarming words written."""

from collections.abc import Iterator

from app.domain.alarm_words import KINDS, Alarm
from app.domain.forms.instances import Instance, walk
from app.domain.forms.model import Item
from app.domain.forms.state import State
from app.domain.forms.values import Coding, Reference, Value
from app.services.county_rules import alarm_words


def alarm_of(state: State) -> Alarm | None:
    """The most serious alarm in the answers; None where there is none.

    Also in answers to what is not asked any more: somebody who wrote that they want to die may take the question away
    again, and still needs help.
    """
    found = [alarm for instance in walk(state.instances) for alarm in _alarms(instance, state)]
    return min(found, key=lambda alarm: KINDS.index(alarm.kind), default=None)


def _alarms(instance: Instance, state: State) -> Iterator[Alarm]:
    item, values = instance.item, state.answers.of(instance.address)
    yield from (Alarm(option.alarming, "") for option in item.options if option.alarming and option.value in values)
    written = alarm_words().alarm_in("\n".join(_words(value) for value in values if value not in _offered(item)))
    if written is not None:
        yield written


def _offered(item: Item) -> frozenset[Value]:
    return frozenset(option.value for option in item.options)


def _words(value: Value) -> str:
    """What somebody wrote themselves, whatever kind of answer it is."""
    if isinstance(value, str):
        return value
    return value.display if isinstance(value, Coding | Reference) else ""


def is_alarming(state: State) -> bool:
    """Whether anything in the answers is alarming."""
    return alarm_of(state) is not None
