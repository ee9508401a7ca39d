"""Systems and deliveries: how the outside is, and what operators do about it. All staff may look; operators act."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.integrations.http import OutsideError, Rejected
from app.services.deliveries.operate import hold_back, let_go, send_again, settle_by_hand
from app.services.outside import before_outside_call
from app.services.system_states import delivery_names
from app.services.systems_overview import SystemDetail, SystemLine, find_delivery, list_systems, system_detail
from app.web.access import Code, Operator, Session, Staff, StaffDoor, StaffSubmitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.outside import NamedSystem
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff")

WHY_LENGTH = 300


@dataclass(frozen=True)
class SystemsPage:
    systems: Sequence[SystemLine]


@dataclass(frozen=True)
class SystemPage:
    """`operator`: the reader may act. `why_error`: what is wrong with the reason `typed`, also in `summary`; it was
    typed in the field `why_field`."""

    detail: SystemDetail
    operator: bool
    kinds: dict[str, str]
    why_error: str | None
    summary: Sequence[FieldError]
    typed: str
    why_field: str


@router.get("/systems", name="systems")
async def systems(page: StaffDoor, session: Session, _staff: Staff) -> Response:
    """All systems, those in trouble first."""
    page.title = _("Systems and deliveries")
    return page.show("staff/systems.html", SystemsPage(await list_systems(session)), block="main")


@router.get("/systems/{system}", name="system")
async def system(page: StaffDoor, session: Session, staff: Staff, system: Code) -> Response:
    """One system: its state, its last faults, what waits for it."""
    return await _show(page, session, staff.roles, system)


@router.post("/systems/{system}/try", name="system_try")
async def try_system(
    page: StaffDoor, session: Session, _staff: Operator, _form: StaffSubmitted, system: Code, port: NamedSystem
) -> Response:
    """Ask the system something harmless, to see whether it is there; the page after it tells."""
    await before_outside_call(session)
    watch = page.request.app.state.outside.watch
    try:
        await port.probe()
    except Rejected as refusal:
        watch.refuses_us(refusal)
    except OutsideError:
        pass  # the watch has seen it, and the page shows what the watch saw
    await watch.write_down()
    return page.go(page.path("system", system=system))


@router.post("/systems/{system}/hold", name="system_hold")
async def hold(page: StaffDoor, session: Session, staff: Operator, form: StaffSubmitted, system: Code) -> Response:
    """Hold back all that would be written to the system; a reason is asked for."""
    why = _why(form)
    if form.errors:
        return await _show(page, session, staff.roles, system, form)
    await hold_back(session, staff, system, why)
    return page.go(page.path("system", system=system))


@router.post("/systems/{system}/go", name="system_go")
async def go(page: StaffDoor, session: Session, staff: Operator, _form: StaffSubmitted, system: Code) -> Response:
    """Let go what was held back."""
    await let_go(session, staff, system)
    return page.go(page.path("system", system=system))


@router.post("/deliveries/{delivery_id}/again", name="delivery_again")
async def again(
    page: StaffDoor, session: Session, staff: Operator, _form: StaffSubmitted, delivery_id: uuid.UUID
) -> Response:
    """Send a delivery again at once."""
    delivery = await send_again(session, staff, delivery_id)
    return page.go(page.path("system", system=delivery.system))


@router.post("/deliveries/{delivery_id}/settle", name="delivery_settle")
async def settle(
    page: StaffDoor, session: Session, staff: Operator, form: StaffSubmitted, delivery_id: uuid.UUID
) -> Response:
    """Settle a delivery by hand; a reason is asked for."""
    why = _why(form)
    if form.errors:
        found = await find_delivery(session, delivery_id)
        return await _show(page, session, staff.roles, found.system, form, f"why-{delivery_id}")
    delivery = await settle_by_hand(session, staff, delivery_id, why)
    return page.go(page.path("system", system=delivery.system))


def _why(form: Form) -> str:
    told = _("Write why, in a few words.")
    return form.text("why", longest=WHY_LENGTH, required=told, too_long=told)


async def _show(
    page: Page, session: Session, roles: Sequence[str], name: str, form: Form | None = None, field: str = "why"
) -> Response:
    detail = await system_detail(session, name)
    page.title = detail.line.words.names.to(page.language)
    page.own_path = page.path("system", system=name)
    kinds = {kind: text.to(page.language) for kind, text in delivery_names().items()}
    error = form.errors.get("why") if form else None
    summary = [FieldError(field, error)] if error else []
    typed = form.value("why") if form else ""
    context = SystemPage(detail, "operator" in roles, kinds, error, summary, typed, field)
    return page.show("staff/system.html", context, status=422 if error else 200)
