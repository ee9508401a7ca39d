"""Which questions of a page change what else stands on it: after such an answer the page is shown anew."""

import re
from collections.abc import Iterable, Iterator

from app.domain.forms.model import Expression, Form, Item

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def steering(form: Form, tops: Iterable[Item]) -> frozenset[str]:
    """The linkIds of the questions that conditions or calculations on the page of these `tops` speak of, of those with
    questions below their answer, and of those with an alarming answer: it brings up the card with numbers to call.
    Expressions are looked through for linkIds; one that uses variables is taken to use all of them."""
    items = [item for top in tops for item in top.walk()]
    texts = [expression.text for item in items for expression in _expressions(item)]
    if any("%" in text for text in texts):
        texts += [variable.text for variable in _variables(form)]
    spoken = {quoted for text in texts for quoted in _QUOTED.findall(text)}
    spoken |= {condition.question for item in items for condition in item.enable_when}
    spoken |= {item.link_id for item in items if item.is_question and item.items}
    spoken |= {item.link_id for item in items if any(option.alarming for option in item.options)}
    return frozenset(spoken & {item.link_id for item in items})


def _expressions(item: Item) -> Iterator[Expression]:
    for expression in (item.enable_expression, item.calculated):
        if expression:
            yield expression


def _variables(form: Form) -> Iterator[Expression]:
    yield from form.variables
    for item in form.by_link.values():
        yield from item.variables
