"""From what a browser sends to typed answers, and back into the fields.

One field sends its main part under the name "" and others under theirs: `day`, `month`, `year`, `time`, `unit`,
`other`. A repeating question sends each part once for every answer.
"""

from collections.abc import Callable, Mapping, Sequence

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.typed_parts import Entry, day, integer, moment, number, time_of_day, web_address
from app.domain.forms.model import Item
from app.domain.forms.values import Coding, Quantity, Reference, Value, cleaned
from app.domain.text import Language

RawField = Mapping[str, tuple[str, ...]]
OTHER = "other"  # the value of ”something else” in an open choice
Reader = Callable[[Item, Entry, Language], Value | Problem]


def read(item: Item, raw: RawField, language: Language) -> tuple[Value, ...] | Problem:
    """The answers in one field, or what can't be read in it. An empty field gives no answers.

    Whether the answers keep to the form's bounds is `check`'s matter. A file comes by its own way, never from here.
    """
    if item.options:
        return _chosen(item, raw)
    answers: list[Value] = []
    for index, entry in enumerate(entries(raw)):
        found = _READERS.get(item.type, _words)(item, entry, language)
        if isinstance(found, Problem):
            return Problem(found.code, index, found.limit)
        answers.append(found)
    return tuple(answers)


def entries(raw: RawField) -> list[Entry]:
    """The parts of each answer in a field; those left empty are passed over (a unit alone is no answer)."""
    many = max(map(len, raw.values()), default=0)
    rows = [{part: _at(values, index) for part, values in raw.items()} for index in range(many)]
    return [row for row in rows if any(text.strip() for part, text in row.items() if part != "unit")]


def own_words(raw: RawField) -> list[str]:
    """What was written beside the options of an open choice."""
    return [" ".join(text.split()) for text in raw.get(OTHER, ()) if text.strip()]


def _at(values: Sequence[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _chosen(item: Item, raw: RawField) -> tuple[Value, ...] | Problem:
    """The options chosen. Words of one's own count where ”something else” is chosen, or nothing at all: who went
    back to an option meant it, though the words stand hidden in the page."""
    sent = [value for value in dict.fromkeys(raw.get("", ())) if value]
    picked: list[Value] = []
    for value in sent:
        if value == OTHER and item.type == "open-choice":
            continue
        if not (value.isascii() and value.isdecimal() and int(value) < len(item.options)):
            return Problem("not_offered")
        picked.append(item.options[int(value)].value)
    if item.type != "open-choice" or (sent and OTHER not in sent):
        return tuple(picked)
    own = own_words(raw)
    return Problem("no_words") if sent and not own else (*picked, *own)


def _boolean(_item: Item, entry: Entry, _language: Language) -> bool | Problem:
    """Yes or no. A box that is not ticked sends nothing, and is no answer."""
    return {"true": True, "false": False}.get(entry.get("", ""), Problem("not_offered"))


def _quantity(item: Item, entry: Entry, language: Language) -> Quantity | Problem:
    amount = number(entry.get("", ""), language)
    if isinstance(amount, Problem):
        return amount
    units = item.units or ((item.unit,) if item.unit else ())
    index = entry.get("unit", "") if len(units) > 1 else "0"
    if not units:
        return Quantity(amount)
    if not (index.isascii() and index.isdecimal() and int(index) < len(units)):
        return Problem("wrong_unit")
    unit = units[int(index)]
    return Quantity(amount, unit.text.to(language) or unit.code, unit.system, unit.code)


def _words(item: Item, entry: Entry, _language: Language) -> Value:
    """Plain words, as they are sent; in a choice whose options are not known, they stand for the code."""
    text = cleaned(entry.get("", "")).strip()
    if item.type == "text":
        return text
    line = " ".join(text.split())
    if item.type == "reference":
        return Reference(display=line)
    return Coding(line, "", line) if item.type == "choice" else line


_READERS: Mapping[str, Reader] = {
    "boolean": _boolean,
    "integer": lambda _item, entry, language: integer(entry.get("", ""), language),
    "decimal": lambda _item, entry, language: number(entry.get("", ""), language),
    "date": lambda item, entry, _language: day(item, entry),
    "dateTime": lambda item, entry, _language: moment(item, entry),
    "time": lambda _item, entry, _language: time_of_day(entry.get("", "")),
    "url": lambda _item, entry, _language: web_address(entry.get("", "")),
    "quantity": _quantity,
}
