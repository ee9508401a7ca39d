"""The built style sheet, script and font, and the paths under which the browser finds them.

`npm run build` writes them with a hash of their content in the name, so that they can be cached for ever.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BUILD = Path(__file__).parents[1] / "static" / "build"
URL = "/static/build/"


class AssetsMissing(RuntimeError):
    """The front end has not been built, or the manifest lacks a file that every page needs."""


@dataclass(frozen=True)
class Assets:
    """URL paths of the built files and of the mark, which a county replaces by its own."""

    css: str
    js: str
    font: str
    logo: str = "/static/logo.svg"

    @classmethod
    def load(cls, build: Path = BUILD) -> Self:
        """Reads `manifest.json` in the folder `build`. Raises AssetsMissing where the build has not been run."""
        try:
            names = json.loads((build / "manifest.json").read_text(encoding="utf-8"))
            return cls(
                css=URL + names["main.css"],
                js=URL + names["main.js"],
                font=URL + names["source-sans-3.woff2"],
            )
        except (FileNotFoundError, KeyError, json.JSONDecodeError) as error:
            raise AssetsMissing(
                f"The style sheet and script are not built ({build / 'manifest.json'}: {error!r}). "
                "Run: npm ci --ignore-scripts && npm run build"
            ) from error
