"""Rights are written by those who may give them; a right to read is no right to change

What a first look at every row by every reader found (tests/integration/test_row_access.py): a notice, the helpers,
bookings outside and the log told a representative more than they may read; and whoever saw a row could also change and
delete it. Restrictive policies narrow the writing, command by command; nothing personal is deleted by the web's role but
what it has reason to.

Revision ID: 0013
Revises: 0012
"""

from alembic import op
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

OF_APPOINTMENT = "exists (select 1 from appointment a where a.id = appointment_id)"
OF_SUBJECTS_CASE = """app_role() = 'staff' and exists (select 1 from "case" c where c.subject_id = care_role.subject_id)"""

# Table → its policy `app`: as it was, and narrower.
SEEN = {
    "notice": (
        f"(app_role() = 'resident' and person_id = app_subject()) or {OF_APPOINTMENT}",
        f"app_own(person_id) or {OF_APPOINTMENT}",
    ),
    "external_booking": (
        "app_role() = 'resident' and person_id = app_subject() and 'patient' = any(app_registers())",
        "app_role() = 'resident' and person_id = app_subject() and 'patient' = any(app_readable())",
    ),
    "care_role": (
        "app_own(helper_id) or (app_role() = 'resident' and subject_id = app_subject())"
        f" or app_power('record_local_mandate') or ({OF_SUBJECTS_CASE})",
        f"app_own(helper_id) or app_own(subject_id) or app_power('record_care_role') or ({OF_SUBJECTS_CASE})",
    ),
}
OWN_LOG = (
    "app_role() = 'resident' and subject_id = app_subject()"
    " and (app_actor() = app_subject() or register = any(app_readable()))",
    # Also what was recorded of the same person before two rows were joined.
    "app_own(subject_id) or exists"
    " (select 1 from person p where p.id = subject_id and p.merged_into_id = app_actor() and app_role() = 'resident')",
)

HANDLED_CASE = (
    "(app_role() <> 'staff' or exists"
    ' (select 1 from "case" c where c.id = case_id and c.unit_code = any(app_units())))'
)
HANDLED_APPOINTMENT = (
    '(app_role() <> \'staff\' or exists (select 1 from appointment a join "case" c on c.id = a.case_id'
    " where a.id = appointment_id and c.unit_code = any(app_units())))"
)
PROFESSIONAL = f"(app_role() = 'staff' and {HANDLED_CASE})"
REPORTED = "app_power('see_special_access_report') and staff_id <> app_actor()"
OWN_OR_FINDER = "app_own(id) or app_role() = 'door' or app_power('merge_people')"
OWN_SESSION = (
    "app_role() = 'door' or num_nonnulls(person_id, staff_id) = 0"
    " or (app_role() = 'resident' and person_id = app_actor()) or (app_role() = 'staff' and staff_id = app_actor())"
)
KNOWN_PERSON = "exists (select 1 from person p where p.id = person_id)"

# Table → what a new row, and a row that is changed, must fulfil besides.
WRITTEN = {
    "local_mandate": (
        "app_power('record_local_mandate')",
        "app_power('record_local_mandate') or app_power('check_local_mandate')",
    ),
    "care_role": ("app_power('record_care_role')",) * 2,
    "special_access": ("staff_id = app_actor() and app_power('open_with_reason')", REPORTED),
    "need_assessment": (PROFESSIONAL,) * 2,
    "capacity_verdict": (PROFESSIONAL,) * 2,
    "case_event": (HANDLED_CASE,) * 2,
    "contact_request": (HANDLED_CASE,) * 2,
    "time_limit": (HANDLED_CASE,) * 2,
    "appointment": (HANDLED_CASE,) * 2,
    "appointment_event": (HANDLED_APPOINTMENT,) * 2,
    "video_room": (HANDLED_APPOINTMENT,) * 2,
    "permit": ("app_own(person_id)",) * 2,
    "browser_session": (OWN_SESSION, "true"),
    "person": ("true", OWN_OR_FINDER),
    "found_person": (KNOWN_PERSON, "true"),
}
KEPT = (
    *("appointment", "appointment_event", "assessment_run", "browser_session", "capacity_verdict", "care_role", "case"),
    *("case_event", "consent_attempt", "contact_request", "correction_request", "external_booking"),
    *("health_record_consent", "local_mandate", "need_assessment", "notice", "notification_choice", "permit", "person"),
    *("person_merge", "representation", "representation_attempt", "special_access", "time_limit", "video_room"),
)


def upgrade() -> None:
    op.create_index("ix_appointment_subject_id", "appointment", ["subject_id"])
    op.execute("create policy merged on person for select to asiointi_app using (app_own(merged_into_id))")
    for table, (_, rule) in SEEN.items():
        op.execute(f"alter policy app on {table} using ({rule}) with check ({rule})")
    op.execute(f"alter policy own_log on audit_event using ({OWN_LOG[1]})")
    for table, (new, changed) in WRITTEN.items():
        op.execute(f"create policy new on {table} as restrictive for insert to asiointi_app with check ({new})")
        op.execute(f"create policy changed on {table} as restrictive for update to asiointi_app using ({changed})")
    for table in KEPT:
        op.execute(f'revoke delete on "{table}" from asiointi_app')


def downgrade() -> None:
    op.execute("drop policy merged on person")
    op.drop_index("ix_appointment_subject_id", "appointment")
    for table in KEPT:
        op.execute(f'grant delete on "{table}" to asiointi_app')
    for table in WRITTEN:
        op.execute(f"drop policy new on {table}")
        op.execute(f"drop policy changed on {table}")
    op.execute(f"alter policy own_log on audit_event using ({OWN_LOG[0]})")
    for table, (rule, _) in SEEN.items():
        op.execute(f"alter policy app on {table} using ({rule}) with check ({rule})")
