"""The back-end's rules: who may ask, what may be booked, and what becomes of slots and holds."""

import hmac
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

from starlette.requests import Request

from app.domain.booking import HOLD, LONGEST_HOLD
from app.domain.clock import Clock
from app.domain.fhir import OWN
from app.domain.finnish_scheduling import finnish_state, status_elements
from app.simulators.booking_backend.checks import (
    check_change,
    check_new,
    check_patient,
    check_slots,
    invalid,
)
from app.simulators.booking_backend.seed import WEEKS, actors, slots
from app.simulators.fhir_server import Action, Answer, Context, Operation, Refusal, Resource, Rules, insist
from app.simulators.fhir_server.incoming import check_valid
from app.simulators.fhir_server.matching import read_date
from app.simulators.store import Store
from app.simulators.world import World

LONGEST_QUESTION = timedelta(days=14)
HOLD_UNTIL = OWN + "hold-until"  # our own design
_HOLD = "booking/hold"
_SEEDED = "booking/seeded"


class BookingRules(Rules):
    """One unit's bookings. `token` is what clients send as a bearer token."""

    def __init__(self, store: Store, world: World, token: str) -> None:
        self._store = store
        self._world = world
        self._token = token
        self.operations = (Operation("Appointment", "hold", self.hold),)

    def authorise(self, request: Request, _resource_type: str | None, action: Action) -> Refusal | None:
        if action == "metadata":
            return None
        given = request.headers.get("authorization", "")
        if not given:
            return Refusal(401, "login", "a bearer token is required", headers=(("WWW-Authenticate", "Bearer"),))
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return Refusal(403, "forbidden", "the token is not accepted")
        return None

    def prepare(self, context: Context) -> None:
        self._publish(context)
        self.let_go(context)

    def let_go(self, context: Context) -> None:
        """End the holds that have run out; their slots are free again."""
        for hold in self._store.records(_HOLD):
            if datetime.fromisoformat(hold.body) <= context.now:
                self._end_hold(hold.key, context)

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:
        if refusal := check_new(resource) or self._known_identifier(resource, context):
            return refusal
        taken = self._slots(resource, context)
        if isinstance(taken, Refusal):
            return taken
        if refusal := check_slots(resource, taken, context.now) or check_patient(resource, context):
            return refusal
        _set_slots(taken, "busy", context)
        _complete(resource)
        if resource["status"] == "pending":
            self._store.put(_HOLD, resource["id"], _until(resource, context.now).isoformat())
        return None

    def before_update(self, resource: Resource, current: Resource, context: Context) -> Refusal | None:
        if refusal := check_change(resource, current, context.now):
            return refusal
        if resource["status"] == "booked" and (refusal := check_patient(resource, context)):
            return refusal
        _complete(resource)
        if resource["status"] == "cancelled":
            _free_slots(current, context)
        if current["status"] == "pending":
            self._store.take(_HOLD, current["id"])
        return None

    def before_search(self, resource_type: str, query: Sequence[tuple[str, str]], _context: Context) -> Refusal | None:
        """Slots: free ones only, in a stretch of 14 days at most."""
        if resource_type != "Slot" or any(name == "_id" for name, _ in query):
            return None
        if ("status", "free") not in query:
            return _parameter("status must be free")
        dates = [read_date(value) for name, value in query if name in ("start", "end")]
        lowest = [begins for prefix, (begins, _) in dates if prefix in ("ge", "gt")]
        highest = [ends for prefix, (_, ends) in dates if prefix in ("le", "lt")]
        if not lowest or not highest:
            return _parameter("start and end of the stretch are required")
        # A bound told to the second or the day is taken with that second or day, which is no reason to refuse.
        if min(highest) - max(lowest) > LONGEST_QUESTION + timedelta(days=1):
            return _parameter("the stretch is longer than 14 days")
        return None

    def answer_headers(self, resource: Resource, _context: Context) -> dict[str, str]:
        """How long a hold lasts."""
        until = self._store.get(_HOLD, resource["id"]) if resource.get("status") == "pending" else None
        return {"Expires": format_datetime(datetime.fromisoformat(until), usegmt=True)} if until else {}

    def hold(self, appointment_id: str | None, given: Resource, context: Context) -> Answer | Refusal:
        """`Appointment/$hold` with an appointment to be held, as in Argonaut's scheduling guide."""
        parameters = given.get("parameter", []) if given.get("resourceType") == "Parameters" else []
        wanted = next((one.get("resource") for one in parameters if one.get("name") == "appt-resource"), None)
        if appointment_id is not None or wanted is None:
            return Refusal(400, "invalid", "a parameter appt-resource is required")
        check_valid(wanted, "Appointment", context.server)
        held = {**wanted, **status_elements("pending"), "id": str(uuid4())}
        insist(self.before_create(held, context))
        kept = context.unit.put(held, method="POST")
        return Answer(200, kept, {"ETag": 'W/"1"', **self.answer_headers(kept, context)})

    def _known_identifier(self, resource: Resource, context: Context) -> Refusal | None:
        named = ",".join(f"{one['system']}|{one['value']}" for one in resource["identifier"])
        if context.search("Appointment", [("identifier", named)]):
            return Refusal(409, "duplicate", "an appointment with this identifier exists", "DUPLICATE_REJECTED")
        return None

    def _slots(self, resource: Resource, context: Context) -> list[Resource] | Refusal:
        references = [str(one.get("reference", "")) for one in resource.get("slot", [])]
        if not references:
            return invalid("slot is required")
        found = []
        for reference in dict.fromkeys(references):
            slot = context.read("Slot", reference.split("/")[-1])
            if slot is None:
                return Refusal(422, "invalid", f"{reference[:100]} does not exist", "REFERENCE_NOT_FOUND")
            found.append(slot)
        return found

    def _end_hold(self, appointment_id: str, context: Context) -> None:
        self._store.take(_HOLD, appointment_id)
        held = context.read("Appointment", appointment_id)
        if held and held["status"] == "pending":
            context.unit.put({**held, **status_elements("cancelled")})
            _free_slots(held, context)

    def _publish(self, context: Context) -> None:
        """Actors once, and slots for the weeks from today that have not been published."""
        today = Clock(context.now).today
        last, kept = today + timedelta(weeks=WEEKS), self._store.get(_SEEDED, "until")
        if kept and kept >= last.isoformat():
            return
        if kept is None:
            for actor in actors(self._world):
                context.unit.put(actor, method="POST")
        first = today if kept is None else max(today, date.fromisoformat(kept) + timedelta(days=1))
        for slot in slots(first, last):
            context.unit.put(slot, method="POST")
        self._store.put(_SEEDED, "until", last.isoformat())


def _parameter(diagnostics: str) -> Refusal:
    return Refusal(422, "invalid", diagnostics, "INVALID_PARAMETER")


def _complete(appointment: Resource) -> None:
    if finnish_state(appointment) is None:
        appointment.update(status_elements(appointment["status"]))


def _set_slots(taken: Sequence[Resource], status: str, context: Context) -> None:
    for slot in taken:
        context.unit.put({**slot, "status": status})


def _free_slots(appointment: Resource, context: Context) -> None:
    named = [str(one["reference"]).split("/")[-1] for one in appointment["slot"]]
    _set_slots([slot for name in named if (slot := context.read("Slot", name))], "free", context)


def _until(appointment: Resource, now: datetime) -> datetime:
    """When the hold ends: as asked for, at most half an hour from now; ten minutes where nothing was asked."""
    asked = [one.get("valueInstant") for one in appointment.get("extension", []) if one["url"] == HOLD_UNTIL]
    wanted = datetime.fromisoformat(asked[0]) if asked and asked[0] else now + HOLD
    return min(wanted, now + LONGEST_HOLD)
