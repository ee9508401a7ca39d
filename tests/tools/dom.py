"""Markup as plain values, to compare two documents by what they mean."""

from typing import Any

import html5lib

Node = tuple[str, tuple[tuple[str, str], ...], tuple[Any, ...]]


def _node(element: Any) -> Node:
    """An element as plain values: attributes in order, white space of text folded, empty text left out."""
    children: list[Any] = [" ".join((element.text or "").split())]
    for child in element:
        children += [_node(child), " ".join((child.tail or "").split())]
    attributes = {key: " ".join(value.split()) for key, value in element.attrib.items()}
    return (
        element.tag if isinstance(element.tag, str) else "comment",
        tuple(sorted(attributes.items())),
        tuple(child for child in children if child),
    )


def dom(html: str) -> Node:
    """A whole document or a part of one."""
    return _node(html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False))
