"""What a person's own data is called on the page: sections, fields and coded values. content/own_data_words.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.content import load
from app.domain.text import Text
from app.services.own_data.permits import permit_kinds


@dataclass(frozen=True)
class OwnDataWords:
    """`values`: the words of codes, by field."""

    sections: Mapping[str, Text]
    fields: Mapping[str, Text]
    values: Mapping[str, Mapping[str, Text]]

    def value(self, field: str, value: object) -> Text | None:
        """The words of `value` in `field`; None where it says itself what it is."""
        group = "yes" if isinstance(value, bool) else field
        return self.values.get(group, {}).get(str(value))


@cache
def own_data_words() -> OwnDataWords:
    """The words as the county has written them; those of permits are their own."""
    data = load("own_data_words.json")
    values = {field: _texts(codes) for field, codes in data["values"].items()}
    values["scope"] = {scope: kind.names for scope, kind in permit_kinds().items()}
    return OwnDataWords(_texts(data["sections"]), _texts(data["fields"]), values)


def _texts(data: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {key: Text(words) for key, words in data.items()}
