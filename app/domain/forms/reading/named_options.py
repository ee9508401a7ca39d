"""Answers that conditions name, offered where a question's own list of them is kept elsewhere.

Without them nobody could give the answer on which other questions wait; whoever means another writes it in words.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.forms.model import Option
from app.domain.forms.reading.conditions import match
from app.domain.forms.reading.heads import Head
from app.domain.forms.reading.options import Offer
from app.domain.forms.values import Coding, plain_code
from app.domain.phrase import Phrase

Named = Mapping[str, Mapping[Coding, Option]]


def with_named_options(heads: tuple[Head, ...]) -> tuple[Head, ...]:
    """The heads, where an open choice offers also what the conditions of the form ask of it by code and in words."""
    named: dict[str, dict[Coding, Option]] = {}
    for head in (inner for top in heads for inner in top.walk()):
        for entry in head.element.objects("enableWhen") if "enableWhen" in head.element.data else ():
            coding = entry.object("answerCoding")
            if coding and coding.string("code") and coding.string("display"):
                value = Coding(plain_code(coding.string("code")), coding.string("system"), coding.string("display"))
                option = Option(value, Phrase.neutral(coding.text("display")))
                named.setdefault(entry.string("question"), {}).setdefault(value, option)
    return tuple(_completed(head, named) for head in heads)


def _completed(head: Head, named: Named) -> Head:
    below = tuple(_completed(one, named) for one in head.below)
    lacking = [] if head.offer.whole or head.type != "open-choice" else _lacking(head, named)
    if lacking:
        head.element.note("options_from_conditions", ", ".join(one.text.own.to("fi") for one in lacking))
    return replace(head, below=below, offer=Offer((*head.offer.options, *lacking), head.offer.whole))


def _lacking(head: Head, named: Named) -> list[Option]:
    found = named.get(head.link_id, {}).values()
    return [option for option in found if match(option.value, head.offer)[0] is None]
