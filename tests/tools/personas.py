"""The personas of the authorisation matrix: who asks, in which session, and whose thing they ask for.

People are test persons of the shared world. Who acts for another has chosen so in the mandates simulator, once for
the module; each request then has a copy of that session, so that one that ends in it takes nothing from the next. The
last answer of Suomi.fi is always two minutes old: reading asks again too.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from fastapi import FastAPI

from app.content import load
from app.services.identity.vault import IdentityVault
from app.settings import Settings
from app.simulators.living_world import WITHDRAWN
from app.web.tokens import FormTokens, hash_secret, new_secret
from tests.tools.rows import Rows
from tests.tools.world import FIXED_NOW

ANONYMOUS = b"anonymous"
RESIDENT, STAFF = "asiointi", "asiointi-staff"
UNIT, OTHER_UNIT, TASK, OTHER_TASK = "mikkeli", "savonlinna", "older_people", "child_welfare"
OTHER = {"patient": "social", "social": "patient"}
# Who has given Liisa a mandate for one register only; the things of most personas are theirs.
ADULT = {"patient": "eino", "social": "helvi"}
CLERKS = {"patient": "triage_nurse", "social": "service_guide"}
ACTING = ("parent_small", "parent_teen", "parent_teen_own", "mandate", "mandate_wrong", "withdrawn")
ROLES = (
    *("triage_nurse", "service_guide", "social_worker", "specialist"),
    *("supervisor", "content_owner", "auditor", "operator"),
)
PERSONAS = ("anonymous", "self", "other", *ACTING, *ROLES, "other_unit", "other_register", "other_task")
STALE = timedelta(minutes=2)


@dataclass(frozen=True)
class Seat:
    """A persona at a browser: the cookie that it sends, and who is signed in by it."""

    persona: str
    cookie: str = RESIDENT
    secret: str = ""
    session_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    staff_id: uuid.UUID | None = None

    @property
    def cookies(self) -> dict[str, str]:
        return {self.cookie: self.secret} if self.secret else {}

    def binding(self, path: str) -> bytes:
        """What a form on the page `path` is bound to: a session opens only its own side of the house."""
        mine = STAFF if "/staff" in path else RESIDENT
        return self.session_id.bytes if self.session_id and self.cookie == mine else ANONYMOUS


@dataclass(frozen=True)
class Of:
    """Whose matter a thing is (`subject`), who made it (`maker`), and in which register it is."""

    subject: uuid.UUID
    maker: uuid.UUID
    register: str


@dataclass
class Cast:
    """Everybody. `begin` first: it goes to Suomi.fi."""

    app: FastAPI
    settings: Settings
    rows: Rows
    acting: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people: dict[str, uuid.UUID] = {}
        vault = IdentityVault.of(self.settings)
        for row in load("test_persons.json")["residents"]:
            query = "select id from person where identity_lookup = %s"
            self.people[row["key"]] = self.rows.one(query, vault.lookup(row["identity_code"]))["id"]

    async def begin(self) -> None:
        """Everybody who acts for another has chosen for whom; then Aili withdraws what she gave Marja."""
        for actor, subject in (
            *(("anna", "eemeli"), ("heli", "aino")),
            *(("liisa", "eino"), ("liisa", "helvi"), ("marja", "aili")),
        ):
            self.acting[actor, subject] = await self._choose(actor, subject)
        record = {"kind": WITHDRAWN, "key": "aili/marja", "body": {}}
        self._simulators("put", "_scenario", {"records": [record]})

    def end(self) -> None:
        """Suomi.fi as it was."""
        self._simulators("post", "_reset/suomifi-mandates", {})

    def pair(self, persona: str, register: str) -> tuple[str, str]:
        """Who acts for whom (keys of the shared world)."""
        return {
            "parent_small": ("anna", "eemeli"),
            "parent_teen": ("heli", "aino"),
            "parent_teen_own": ("heli", "aino"),
            "mandate": ("liisa", ADULT[register]),
            "mandate_wrong": ("liisa", ADULT[OTHER[register]]),
            "withdrawn": ("marja", "aili"),
        }[persona]

    def of(self, persona: str, register: str, *, minor: bool = False) -> Of:
        """Whose thing `persona` asks for: their own, that of whom they act for, else an adult's (or a minor's)."""
        subject = maker = "aino" if minor else ADULT[register]
        if persona in ACTING:
            actor, subject = self.pair(persona, register)
            maker = {"parent_small": "juho", "parent_teen_own": actor}.get(persona, subject)
        return Of(self.people[subject], self.people[maker], register)

    def seat(self, persona: str, of: Of, able: str) -> Seat:
        """A new session. `able`: the staff role whose task it is, for the one of another unit."""
        if persona == "anonymous":
            return Seat(persona)
        if persona in {"self", "other"}:
            return self.resident(persona, of.subject if persona == "self" else self.people["kerttu"])
        if persona in ACTING:
            return self._acting(persona, self.acting[self.pair(persona, of.register)])
        role, unit, task = {
            "other_unit": (able, OTHER_UNIT, TASK),
            "other_register": (CLERKS[OTHER[of.register]], UNIT, TASK),
            "other_task": ("social_worker", UNIT, OTHER_TASK),
        }.get(persona, (persona, UNIT, TASK))
        return self.staff(persona, role, [unit], [task])

    def resident(self, persona: str, person: uuid.UUID) -> Seat:
        return self._session(persona, RESIDENT, person_id=person)

    def staff(self, persona: str, role: str, units: list[str], tasks: list[str]) -> Seat:
        staff = uuid.uuid4()
        self.rows.add(
            "staff_member",
            id=staff,
            issuer="test",
            subject=str(staff),
            name="Testi Työntekijä",
            profession="nurse",
            roles=[role],
            units=units,
            tasks=tasks,
            signed_in_at=FIXED_NOW,
        )
        return self._session(persona, STAFF, staff_id=staff)

    def _acting(self, persona: str, chosen: dict[str, Any]) -> Seat:
        seat = self._session(persona, RESIDENT, person_id=chosen["actor_id"])
        mine = {"id": uuid.uuid4(), "session_id": seat.session_id, "asked_at": FIXED_NOW - STALE}
        self.rows.add("representation", **{**chosen, **mine})
        return seat

    def _session(self, persona: str, cookie: str, **who: uuid.UUID) -> Seat:
        secret, session = new_secret(), uuid.uuid4()
        times = {"created_at": FIXED_NOW, "seen_at": FIXED_NOW}
        self.rows.add(
            "browser_session", id=session, token_hash=hash_secret(secret), sign_in_id=uuid.uuid4(), **who, **times
        )
        return Seat(persona, cookie, secret, session, **who)

    async def _choose(self, actor: str, subject: str) -> dict[str, Any]:
        """To the mandates simulator and back, as a browser goes; what the window keeps of the right."""
        seat = self.resident(actor, self.people[actor])
        window = self.settings.public_url
        mounts = {window: httpx.ASGITransport(app=self.app)}
        async with httpx.AsyncClient(mounts=mounts, base_url=window, cookies=seat.cookies) as client:
            answer = await client.post("/fi/acting/suomifi", data={"form_token": self.token(seat, "/fi/acting")})
            choosing = await client.get(answer.headers["location"], follow_redirects=True)
            path = f"{urlsplit(str(choosing.url)).path}?lang=fi"
            answer = await client.post(urljoin(str(choosing.url), path), data={"principal": subject})
            assert "code" in parse_qs(urlsplit(answer.headers["location"]).query), answer.headers["location"]
            answer = await client.get(answer.headers["location"])
        assert answer.headers["location"] == "/fi/my", f"{actor} may not act for {subject}"
        query = "select * from representation where actor_id = %s and subject_id = %s"
        return self.rows.one(query, self.people[actor], self.people[subject])

    def token(self, seat: Seat, path: str) -> str:
        """A good form token of the page `path`."""
        return FormTokens(self.settings.secret_key.get_secret_value()).make(seat.binding(path))

    def _simulators(self, method: str, path: str, body: dict[str, Any]) -> None:
        address = f"{self.settings.simulators_url}/{path}"
        httpx.request(method, address, json=body, headers={"Accept": "application/json"}).raise_for_status()
