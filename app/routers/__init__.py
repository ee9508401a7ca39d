"""The site map: every route belongs to one audience.

PUBLIC pages anybody may look at · RESIDENT pages need a signed-in resident · STAFF pages a signed-in member of staff ·
MACHINE addresses are for programs. A test walks all routes and holds them to what is declared here.
"""

from fastapi import APIRouter, FastAPI

from app.routers import (
    about,
    appointments,
    assess,
    contact,
    guides,
    health_record,
    health_record_return,
    held_time,
    home,
    logout,
    machine,
    my_window,
    search,
    services,
    sign_in,
    sms_reports,
    staff,
    systems,
    times,
)

MACHINE: tuple[APIRouter, ...] = (machine.router, logout.router, sms_reports.router)
RESIDENT: tuple[APIRouter, ...] = (held_time.router, appointments.router, my_window.router, health_record.router)
STAFF: tuple[APIRouter, ...] = (staff.router, systems.router)
PUBLIC: tuple[APIRouter, ...] = (
    home.router,
    search.router,
    assess.router,
    times.router,
    services.router,
    contact.router,
    guides.router,
    sign_in.router,
    health_record_return.router,
    about.router,
)


def include_all(app: FastAPI) -> None:
    """Put every router into the application. Routes are tried in order: machines' addresses, which `/{lang}` would
    take for a language, then what is asked for most often."""
    for router in (*MACHINE, *PUBLIC, *RESIDENT, *STAFF):
        app.include_router(router)
