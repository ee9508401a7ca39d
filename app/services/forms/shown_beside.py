"""Answers to an earlier version of a form that were not filled in to the new one, as a draft keeps them."""

from collections.abc import Mapping, Sequence

from app.domain.forms.answers import Address, from_data
from app.domain.forms.values import Value
from app.domain.text import Text
from app.models import FormResponse


def shown_beside(response: FormResponse) -> Mapping[Address, tuple[Value, ...]]:
    """What is shown beside a question whose meaning has changed."""
    return from_data({"values": (response.shown or {}).get("beside", ())}).values


def left_out(response: FormResponse) -> Sequence[tuple[Text, tuple[Value, ...]]]:
    """Questions that are asked no more, with what was answered."""
    rows = (response.shown or {}).get("left_out", ())
    return [
        (Text(row["text"]), values) for row in rows for values in from_data({"values": row["values"]}).values.values()
    ]
