"""Trying at import whether the expressions of a form can be read and run at all."""

from collections.abc import Iterator, Mapping
from typing import Literal

from app.domain.forms.computing.fhirpath import fault_of
from app.domain.forms.model import Expression, Form, Item
from app.domain.forms.notes import Note, Weight

# What is found only by trying, beside the codes of the reader.
TRIED_CODES: Mapping[str, Weight] = {
    "enable_unparsed": "refused",
    "enable_too_long": "refused",
    "enable_pattern": "refused",
    "expression_unparsed": "unsupported",
    "expression_too_long": "unsupported",
    "expression_pattern": "unsupported",
}
Role = Literal["enable", "expression"]


def try_expressions(form: Form) -> tuple[Note, ...]:
    """A note for each expression that is no FHIRPath, is too long or could never run. What decides whether something is
    asked is refused."""
    return tuple(
        Note(TRIED_CODES[code], code, link_id, expression.text[:200])
        for role, link_id, expression in _all(form)
        if (fault := fault_of(expression.text)) and (code := f"{role}_{fault}")
    )


def _all(form: Form) -> Iterator[tuple[Role, str, Expression]]:
    for expression in (*form.variables, *(rule.expression for rule in form.constraints)):
        yield "expression", "", expression
    for item in form.by_link.values():
        if item.enable_expression:
            yield "enable", item.link_id, item.enable_expression
        for other in _others(item):
            yield "expression", item.link_id, other


def _others(item: Item) -> Iterator[Expression]:
    yield from (one for one in (item.initial_expression, item.calculated) if one)
    yield from item.variables
    yield from (rule.expression for rule in item.constraints)
