"""Whether the answers say that help can't wait: a thought of self-harm chosen, or alarming words written."""

from collections.abc import Iterator

from app.domain.alarm_words import KINDS, Alarm
from app.domain.forms.instances import Instance
from app.domain.forms.state import State
from app.services.county_rules import alarm_words

WRITTEN = frozenset({"string", "text", "open-choice"})


def alarm_of(state: State) -> Alarm | None:
    """The most serious alarm in what is answered and asked; None where there is none."""
    found = [alarm for instance in state.asked_instances() for alarm in _alarms(instance, state)]
    return min(found, key=lambda alarm: KINDS.index(alarm.kind), default=None)


def _alarms(instance: Instance, state: State) -> Iterator[Alarm]:
    item, values = instance.item, state.answers.of(instance.address)
    yield from (Alarm(option.alarming, "") for option in item.options if option.alarming and option.value in values)
    if item.type in WRITTEN:
        written = alarm_words().alarm_in("\n".join(value for value in values if isinstance(value, str)))
        if written is not None:
            yield written


def is_alarming(state: State) -> bool:
    """Whether anything in the answers is alarming."""
    return alarm_of(state) is not None
