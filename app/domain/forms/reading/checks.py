"""What stands in a Questionnaire beyond what is read: extensions, unknown elements, and what it says about itself."""

from collections.abc import Mapping
from typing import Any

from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.urls import (
    FORMATTING,
    KNOWN,
    SUB_QUESTIONNAIRE,
    SUPPORT_LINK,
    TEXT_EXPRESSIONS,
    UNSUPPORTED,
)

_BASE = frozenset({"id", "extension", "modifierExtension"})
_ITEM = _BASE | {
    *("linkId", "definition", "code", "prefix", "text", "type", "enableWhen", "enableBehavior", "required", "repeats"),
    *("readOnly", "maxLength", "answerValueSet", "answerOption", "initial", "item", "answerConstraint"),
}
_FORM = _BASE | {
    *("resourceType", "meta", "implicitRules", "language", "text", "contained", "url", "identifier", "version", "name"),
    *("title", "derivedFrom", "status", "experimental", "subjectType", "date", "publisher", "contact", "description"),
    *("useContext", "jurisdiction", "purpose", "copyright", "approvalDate", "lastReviewDate", "effectivePeriod"),
    *("code", "item"),
}
_OF_R5 = frozenset({"disabledDisplay", "versionAlgorithmString", "versionAlgorithmCoding", "copyrightLabel"})
_LEAVES = (str, int, float, type(None))
_NOT_SHOWN = ("contained", "meta", "text")  # of the Questionnaire: nothing in there is asked or shown


def check_form(root: Element) -> None:
    """Note what the Questionnaire says about itself and we do not follow."""
    if not root.string("title"):
        root.note("title_missing")
    if not root.string("url"):
        root.note("url_missing")
    if root.string("status") == "retired":
        root.note("retired")
    if root.data.get("implicitRules"):
        root.note("implicit_rules", root.string("implicitRules"))
    if root.data.get("derivedFrom"):
        root.note("derived_from", root.data["derivedFrom"])
    subjects = root.data.get("subjectType") or "Patient"
    if "Patient" not in (subjects if isinstance(subjects, list) else [subjects]):
        root.note("subject_not_person", subjects)


def check_extras(root: Element) -> None:
    """Note the extensions and elements that are not read, wherever they stand. A stack, for it may be very deep."""
    _check_names(root, _FORM)
    shown = {name: part for name, part in root.data.items() if name not in _NOT_SHOWN}
    waiting: list[tuple[Any, str, bool]] = [(shown, "", False)]
    while waiting:
        part, link_id, is_item = waiting.pop()
        if isinstance(part, list):
            waiting += [(entry, link_id, is_item) for entry in reversed(part)]
        elif isinstance(part, Mapping):
            here = str(part.get("linkId", "")) if is_item else link_id
            _check(Element(part, root.notes, root.base, here), is_item=is_item)
            inner = [(below, here, name == "item") for name, below in part.items() if name not in _BASE]
            waiting += [one for one in reversed(inner) if not isinstance(one[0], _LEAVES)]


def _check(element: Element, *, is_item: bool) -> None:
    if is_item:
        _check_names(element, _ITEM)
    modifier = element.data.get("modifierExtension")
    for entry in modifier if isinstance(modifier, list) else [modifier] if modifier else []:
        element.note("modifier_extension", entry.get("url", "") if isinstance(entry, Mapping) else entry)
    if "extension" in element.data:
        for entry in element.objects("extension"):
            _check_url(element, str(entry.data.get("url", "")))


def _check_names(element: Element, known: frozenset[str]) -> None:
    for name in element.data:
        if name.lstrip("_") not in known:
            code = "element_of_r5" if name.lstrip("_") in _OF_R5 else "element_unknown"
            element.notes.add_once(code, element.link_id, name)


def _check_url(element: Element, url: str) -> None:
    if url in KNOWN:
        return
    if url == SUB_QUESTIONNAIRE:
        element.note("sub_questionnaire")
    elif url in TEXT_EXPRESSIONS:
        element.note("text_expression", url)
    elif url == SUPPORT_LINK:
        element.note("support_link")
    else:
        code = "extension_unsupported" if url in UNSUPPORTED else "extension_unknown"
        element.notes.add_once("formatting_ignored" if url in FORMATTING else code, element.link_id, url)
