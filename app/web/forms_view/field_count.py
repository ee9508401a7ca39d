"""How many fields a page has: one that grows beyond what a browser and we can carry would lose what is typed on it."""

from collections.abc import Mapping, Sequence

from app.domain.forms.instances import Instance, walk
from app.domain.forms.layout import answerable
from app.domain.forms.model import Item, ItemType

MOST_FIELDS = 1000  # of a page with rows that are added: such a page takes about a second to make
PARTS: Mapping[ItemType, int] = {"date": 3, "dateTime": 4, "quantity": 2, "open-choice": 2}


def has_room(on_page: Sequence[Instance], group: Item) -> bool:
    """Whether one more repetition of `group` fits the page."""
    now = sum(_fields(one.item) for one in walk(on_page))
    return now + sum(_fields(item) for item in group.walk()) <= MOST_FIELDS


def _fields(item: Item) -> int:
    """How many fields a question has in the browser at the most: an option is one where several may be chosen."""
    if not answerable(item):
        return 0
    return PARTS.get(item.type, 1) + (len(item.options) if item.repeats else 0)
