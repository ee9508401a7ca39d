"""A form with all its questions at once, to be looked through by whoever answers for its content."""

from collections.abc import Iterator

from app.domain.forms.answers import Answers, Place
from app.domain.forms.instances import Instance, walk
from app.domain.forms.layout import FormPage
from app.domain.forms.model import Form, Item
from app.domain.forms.state import State


def everything(form: Form) -> State:
    """The form without answers, as if every condition held; what belongs to an answer stands there once."""
    instances = tuple(_instance(item, ()) for item in form.items)
    return State(form, Answers(), instances, frozenset(one.address for one in walk(instances)))


def conditional(page: FormPage) -> Iterator[Item]:
    """What on this page is asked only sometimes."""
    return (item for item in page.seen if item.enable_when or item.enable_expression)


def _instance(item: Item, place: Place) -> Instance:
    inside = (*place, 0) if item.multiplies else place
    below = (tuple(_instance(child, inside) for child in item.items),) if item.items or item.type == "group" else ()
    return Instance(item, inside if item.type == "group" else place, 0, below)
