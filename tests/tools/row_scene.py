"""Rows of one resident in every personal table, and everybody who might look at them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import Connection

from app.domain.right import Basis
from app.domain.staff_roles import SERVICE_TASKS
from app.models import Base
from app.models.boundaries import PERSONAL
from app.models.context import NOBODY, Context
from app.services.viewer import OWN_REGISTERS, Acting, Doubt, Viewer, context_for
from tests.tools.fill import NOW, Filler

UNIT, SOCIAL_UNIT, FAR_UNIT = "near", "social", "far"
TASK, OTHER_TASK = "families", "older_people"
TOKEN, FOREIGN_TOKEN = b"token of the browser", b"token of another browser"
# The cases of the resident, as they differ for who looks.
CASES: Mapping[str, Mapping[str, object]] = {
    "o": {"unit_code": UNIT, "guardian_access": "default"},
    "c": {"unit_code": UNIT, "guardian_access": "closed"},
    "p": {"unit_code": UNIT, "guardian_access": "open"},
    "g": {"unit_code": UNIT, "guardian_access": "default"},  # sent by the guardian
    "s": {"unit_code": SOCIAL_UNIT, "guardian_access": "default", "register": "social", "service_task": TASK},
}
# Rows that belong to one of these belong to its case.
LEADING = {"case", "appointment", "application", "form_response", "attachment"}
SENT: Mapping[str, object] = {"state": "sent", "sent_at": NOW, "response": {}}


@dataclass
class Scene:
    """`letters`: table → primary key → the letter by which the expectations name the row."""

    filler: Filler
    letters: dict[str, dict[tuple[Any, ...], str]] = field(default_factory=lambda: {name: {} for name in PERSONAL})
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    staff: dict[str, uuid.UUID] = field(default_factory=dict)
    sessions: dict[str, uuid.UUID] = field(default_factory=dict)

    def add(self, name: str, letter: str, **known: object) -> Any:
        key = self.filler.add(name, **known)
        self.letters[name][key] = letter
        return key[0]


def make_scene(connection: Connection) -> Scene:
    """Rows of the resident `a` in every personal table; what only other people have is marked by other letters."""
    scene = Scene(Filler(connection))
    _people(scene)
    for letter, differs in CASES.items():
        _case(scene, letter, differs)
    _anonymous(scene)
    _nobodys(scene)
    _own(scene)
    connection.commit()
    return scene


def _people(scene: Scene) -> None:
    for letter in "agrm":  # the resident, the guardian, another resident, and a second row of the resident
        scene.people[letter] = scene.add("person", letter)
    for code in (UNIT, SOCIAL_UNIT, FAR_UNIT):
        scene.filler.add("unit", code=code)
    for name in ("opened", "expired", "reviewer", "found"):
        scene.staff[name] = scene.filler.add("staff_member")[0]
    scene.sessions["a"] = scene.add("browser_session", "a", person_id=scene.people["a"])
    scene.sessions["b"] = scene.add("browser_session", "b", token_hash=TOKEN, person_id=None)
    scene.filler.ties |= {"unit": UNIT, "person": scene.people["a"], "browser_session": scene.sessions["a"]}


def _case(scene: Scene, letter: str, differs: Mapping[str, object]) -> None:
    """A case with all that belongs to it, also to its appointment."""
    made_by = {"actor_id": scene.people["g" if letter == "g" else "a"]}
    register = {"register": differs.get("register", "patient")}
    scene.filler.ties["case"] = scene.add("case", letter, **differs, **made_by)
    more: dict[str, Mapping[str, object]] = {
        "appointment": {**made_by, **register},
        "assessment_run": {**made_by, **register, "session_id": None},
        "form_task": {**made_by, **register},
        "form_response": {**made_by, **register, **SENT, "session_id": None},
    }
    for name in of_case():
        key = scene.add(name, letter, **more.get(name, {}))
        scene.filler.ties[name] = key


def of_case() -> list[str]:
    """Personal tables whose rows belong to a case, its appointment or a form of it; those first to which others
    refer."""
    found = {"case"}
    for table in Base.metadata.sorted_tables:
        refers = {key.column.table.name for key in table.foreign_keys}
        if refers & found & LEADING and table.name in PERSONAL - {"special_access"}:
            found.add(table.name)
    return [table.name for table in Base.metadata.sorted_tables if table.name in found - {"case"}]


def _anonymous(scene: Scene) -> None:
    """What was sent and begun in a browser without signing in: of nobody, though it leads to somebody."""
    session = scene.sessions["b"]
    case = scene.add("case", "b", subject_id=None, actor_id=None, session_id=session, unit_code=UNIT)
    for name in ("case_event", "contact_request", "time_limit"):
        scene.add(name, "b", case_id=case)
    scene.add("assessment_run", "b", subject_id=None, actor_id=None, case_id=None, session_id=session)
    scene.add("set_aside", "b", person_id=None, subject_id=None, session_id=session)
    _draft(scene, "b", subject_id=None, actor_id=None, session_id=session)


def _nobodys(scene: Scene) -> None:
    """A notice of concern that was sent, and one that the resident writes in a browser in which they have signed in."""
    nobody: dict[str, object] = {"subject_id": None, "actor_id": None}
    concern = {**nobody, "session_id": None, "register": "social", "service_task": TASK}
    case = scene.add("case", "n", **concern, unit_code=SOCIAL_UNIT, kind="concern")
    for name in ("case_event", "contact_request", "time_limit"):
        scene.add(name, "n", case_id=case)
    _form(scene, "n", **concern, **SENT, case_id=case)
    _draft(scene, "w", **nobody, register="social", session_id=scene.sessions["a"])


def _draft(scene: Scene, letter: str, **known: object) -> None:
    _form(scene, letter, **known, case_id=None)


def _form(scene: Scene, letter: str, **known: object) -> None:
    """A filling of a form, with a file."""
    scene.filler.ties["form_response"] = scene.add("form_response", letter, **known)
    scene.filler.ties["attachment"] = scene.add("attachment", letter)
    scene.add("attachment_chunk", letter)


def _own(scene: Scene) -> None:
    """Everything else that the resident has, by itself; last the tables that need no more than an owner."""
    a, g = scene.people["a"], scene.people["g"]
    del scene.filler.ties["case"], scene.filler.ties["appointment"]
    for letter, actor in (("d", a), ("h", g)):  # drafts of the resident and of the guardian
        _draft(scene, letter, actor_id=actor, session_id=None)
    scene.add("representation", "a", actor_id=g)
    scene.add("set_aside", "a", person_id=a, subject_id=a)
    scene.add("local_mandate", "a", principal_id=a, mandatee_id=g)
    scene.add("care_role", "g", helper_id=g)
    scene.add("care_role", "a", helper_id=None)  # somebody whom the guardian needn't know of
    scene.add("person_merge", "a", kept_id=a, merged_id=scene.people["m"])
    for letter, register, actor in (("o", "patient", a), ("g", "patient", g), ("s", "social", a)):
        scene.add("correction_request", letter, register=register, actor_id=actor)
        scene.add("audit_event", letter, register=register, actor_id=actor, subject_id=a)
    scene.add("correction_request", "t", register="social", service_task=TASK, actor_id=a)
    scene.add("audit_event", "a", register=None, actor_id=a, subject_id=a)
    for name, until in (("opened", NOW + timedelta(hours=1)), ("expired", NOW)):
        scene.add("special_access", name[0], staff_id=scene.staff[name], unit_code=FAR_UNIT, until=until)
    scene.add("found_person", "a", staff_id=scene.staff["found"], until=NOW + timedelta(hours=1))
    for name in sorted(name for name, rows in scene.letters.items() if not rows):
        scene.add(name, "a")


def readers(scene: Scene) -> dict[str, Context]:
    """Everybody who looks, by the names that the written expectations use."""
    a, g, r = (scene.people[letter] for letter in "agr")

    def acting(
        registers: frozenset[str], readable: frozenset[str], basis: Basis = "guardian", doubt: Doubt = ""
    ) -> Context:
        right = Acting(uuid.uuid4(), a, "A", basis, registers, readable, NOW, doubt)
        return context_for(Viewer(uuid.uuid4(), g, acting=right))

    def staff(role: str, unit: str, *tasks: str, who: str = "") -> Context:
        me = scene.staff[who] if who else uuid.uuid4()
        return context_for(Viewer(uuid.uuid4(), staff_id=me, roles=(role,), units=(unit,), tasks=tasks))

    social, none = frozenset({"social"}), frozenset[str]()
    return {
        "empty": NOBODY,
        "another": context_for(Viewer(uuid.uuid4(), r)),
        "other_browser": Context("browser", session=uuid.uuid4(), token=FOREIGN_TOKEN),
        "browser": Context("browser", session=scene.sessions["b"], token=TOKEN),
        "self": context_for(Viewer(scene.sessions["a"], a)),
        "self_unsure": context_for(Viewer(scene.sessions["a"], a, assurance="low")),
        "guardian_reads": acting(OWN_REGISTERS, OWN_REGISTERS),
        "guardian_writes": acting(OWN_REGISTERS, none),
        "guardian_in_doubt": acting(none, none, doubt="unreachable"),
        "mandatee_social": acting(social, social, "mandate"),
        "foster_carer": acting(OWN_REGISTERS, none, "foster_carer"),
        "nurse": staff("triage_nurse", UNIT),
        "far_nurse": staff("triage_nurse", FAR_UNIT),
        "guide": staff("service_guide", UNIT, *SERVICE_TASKS),
        "social_worker": staff("social_worker", SOCIAL_UNIT, TASK),
        "other_task": staff("social_worker", SOCIAL_UNIT, OTHER_TASK),
        "opened": staff("triage_nurse", FAR_UNIT, who="opened"),
        "expired": staff("triage_nurse", FAR_UNIT, who="expired"),
        "found": staff("triage_nurse", FAR_UNIT, who="found"),
        "supervisor": staff("supervisor", FAR_UNIT),
        "other_supervisor": staff("supervisor", UNIT),
        "auditor": staff("auditor", UNIT),
        "operator": staff("operator", UNIT),
        "content_owner": staff("content_owner", UNIT),
        "door": Context("door", session=scene.sessions["b"]),
    }


def enter(connection: psycopg.Connection, context: Context) -> None:
    """Say by hand what a transaction of the application says; the clock stands at NOW."""
    for key, value in {**context.values(), "now": NOW.isoformat()}.items():
        connection.execute("select set_config(%s, %s, true)", [f"app.{key}", value])


def letters_seen(connection: psycopg.Connection, scene: Scene, name: str) -> str:
    """The letters of the rows of a table that the connection sees; `?` for one that the scene doesn't know."""
    keys = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[name].primary_key)
    rows = connection.execute(f'select {keys} from "{name}"').fetchall()
    known = scene.letters[name]
    return "".join(sorted({known.get(tuple(row), "?") for row in rows}))


def key_of(scene: Scene, name: str, letter: str) -> tuple[Any, ...]:
    """The primary key of the row of a table that has the letter."""
    return next(key for key, known in scene.letters[name].items() if known == letter)
