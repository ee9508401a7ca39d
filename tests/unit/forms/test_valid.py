"""The last check of a QuestionnaireResponse."""

from typing import Any

import pytest

from app.domain.forms.responding.valid import InvalidResponse, check_response

HEAD = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": "urn:form|1",
    "status": "completed",
    "authored": "2026-11-22T10:30:00+02:00",
}


def _with(*items: dict[str, Any]) -> dict[str, Any]:
    return {**HEAD, "item": list(items)}


def _answered(**answer: object) -> dict[str, Any]:
    return {"linkId": "a", "answer": [answer]}


def test_a_whole_response_passes_as_it_is() -> None:
    """The check changes nothing of what it looks at."""
    below = {"linkId": "b", "answer": [{"valueDecimal": 1.5}, {"valueInteger": 3}]}
    group = {"linkId": "g", "item": [_answered(valueBoolean=True, item=[below])]}
    response = _with(group, group)
    check_response(response)
    assert response == _with(group, group)
    check_response(HEAD)


@pytest.mark.parametrize(
    "response",
    [
        {**HEAD, "resourceType": "Questionnaire"},
        {**HEAD, "status": "done"},
        {**HEAD, "authored": "2026-11-22T10:30:00"},
        {name: part for name, part in HEAD.items() if name != "questionnaire"},
        {name: part for name, part in HEAD.items() if name != "authored"},
        {**HEAD, "mood": "good"},
        {**HEAD, "item": []},
        {**HEAD, "item": _answered(valueBoolean=True)},
        _with({"answer": [{"valueBoolean": True}]}),
        _with({"linkId": "a", "answer": []}),
        _with({"linkId": "a", "text": "", "answer": [{"valueBoolean": True}]}),
        _with(_answered(valueBoolean=True), _answered(valueBoolean=False)),
        _with({**_answered(valueBoolean=True), "item": [{"linkId": "b"}]}),
        _with(_answered()),
        _with(_answered(id="x")),
        _with(_answered(valueBoolean=True, valueInteger=1)),
    ],
)
def test_a_faulty_structure_is_refused(response: dict[str, Any]) -> None:
    """A response that a receiver could not read does not leave."""
    with pytest.raises(InvalidResponse):
        check_response(response)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("valueBoolean", "true"),
        ("valueInteger", "3"),
        ("valueInteger", 3.0),
        ("valueInteger", True),
        ("valueInteger", 2**31),
        ("valueDecimal", "1.5"),
        ("valueDecimal", float("nan")),
        ("valueDecimal", True),
        ("valueString", ""),
        ("valueString", "bell\x07"),
        ("valueDate", "2026-13-01"),
        ("valueTime", "10:30"),
        ("valueDateTime", "2026-11-22T10:30:00"),
        ("valueQuantity", {"value": "3", "code": "kg"}),
        ("valueQuantity", {"value": True}),
        ("valueCoding", {}),
        ("valueCoding", {"code": "a", "kolour": "red"}),
        ("valueMoney", {"value": 3}),
    ],
)
def test_nothing_is_coerced(name: str, value: object) -> None:
    """What the library would read as something else is refused as it stands."""
    with pytest.raises(InvalidResponse):
        check_response(_with(_answered(**{name: value})))


def test_reasons_name_places_and_no_answers() -> None:
    """A refusal goes to the log; what somebody answered does not."""
    with pytest.raises(InvalidResponse) as refused:
        check_response(_with(_answered(valueDate="secret")))
    assert "item.0.answer.0.valueDate" in refused.value.reason
    assert "secret" not in str(refused.value)


def test_a_ring_is_refused() -> None:
    """A structure without end is no JSON."""
    ring: dict[str, Any] = {"linkId": "a"}
    ring["item"] = [ring]
    with pytest.raises(InvalidResponse):
        check_response(_with(ring))
