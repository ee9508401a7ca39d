"""All kinds of deliveries. A new one is a file `deliver_….py` and one line here."""

from collections.abc import Mapping

from app.services.deliver_notice import NoticeToMailbox
from app.services.delivery_kind import DeliveryKind

_ALL: tuple[DeliveryKind, ...] = (NoticeToMailbox(),)
KINDS: Mapping[str, DeliveryKind] = {kind.name: kind for kind in _ALL}


def kind_named(name: str) -> DeliveryKind:
    """The kind called `name`. Raises KeyError."""
    return KINDS[name]
