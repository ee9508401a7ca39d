"""Addresses of pages by their name: looked up in a table, because a page names a dozen of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


@dataclass(frozen=True)
class Addresses:
    """The path of every named route, with its parameters in braces."""

    formats: Mapping[str, str]

    @classmethod
    def of(cls, app: FastAPI) -> Self:
        """The addresses of an application whose routers are all in. Raises ValueError where a name has two paths."""
        formats: dict[str, str] = {}
        for route in iter_route_contexts(app.routes):
            name, path = route.name, route.path_format
            if name and path and formats.setdefault(name, path) != path:
                raise ValueError(f"two routes are called {name}")
        return cls(formats)

    def path(self, name: str, **params: object) -> str:
        """The address of `name`. Raises KeyError for an unknown name or a missing parameter."""
        return self.formats[name].format_map({key: quote(str(value), safe="") for key, value in params.items()})
