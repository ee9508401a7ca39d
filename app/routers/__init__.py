"""The site map: every route belongs to one audience.

PUBLIC pages anybody may look at · RESIDENT pages need a signed-in resident · STAFF pages a signed-in member of staff ·
MACHINE addresses are for programs. A test walks all routes and holds them to what is declared here.
"""

from fastapi import APIRouter, FastAPI

from app.routers import (
    about,
    acting,
    acting_return,
    application_decide,
    application_desk,
    applications,
    appointments,
    assess,
    case_files,
    case_forms,
    choices,
    clerk,
    clerk_helpers,
    clerk_mandates,
    clerk_merge,
    contact,
    contact_points,
    contact_return,
    corrections,
    corrections_own,
    fill_form,
    form_files,
    form_record,
    forms,
    forms_desk,
    forms_desk_import,
    forms_desk_review,
    forms_desk_settings,
    forms_desk_texts,
    guides,
    health_record,
    health_record_return,
    held_time,
    home,
    log_data,
    logout,
    machine,
    my_forms,
    my_window,
    oversight,
    own_data,
    own_needs,
    search,
    send_form,
    services,
    session,
    sign_in,
    sms_reports,
    special_access,
    staff,
    systems,
    times,
    verdict,
)

MACHINE: tuple[APIRouter, ...] = (machine.router, logout.router, sms_reports.router)
RESIDENT: tuple[APIRouter, ...] = (
    acting.router,
    held_time.router,
    appointments.router,
    my_forms.router,
    applications.router,
    my_window.router,
    session.router,
    form_record.router,
    health_record.router,
    log_data.router,
    own_data.router,
    corrections_own.router,
    choices.router,
    contact_points.router,
    own_needs.router,
)
STAFF: tuple[APIRouter, ...] = (
    staff.router,
    application_desk.router,
    application_decide.router,
    case_files.router,
    case_forms.router,
    special_access.router,
    verdict.router,
    corrections.router,
    forms_desk_import.router,
    forms_desk_texts.router,
    forms_desk_review.router,
    forms_desk_settings.router,
    forms_desk.router,
    oversight.router,
    systems.router,
    clerk.router,
    clerk_mandates.router,
    clerk_helpers.router,
    clerk_merge.router,
)
PUBLIC: tuple[APIRouter, ...] = (
    home.router,
    search.router,
    assess.router,
    times.router,
    services.router,
    contact.router,
    contact_return.router,
    form_files.router,
    fill_form.router,
    send_form.router,
    forms.router,
    guides.router,
    sign_in.router,
    health_record_return.router,
    acting_return.router,
    about.router,
)


def include_all(app: FastAPI) -> None:
    """Put every router into the application. Routes are tried in order: machines' addresses, which `/{lang}` would
    take for a language, then what is asked for most often."""
    for router in (*MACHINE, *PUBLIC, *RESIDENT, *STAFF):
        app.include_router(router)
