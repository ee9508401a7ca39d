"""Somebody who fills in one form in their browser, by linkIds and codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.domain.forms.layout import lay_out, page_of
from app.domain.forms.model import Form, Item
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.document import Document, text_of
from tests.tools.small_forms import publish
from tests.tools.visitor import Visitor

# By linkId: words, the code of an option, or several codes. `name.1` is in the second repetition of its group,
# `born:day` a part of a date.
Given = Mapping[str, str | list[str]]


@dataclass
class Respondent:
    """Fills in `form`, which is called `code`, in the browser of `visitor`."""

    visitor: Visitor
    code: str
    form: Form

    async def begin(self) -> str:
        """From the introduction to the first page; the id of the draft."""
        await self.visitor.get(f"/{self.visitor.language}/forms/{self.code}")
        await self.visitor.submit(f"/forms/{self.code}")
        return self.draft

    @property
    def draft(self) -> str:
        """The id in the address of where the browser is."""
        return self.visitor.path.partition("/fill/")[2].partition("/")[0]

    @property
    def here(self) -> str:
        return urlsplit(self.visitor.path).path

    def page(self, link_id: str) -> str:
        """The address of the page on which a question stands."""
        found = page_of(lay_out(self.form), link_id)
        assert found, link_id
        return f"/{self.visitor.language}/forms/fill/{self.draft}/page/{found.id}"

    async def open(self, link_id: str) -> None:
        await self.visitor.get(self.page(link_id))

    async def answer(self, given: Given | None = None, button: str = "") -> None:
        """Send the page with these answers, by the first button whose text contains `button`."""
        await self.visitor.submit(self.here, button, **self.fields(given or {}))

    async def to_check(self) -> None:
        """Go on without answers to the page of all answers."""
        for _ in range(60):
            if self.here.endswith("/check"):
                return
            before = self.visitor.path
            await self.answer()
            assert self.visitor.path != before, self.visitor.document.text[:300]
        raise AssertionError("no check")

    async def send(self) -> None:
        """Press the button of the check."""
        await self.visitor.submit("/check")

    def fields(self, given: Given) -> dict[str, str | list[str]]:
        """What the browser sends for these answers."""
        return dict(self._field(name, value) for name, value in given.items())

    def name(self, link_id: str) -> str:
        """What the field of a question is called on its page."""
        plain, _, part = link_id.partition(":")
        link, _, place = plain.partition(".")
        number = f"f{self.form.by_link[link].number}" + (f".{place}" if place else "")
        return f"{number}-{part}" if part else number

    def _field(self, name: str, value: str | list[str]) -> tuple[str, str | list[str]]:
        item = self.form.by_link[name.partition(":")[0].partition(".")[0]]
        if isinstance(value, list):
            return self.name(name), [_sent(item, one) for one in value]
        return self.name(name), _sent(item, value)


def _sent(item: Item, word: str) -> str:
    """An option is sent by its place, everything else as it is typed."""
    codes = [getattr(option.value, "code", "") for option in item.options]
    return str(codes.index(word)) if word in codes else word


async def small(browser: Visitor, settings: Settings, *items: Any, **more: Any) -> Respondent:
    """A form of these items, begun."""
    one = Respondent(browser, *publish(settings, *items, **more))
    await one.begin()
    return one


def draft_of(settings: Settings, one: Respondent | str) -> dict[str, Any]:
    (row,) = rows_of(settings, "select * from form_response where id = %s", one if isinstance(one, str) else one.draft)
    return row


def answered(settings: Settings, one: Respondent | str) -> dict[str, Any]:
    """What a draft or a response keeps, by linkId and place."""
    values = draft_of(settings, one)["answers"]["values"]
    return {".".join([link, *map(str, place)]): [*map(_plain, given)] for link, place, given in values}


def _plain(value: dict[str, Any]) -> Any:
    (found,) = value.values()
    return found.get("code", found) if isinstance(found, dict) else found


def summary(page: Document) -> list[tuple[str, str]]:
    """Words and target of each line of the error summary."""
    boxes = [one for one in page.all("div") if "govuk-error-summary" in one.get("class", "").split()]
    return [(text_of(link), link.get("href", "")) for box in boxes for link in box.iter("a")]
