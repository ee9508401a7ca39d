"""The fields of a wish to be contacted: what was typed, and what is made of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.services.cases.contact_requests import ContactDetails, Way
from app.services.county_rules import ContactTopic
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.needs_form import FIELDS as NEEDS_FIELDS
from app.web.needs_form import read_needs

MESSAGE_LONGEST = 4000
# As they stand on the page: so does the summary of errors.
FIELDS = ("topic", "message", "about", "name", "way", "phone", "when", "reachable", *NEEDS_FIELDS)
WAYS: Mapping[str, Way] = {"phone": "phone", "written": "written", "video": "video"}
# The parts of a weekday, from hour to hour; the county calls from 8 to 16.
WHEN = ("8–10", "10–12", "12–14", "14–16")
Typed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class TypedContact:
    """What stands in the fields: by name, and the ticked parts of the day. `remember`: the needs are to be kept."""

    values: Mapping[str, str]
    when: Collection[str] = ()
    remember: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> Sequence[FieldError]:
        """What is to be mended, in the order of the page."""
        return [FieldError(name, self.errors[name]) for name in FIELDS if name in self.errors]


def as_typed(typed: Typed, errors: Mapping[str, str] | None = None) -> TypedContact:
    """What was sent, to be shown again."""
    values = {name: next(iter(typed.get(name, ())), "") for name in FIELDS}
    return TypedContact(values, typed.get("when", ()), bool(typed.get("remember")), errors or {})


def read_details(form: Form, topics: Sequence[ContactTopic], *, with_topic: bool, acting: bool) -> ContactDetails:
    """The wish as it was typed; what is to be mended is told in the form's errors."""
    too_long = _("Shorten the text")
    topic, way = form.value("topic"), WAYS.get(form.value("way") or "phone")
    if with_topic and topic not in {topic.code for topic in topics}:
        form.errors["topic"] = _("Choose what it is about")
    if way is None:
        form.errors["way"] = _("Choose how we answer you")
    return ContactDetails(
        name=form.text("name", longest=200, required=_("Write your name"), too_long=too_long),
        phone=_phone(form, needed=way == "phone"),
        reachable=_reachable(form.many("when"), form.text("reachable", longest=300, too_long=too_long)),
        message=form.text(
            "message",
            longest=MESSAGE_LONGEST,
            required=_("Write in a few words what it is about") if with_topic else "",
            too_long=_("Shorten the text to at most 4,000 characters"),
        ),
        topic=topic,
        about=form.text("about", longest=300, too_long=too_long) if with_topic and not acting else "",
        way=way or "phone",
        needs=read_needs(form),
    )


def _phone(form: Form, *, needed: bool) -> str:
    if not needed and not form.value("phone"):
        return ""
    return form.phone("phone", message=_("Write a phone number, such as 040 123 4567"))


def _reachable(ticked: Collection[str], more: str) -> str:
    """When they can be reached, in the reader's own language, as they read it themselves later."""
    parts = ", ".join(part for part in WHEN if part in ticked)
    weekdays = _("on weekdays at %(times)s") % {"times": parts} if parts else ""
    return " · ".join(part for part in (weekdays, more) if part)
