"""Questionnaires of any size, built like those that organisations publish: sections, blocks of five questions, scores
and conditions that look across the form."""

from collections.abc import Iterator, Mapping
from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
BLOCKS = 8  # of a section
_TYPES = ("choice", "integer", "string", "date", "boolean")


def large_form(items: int = 808, expressions: int = 50) -> dict[str, Any]:
    """A Questionnaire of so many items, with so many calculated values and conditions in FHIRPath."""
    made = list(_sections(items))
    blocks = [block for section in made for block in section["item"] if block["type"] == "group"]
    for number in range(expressions):
        _add_expression(number, blocks[number % len(blocks)], blocks[(number * 7) % len(blocks)]["linkId"])
    about = {"url": f"https://example.org/large-{items}", "version": "1", "name": f"Large{items}"}
    title = f"Iso lomake, {items} kohtaa"
    return {"resourceType": "Questionnaire", **about, "title": title, "status": "active", "item": made}


def _sections(items: int) -> Iterator[dict[str, Any]]:
    left, number = items, 0
    while left > 0:
        number += 1
        section: dict[str, Any] = {"linkId": f"s{number}", "type": "group", "text": f"Osa {number}", "item": []}
        left -= 1
        while left > 0 and len(section["item"]) < BLOCKS:
            name = f"s{number}b{len(section['item']) + 1}"
            block = _block(name, min(left, 1 + len(_TYPES)))
            left -= 1 + len(block.get("item", ()))
            section["item"].append(block)
        yield section


def _block(name: str, items: int) -> dict[str, Any]:
    """A group of questions; where there is room for one item only, a text."""
    if items < 2:
        return {"linkId": name, "type": "display", "text": f"Lue tämä {name}"}
    questions = [_question(f"{name}q{index}", kind) for index, kind in enumerate(_TYPES[: items - 1])]
    return {"linkId": name, "type": "group", "text": f"Kysymyksiä {name}", "item": questions}


def _question(link_id: str, kind: str) -> dict[str, Any]:
    question: dict[str, Any] = {"linkId": link_id, "type": kind, "text": f"Kysymys {link_id}?"}
    if kind == "choice":
        question["answerOption"] = [_option(code, score) for score, code in enumerate(("never", "some", "often"))]
    return question


def _option(code: str, score: int) -> dict[str, Any]:
    coding = {"system": "https://example.org/how-often", "code": code, "display": code.title()}
    return {"valueCoding": coding, "extension": [{"url": f"{CORE}ordinalValue", "valueDecimal": score}]}


def _add_expression(number: int, block: dict[str, Any], source: str) -> None:
    """By turns: a condition that looks from the top, one that looks through the whole response, a score of a section,
    a score of all sections. The condition stands on a question of the block, the score on one more, which is not
    counted among the items where the block has no room."""
    questions = block["item"]
    path = f"%resource.item.where(linkId='{source.split('b', maxsplit=1)[0]}').item.where(linkId='{source}').item"
    texts = (
        f"{path}.where(linkId='{source}q1').answer.value >= 0",
        f"%resource.descendants().where(linkId='{source}q0').answer.value.exists()",
        f"{path}.where(linkId='{source}q0').answer.value.ordinal().sum()",
        f"%resource.repeat(item).where(linkId='{source}q1').answer.value + 1",
    )
    text = texts[number % len(texts)]
    if number % len(texts) < 2:
        _extend(questions[2], f"{SDC}enableWhenExpression", text)
    else:
        questions[1]["readOnly"] = True
        _extend(questions[1], f"{SDC}calculatedExpression", text)


def _extend(item: dict[str, Any], url: str, text: str) -> None:
    expression: Mapping[str, Any] = {"language": "text/fhirpath", "expression": text}
    item.setdefault("extension", []).append({"url": url, "valueExpression": expression})
