"""Data that the county owns: services, assessments, hours, numbers and texts in Finnish, Swedish and English."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> Any:
    """The JSON content file `name` (a path below this folder). Callers must not change what they get."""
    return json.loads(files(__name__).joinpath(name).read_text("utf-8"))


@cache
def load_text(name: str) -> str:
    """The text file `name` (a path below this folder)."""
    return files(__name__).joinpath(name).read_text("utf-8")
