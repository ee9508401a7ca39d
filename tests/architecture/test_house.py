"""House rules that a tool can hold: routes declared, jobs registered, texts translated, templates compiled."""

import ast
import re
from pathlib import Path

import html5lib
import pytest
from babel.messages.pofile import read_po
from fastapi.routing import APIRoute, APIRouter

from app import routers
from app.domain.text import LANGUAGES
from app.jobs import jobs
from app.web.environment import TEMPLATES, make_environment
from tests.tools.messages import LOCALES, extracted, key_of

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"


def _routers_in_files() -> list[APIRouter]:
    return [
        module.router for module in vars(routers).values() if isinstance(getattr(module, "router", None), APIRouter)
    ]


def test_every_router_has_one_audience() -> None:
    """Each router is declared for exactly one audience: nothing is served that nobody thought about."""
    declared = [*routers.PUBLIC, *routers.RESIDENT, *routers.STAFF, *routers.MACHINE]
    assert len(declared) == len(set(map(id, declared)))
    files = {path.stem for path in (APP / "routers").glob("*.py")} - {"__init__"}
    assert len(declared) == len(files)
    assert set(map(id, declared)) == set(map(id, _routers_in_files()))


def _names_in_signature(route: APIRoute) -> str:
    return " ".join(str(parameter) for parameter in route.endpoint.__annotations__.values())


@pytest.mark.parametrize(
    ("audience", "policies"),
    [
        ("RESIDENT", ("signed_in_resident", "own_resident", "unasked_resident")),
        ("STAFF", ("signed_in_staff", "MayStaff")),
    ],
)
def test_policy_is_in_the_signature(audience: str, policies: tuple[str, ...]) -> None:
    """Every route of residents (all, or in own matters) and of staff (all, or those with a permission) resolves who is
    signed in before its body runs."""
    routes = [route for router in getattr(routers, audience) for route in router.routes if isinstance(route, APIRoute)]
    assert routes
    for route in routes:
        named = _names_in_signature(route)
        assert any(policy in named for policy in policies), route.name


def _deferred_names() -> set[str]:
    found = set()
    for path in (APP / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.defer":
                name = node.args[1]
                assert isinstance(name, ast.Constant), f"{path.name}: a task is deferred by a computed name"
                found.add(str(name.value))
    return found


def test_every_deferred_name_is_a_task() -> None:
    """A service defers work by name: each name is a task that the worker knows."""
    names = _deferred_names()
    assert names
    assert names <= jobs.tasks.keys()


def test_services_never_commit() -> None:
    """One transaction per request: only the rule for outside calls gives a connection back early."""
    committing = {path.name for path in (APP / "services").rglob("*.py") if "session.commit()" in path.read_text()}
    assert committing == {"outside.py"}


def _translated(language: str) -> dict[tuple[str | None, str], bool]:
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    rows = {}
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        rows[key_of(message)] = all(strings) and not message.fuzzy
    return rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete(language: str) -> None:
    """Every text of code and templates has a translation in every language, and no catalogue holds dead ones."""
    wanted, rows = extracted().keys(), _translated(language)
    assert len(wanted) > 100
    assert wanted - rows.keys() == set()
    assert rows.keys() - wanted == set()
    assert [key for key, whole in rows.items() if not whole] == []


def test_templates_compile() -> None:
    """Every template compiles in the strict environment."""
    environment = make_environment()
    names = environment.list_templates()
    assert names
    for name in names:
        environment.get_template(name)


def test_no_literal_text_in_templates() -> None:
    """Words stand in gettext or content, never bare in a template (marks such as · and – are no words)."""
    bare = {}
    for path in TEMPLATES.rglob("*.html"):
        words = re.findall(r"[^\W\d_]{2,}", _bare_text(path.read_text()))
        if words:
            bare[str(path.relative_to(TEMPLATES))] = words
    assert bare == {}


# Taken away: Jinja, the class of the body, and addresses of web pages.
JINJA = re.compile(
    r"[a-z]+\.fi\b|{% block body_class %}.*?endblock %}|{#.*?#}|{%-?\s*trans.*?endtrans\s*-?%}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)


def _bare_text(template: str) -> str:
    """What a reader would see of a template without anything that Jinja puts in."""
    root = html5lib.parseFragment(JINJA.sub("", template), treebuilder="etree", namespaceHTMLElements=False)
    return " ".join(root.itertext())
