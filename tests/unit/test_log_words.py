"""The log data has words for everything that any service records, in three languages."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from app.domain.text import Text
from app.services.audit.log_words import log_words, special_reason_words
from app.services.own_data.words import own_data_words

APP = Path(__file__).parents[2] / "app"
PLACES = [
    path for folder in ("services", "operations", "jobs", "web", "routers") for path in (APP / folder).rglob("*.py")
]
TREES = {path: ast.parse(path.read_text()) for path in PLACES}
ACTION = 3  # its place among the arguments of trail.record


def recorded() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef, ast.Call]]:
    """Every call of trail.record, with the function around it."""
    for path, tree in TREES.items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "trail.record":
                        yield path, function, call


def constants(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef, value: ast.expr) -> set[str]:
    """What `value` may be: a constant, one of two, a constant of the module, a local, or what callers give."""
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        return constants(path, function, value.body) | constants(path, function, value.orelse)
    if isinstance(value, ast.Name) and value.id.isupper():
        return {str(getattr(module_of(path), value.id))}
    assert isinstance(value, ast.Name), f"{path.name}: {ast.unparse(value)} can't be known beforehand"
    return assigned(path, function, value.id) or given(path, function, value.id)


def module_of(path: Path) -> ModuleType:
    return import_module(".".join(path.relative_to(APP.parent).with_suffix("").parts))


def assigned(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> set[str]:
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            found |= of_assignment(path, function, node, name)
    return found


def of_assignment(
    path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.Assign, name: str
) -> set[str]:
    """What `node` gives to `name`, alone or as one of several."""
    found = set()
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=True)
        else:
            pairs = zip([target], [node.value], strict=True)
        for one, value in pairs:
            if ast.unparse(one) == name:
                found |= constants(path, function, value)
    return found


def given(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> set[str]:
    names = [one.arg for one in function.args.args]
    keywords = [one.arg for one in function.args.kwonlyargs]
    assert name in names + keywords, f"{path.name}: where does {name} come from?"
    trees = {path: TREES[path]} if function.name.startswith("_") else TREES
    found: set[str] = set()
    for place, tree in trees.items():
        for caller in ast.walk(tree):
            if isinstance(caller, ast.FunctionDef | ast.AsyncFunctionDef) and caller is not function:
                for call in ast.walk(caller):
                    if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == function.name:
                        value = argument(call, names, name) or default(function, name)
                        found |= constants(place, caller, value) if value else set()
    assert found, f"{path.name}: nobody gives {name} to {function.name}"
    return found


def argument(call: ast.Call, names: list[str], name: str) -> ast.expr | None:
    by_name = {one.arg: one.value for one in call.keywords}
    if name in by_name:
        return by_name[name]
    index = names.index(name) if name in names else len(call.args)
    return call.args[index] if index < len(call.args) else None


def default(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> ast.expr | None:
    defaults = dict(zip([one.arg for one in function.args.kwonlyargs], function.args.kw_defaults, strict=True))
    late = function.args.args[len(function.args.args) - len(function.args.defaults) :]
    defaults |= {one.arg: value for one, value in zip(late, function.args.defaults, strict=True)}
    return defaults.get(name)


def test_every_action_has_words() -> None:
    """What is recorded anywhere can be told to the person: no action without words of its own."""
    found = set()
    for path, function, call in recorded():
        found |= constants(path, function, call.args[ACTION])
    assert {"book", "read", "cancelled", "give_consent", "hold_back"} <= found  # the search sees all ways of naming one
    assert found - {key.split()[0] for key in log_words().actions} == set()


def test_every_purpose_has_words() -> None:
    """Why it was done can be told too."""
    found = {"own matters"}
    for path, function, call in recorded():
        for one in call.keywords:
            if one.arg == "purpose":
                found |= constants(path, function, one.value)
    assert {"handling the case", "operations"} <= found
    assert found - set(log_words().purposes) - set(log_words().withheld) == set()


@pytest.mark.parametrize("group", ["actions", "purposes", "reasons", "sections", "fields", "values"])
def test_words_are_complete(group: str) -> None:
    """Everything is said in Finnish, Swedish and English."""
    groups: dict[str, list[Text]] = {
        "actions": list(log_words().actions.values()),
        "purposes": list(log_words().purposes.values()),
        "reasons": list(special_reason_words().values()),
        "sections": list(own_data_words().sections.values()),
        "fields": list(own_data_words().fields.values()),
        "values": [text for codes in own_data_words().values.values() for text in codes.values()],
    }
    assert groups[group]
    assert all(text.complete for text in groups[group])
