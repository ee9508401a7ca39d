"""What was sent, read as somebody outside would: valid R4, readable for the form, and nothing but what was asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.typed import RawField, read
from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.compute import compute
from app.domain.forms.model import Form
from app.domain.forms.responding.read_back import answers_of
from app.domain.forms.responding.valid import InvalidResponse, check_response
from app.domain.forms.state import Known, State


def faults_of_response(
    form: Form, response: Mapping[str, Any], known: Known, given: Mapping[Address, RawField]
) -> list[str]:
    """What is wrong with a response; `given` is what was typed last of each question, in Finnish."""
    try:
        check_response(response)
    except InvalidResponse as error:
        return [f"not valid: {error.reason}"]
    answers, refusals = answers_of(form, response)
    return [
        *(f"not read back: {refusal.code} {refusal.link_id!r}" for refusal in refusals),
        *_not_asked(compute(form, answers, known).state, answers),
        *_lost(form, answers, known, given),
    ]


def _not_asked(state: State, answers: Answers) -> Iterator[str]:
    """A condition is worked out anew from what was sent alone."""
    yield from (f"sent and not asked: {address}" for address in answers.values if address not in state.asked)


def _lost(form: Form, sent: Answers, known: Known, given: Mapping[Address, RawField]) -> Iterator[str]:
    """What was answered, is asked with all these answers, and was not sent as it was answered."""
    typed = {address: read(form.by_link[address.link_id], raw, "fi") for address, raw in given.items()}
    values = {address: values for address, values in typed.items() if not isinstance(values, Problem)}
    asked = compute(form, sent.with_values(values), known).state.asked
    for address in asked & values.keys():
        if values[address] != sent.of(address):
            yield f"answered and not sent: {address}"
