"""A page as a reader without scripts has it: headings, links, forms; and what every page of the house must keep."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from xml.etree.ElementTree import Element

import html5lib

FIELDS = {"input", "select", "textarea", "button"}


@dataclass
class Form:
    """A form: where it goes, and its fields with their present values (names may repeat)."""

    action: str
    method: str
    values: list[tuple[str, str]]
    buttons: list[tuple[str, str, str]]
    element: Element


@dataclass
class Document:
    """A parsed page."""

    html: str
    root: Element = field(init=False)

    def __post_init__(self) -> None:
        self.root = html5lib.parse(self.html, treebuilder="etree", namespaceHTMLElements=False)

    def all(self, *tags: str) -> Iterator[Element]:
        return (element for element in self.root.iter() if element.tag in tags)

    @property
    def title(self) -> str:
        return text_of(next(self.all("title")))

    @property
    def h1(self) -> str:
        return text_of(next(self.all("h1")))

    @property
    def text(self) -> str:
        return text_of(next(self.all("body")))

    def links(self) -> list[tuple[str, str]]:
        """The text and address of every link."""
        return [(text_of(link), link.get("href", "")) for link in self.all("a")]

    def link(self, words: str) -> str:
        """The address of the first link whose text contains `words`."""
        return _only((href for text, href in self.links() if words in text), f"link {words!r}", self.links())

    def leading_to(self, part: str) -> str:
        """The address of the first link whose path ends with `part`."""
        found = (href for _text, href in self.links() if href.endswith(part) or f"{part}?" in href)
        return _only(found, f"link to {part}", self.links())

    def forms(self) -> list[Form]:
        return [_form(element) for element in self.all("form")]

    def form(self, ending: str) -> Form:
        """The first form whose action ends with `ending`."""
        found = (form for form in self.forms() if form.action.split("?")[0].endswith(ending))
        return _only(found, f"form to {ending}", [form.action for form in self.forms()])


T = TypeVar("T")


def _only(found: Iterator[T], wanted: str, there: object) -> T:
    first = next(found, None)
    assert first is not None, f"no {wanted}; there is: {there}"
    return first


def text_of(element: Element) -> str:
    """The element's text with white space made single."""
    return " ".join("".join(element.itertext()).split())


def _form(element: Element) -> Form:
    values: list[tuple[str, str]] = []
    buttons: list[tuple[str, str, str]] = []
    for one in element.iter():
        name = one.get("name")
        if one.tag == "button":
            buttons.append((text_of(one), name or "", one.get("value", "")))
        elif name and one.tag == "input" and one.get("type") in {"checkbox", "radio"}:
            if "checked" in one.attrib:
                values.append((name, one.get("value", "on")))
        elif name and one.tag == "textarea":
            values.append((name, text_of(one)))
        elif name and one.tag == "select":
            chosen = [option for option in one.iter("option") if "selected" in option.attrib]
            first = chosen or list(one.iter("option"))
            values.append((name, first[0].get("value", "") if first else ""))
        elif name and one.tag == "input":
            values.append((name, one.get("value", "")))
    return Form(element.get("action", ""), element.get("method", "get").lower(), values, buttons, element)


def faults_of(document: Document, language: str) -> list[str]:
    """What is wrong with a page by the rules that hold for every page; empty where nothing is."""
    return [fault for check in CHECKS for fault in check(document, language)]


def _one_heading(document: Document, _language: str) -> Iterator[str]:
    headings = list(document.all("h1"))
    if len(headings) != 1:
        yield f"{len(headings)} h1 elements"
    elif not document.title.startswith(text_of(headings[0])):
        yield f"title {document.title!r} does not start with the heading {text_of(headings[0])!r}"


def _language_told(document: Document, language: str) -> Iterator[str]:
    told = document.root.get("lang")
    if told != language:
        yield f"lang is {told!r}, not {language!r}"


def _unique_ids(document: Document, _language: str) -> Iterator[str]:
    ids = [element.get("id") for element in document.root.iter() if element.get("id")]
    for twice in {one for one in ids if ids.count(one) > 1}:
        yield f"id {twice!r} more than once"


def _forms_whole(document: Document, _language: str) -> Iterator[str]:
    for form in document.forms():
        if not form.action:
            yield "a form without action"
        if form.method == "post" and not dict(form.values).get("form_token"):
            yield f"the form to {form.action} has no token"


def _fields_labelled(document: Document, _language: str) -> Iterator[str]:
    labelled = {label.get("for") for label in document.all("label")}
    for one in document.all("input", "select", "textarea"):
        if one.get("type") in {"hidden", "submit"}:
            continue
        if one.get("id") not in labelled and not one.get("aria-label") and not one.get("aria-labelledby"):
            yield f"the field {one.get('name')!r} has no label"


def _links_lead(document: Document, _language: str) -> Iterator[str]:
    ids = {element.get("id") for element in document.root.iter()}
    for text, href in document.links():
        if not href:
            yield f"the link {text!r} leads nowhere"
        elif href.startswith("#") and href != "#" and href[1:] not in ids:
            yield f"the link {text!r} leads to {href}, which is not on the page"


def _nothing_inline(document: Document, _language: str) -> Iterator[str]:
    for element in document.root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline {element.tag}"
        for name in element.attrib:
            if name == "style" or name.startswith("on") or name.startswith("hx-on"):
                yield f"inline {name} on {element.tag}"


def _no_debris(document: Document, _language: str) -> Iterator[str]:
    """Signs of a value that was not there, or of a message that was not put together."""
    for element in document.all("p", "li", "td", "dd", "dt", "h1", "h2", "h3", "a", "button", "span", "strong"):
        if text_of(element) in {"None", "none", "Undefined"}:
            yield f"{element.tag} says {text_of(element)!r}"
    for mark in ("{{", "}}", "%(", "Traceback"):
        if mark in document.text:
            yield f"{mark!r} in the text"


CHECKS = (
    _one_heading,
    _language_told,
    _unique_ids,
    _forms_whole,
    _fields_labelled,
    _links_lead,
    _nothing_inline,
    _no_debris,
)
