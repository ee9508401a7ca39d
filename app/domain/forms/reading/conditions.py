"""enableWhen: what must have been answered for an item to be asked. Whatever here can't be read is refused, for a
question asked of the wrong people, or of nobody, is worse than no form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from app.domain.forms.model import Condition, ItemType, Operator
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.options import Offer
from app.domain.forms.reading.values import keys_of, value_in
from app.domain.forms.values import Coding, Reference, Value

_OPERATORS: Mapping[str, Operator] = {operator: operator for operator in get_args(Operator)}
_CHOICES = ("choice", "open-choice")
_UNORDERED = ("boolean", "reference", "attachment")


@dataclass(frozen=True)
class Asked:
    """What a condition needs to know of the question that it names."""

    type: ItemType
    offer: Offer


def conditions_of(item: Element, asked: Mapping[str, Asked]) -> tuple[Condition, ...]:
    """The conditions of one item, against the questions of the form by linkId."""
    raw = item.data.get("enableWhen")
    if raw is None:
        return ()
    entries = item.objects("enableWhen")
    if not entries or (isinstance(raw, list) and len(entries) != len(raw)):
        if raw != []:
            item.note("condition_unreadable")
        return ()
    return tuple(condition for entry in entries if (condition := _condition(entry, asked)))


def every_of(item: Element, conditions: tuple[Condition, ...]) -> bool:
    """Whether all conditions must hold; R4 wants it said where there are several, and we then take any."""
    behavior = item.string("enableBehavior")
    if len(conditions) > 1 and not behavior:
        item.note("enable_behavior_missing")
    if behavior not in ("", "all", "any"):
        item.note(
            "enable_behavior_spelling" if behavior.lower() in ("all", "any") else "enable_behavior_unknown", behavior
        )
    return behavior.lower() == "all"


def _condition(entry: Element, asked: Mapping[str, Asked]) -> Condition | None:
    question, written = entry.string("question"), entry.string("operator")
    operator = _OPERATORS.get(written)
    if operator is None:
        entry.note("condition_operator", written)
    source = asked.get(question)
    if source is None:
        entry.note("condition_question_missing", question)
    elif source.type in ("group", "display"):
        entry.note("condition_on_no_question", question)
    elif operator is not None:
        answer = _answer(entry, operator, source)
        return Condition(question, operator, answer) if answer is not None else None
    return None


def _answer(entry: Element, operator: Operator, source: Asked) -> Value | None:
    """The answer that a condition speaks of; what makes it meaningless is noted."""
    keys = keys_of(entry, "answer")
    if len(keys) != 1:
        entry.note("condition_answer_missing", ", ".join(keys))
        return None
    answer = value_in(entry, "answer", "boolean" if operator == "exists" else source.type)
    if answer is None:
        entry.note("condition_answer_type", keys[0])
    elif operator in ("exists",):
        return answer
    elif operator not in ("=", "!=") and (source.type in _UNORDERED or isinstance(answer, Coding | Reference)):
        entry.note("condition_not_ordered", operator)
        return None
    elif operator in ("=", "!=") and (source.offer.options or source.type in _CHOICES):
        return _offered_answer(entry, answer, source)
    return answer


def _offered_answer(entry: Element, answer: Value, source: Asked) -> Value | None:
    """The answer as the question offers it; one that it does not offer can't be met by choosing."""
    found, exact = match(answer, source.offer)
    if found is not None:
        if not exact:
            entry.note("condition_matched_loosely", name_of(answer))
        return found
    if isinstance(answer, Coding) and not source.offer.whole:
        if source.type == "open-choice":  # what the form fills in itself may be any code of the list
            entry.note("condition_on_unresolved", name_of(answer))
    elif source.type == "choice" and not any(type(option.value) is type(answer) for option in source.offer.options):
        entry.note("condition_answer_type", name_of(answer))
    else:
        entry.note("condition_answer_not_offered", name_of(answer))
    return answer


def match(answer: Value, offer: Offer) -> tuple[Value | None, bool]:
    """The option that an answer means, and whether it is named exactly."""
    values = [option.value for option in offer.options]
    if exact := [value for value in values if value == answer]:
        return exact[0], True
    return next((value for value in values if _similar(value, answer)), None), False


def _similar(option: Value, answer: Value) -> bool:
    if isinstance(option, Coding) and isinstance(answer, Coding):
        return option.code == answer.code and not (option.system and answer.system)
    return bool(_names(option) & _names(answer))


def _names(value: Value) -> set[str]:
    if isinstance(value, Coding):
        return {value.code, value.display} - {""}
    if isinstance(value, Reference):
        return {value.reference, value.display} - {""}
    return {str(value)}


def name_of(value: Value) -> str:
    """A value as it is told in a note."""
    return value.code if isinstance(value, Coding) else str(value)
