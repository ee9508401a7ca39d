"""Reading QuestionnaireResponses."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, StrictBool, StrictInt

from app.integrations.kanta.phr.elements import Body, Coding, Identifier, Moment, ResourceBody, instant
from app.integrations.kanta.phr.port import AnsweredItem, AnswerValue, Choice, FilledQuestionnaire, Kept


class _Answer(Body):
    value_boolean: StrictBool | None = None
    value_integer: StrictInt | None = None
    value_decimal: Decimal | None = None
    value_date: date | None = None
    value_date_time: Moment | None = None
    value_string: str | None = None
    value_uri: str | None = None
    value_coding: Coding | None = None
    item: tuple["_Item", ...] = ()

    def value(self) -> AnswerValue:
        if self.value_coding:
            code = self.value_coding.code or ""
            return Choice(self.value_coding.system, code, self.value_coding.display or code)
        if self.value_date_time:
            return instant(self.value_date_time)
        simple: tuple[AnswerValue | None, ...] = (
            self.value_boolean,
            self.value_integer,
            self.value_decimal,
            self.value_date,
            self.value_string,
            self.value_uri,
        )
        found = next((value for value in simple if value is not None), None)
        if found is None:
            raise ValueError("an answer of a type that is not known here")
        return found


class _Item(Body):
    link_id: str
    text: str = ""
    answer: tuple[_Answer, ...] = ()
    item: tuple["_Item", ...] = ()

    def answered(self) -> AnsweredItem:
        """Items under an answer come beside those under the item: for reading, that is the same."""
        inner = [*self.item, *(item for answer in self.answer for item in answer.item)]
        return AnsweredItem(
            link_id=self.link_id,
            text=self.text,
            answers=tuple(answer.value() for answer in self.answer),
            items=tuple(item.answered() for item in inner),
        )


class QuestionnaireResponseBody(ResourceBody):
    resource_type: Literal["QuestionnaireResponse"]
    identifier: Identifier
    questionnaire: str
    shown: Mapping[str, Any] = Field(alias="_questionnaire", default_factory=dict)
    authored: Moment
    item: tuple[_Item, ...] = ()

    def kept(self) -> Kept[FilledQuestionnaire]:
        filled = FilledQuestionnaire(
            **self.common([self.identifier]),
            questionnaire=self.questionnaire,
            title=next(_strings(self.shown), ""),
            filled_at=instant(self.authored),
            items=tuple(item.answered() for item in self.item),
        )
        return Kept(self.id, self.meta.version_id, filled)


def _strings(shadow: Mapping[str, Any]) -> Iterator[str]:
    extensions = shadow.get("extension")
    for extension in extensions if isinstance(extensions, list) else []:
        value = extension.get("valueString") if isinstance(extension, dict) else None
        if isinstance(value, str):
            yield value
