"""Who acts, for whom, and who may see which row

Tables of acting for another, of what residents decide about their own data, and of special access; and the row-level
policies. A transaction of the web's role sees a personal row only where its context (app/models/context.py) says why;
the worker's role sees all rows. docs/data-boundaries.md tells the policies in words.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# What a transaction is allowed, as its context says; empty means nothing.
FUNCTIONS = {
    "app_role() returns text": "coalesce(current_setting('app.role', true), '')",
    "app_actor() returns uuid": "nullif(current_setting('app.actor', true), '')::uuid",
    "app_subject() returns uuid": "nullif(current_setting('app.subject', true), '')::uuid",
    "app_session() returns uuid": "nullif(current_setting('app.session', true), '')::uuid",
    "app_basis() returns text": "coalesce(current_setting('app.basis', true), '')",
    "app_token() returns bytea": "decode(nullif(current_setting('app.token', true), ''), 'hex')",
    "app_lookups() returns text[]": "string_to_array(nullif(current_setting('app.lookups', true), ''), ',')",
    "app_registers() returns text[]": "string_to_array(nullif(current_setting('app.registers', true), ''), ',')",
    "app_readable() returns text[]": "string_to_array(nullif(current_setting('app.readable', true), ''), ',')",
    "app_tasks() returns text[]": "string_to_array(nullif(current_setting('app.tasks', true), ''), ',')",
    "app_units() returns text[]": "string_to_array(nullif(current_setting('app.units', true), ''), ',')",
    "app_powers() returns text[]": "string_to_array(nullif(current_setting('app.powers', true), ''), ',')",
    "app_now() returns timestamptz":
        "coalesce(nullif(current_setting('app.now', true), '')::timestamptz, transaction_timestamp())",
    # A row of the subject that the resident may read: all of a readable register, else what they have made themselves.
    "app_mine(subject uuid, actor uuid, register text) returns boolean":
        "app_role() = 'resident' and subject = app_subject()"
        " and (register = any(app_readable()) or (register = any(app_registers()) and actor = app_actor()))",
    "app_own(person uuid) returns boolean": "app_role() = 'resident' and person = app_actor()",
    "app_power(name text) returns boolean": "app_role() = 'staff' and name = any(app_powers())",
}

CASE = 'exists (select 1 from "case" c where c.id = {})'
OPEN_CASE = (
    "app_role() = 'resident' and subject_id = app_subject() and app_basis() = 'guardian'"
    """ and exists (select 1 from "case" c where c.id = case_id and c.guardian_access = 'open')"""
)
OF_CASE = CASE.format("case_id")
OF_APPOINTMENT = "exists (select 1 from appointment a where a.id = appointment_id)"
OF_SUBJECTS_CASE = """app_role() = 'staff' and exists (select 1 from "case" c where c.subject_id = {}.{})"""
MINE = f"(app_mine(subject_id, actor_id, register) and (case_id is null or {OF_CASE}))"
IN_BROWSER = "app_role() in ('browser', 'resident') and session_id = app_session()"
# At the door what a browser did goes from its earlier session to the new one, whose cookie it has just been given.
IN_NEW_SESSION = "exists (select 1 from browser_session b where b.id = session_id and b.token_hash = app_token())"
AT_DOOR = f"app_role() = 'door' and (session_id = app_session() or {IN_NEW_SESSION})"
# A professional's verdict on a minor's capacity opens a case for the guardians, or closes it for whoever looks after the
# child. To a mandate that a grown-up has given it says nothing.
RESIDENTS_CASE = """case
    when app_actor() = app_subject() or guardian_access = 'default' or app_basis() in ('mandate', 'local_mandate')
      then app_mine(subject_id, actor_id, register)
    when guardian_access = 'open' and app_basis() = 'guardian'
      then app_role() = 'resident' and subject_id = app_subject()
    when guardian_access = 'open' then app_mine(subject_id, actor_id, register)
    else false end"""
HANDLED = """app_role() = 'staff' and register = any(app_registers())
    and ((unit_code = any(app_units()) and (service_task is null or service_task = any(app_tasks())))
      or exists (select 1 from special_access s where s.staff_id = app_actor() and s.subject_id = "case".subject_id
        and s.register = "case".register and s.until > app_now()))"""
# Whose names a reader knows. Functions of their own: PostgreSQL plans them once a connection and only where they are
# reached; as a part of the policy they made the planning of every query on `person` twenty milliseconds long.
KNOWN = {
    # Those who act for them, or for whom they act.
    "resident_knows": """
        exists (select 1 from representation p where wanted in (p.actor_id, p.subject_id))
        or exists (select 1 from local_mandate m where wanted in (m.principal_id, m.mandatee_id))
        or exists (select 1 from care_role r where r.subject_id = wanted and r.helper_id = app_actor())""",
    # Those of the cases, mandates, helpers and requests that they see.
    "staff_knows": """
        exists (select 1 from "case" c where c.subject_id = wanted)
        or exists (select 1 from "case" c where c.actor_id = wanted)
        or exists (select 1 from special_access s where s.subject_id = wanted
          and (s.staff_id <> app_actor() or s.until > app_now()))
        or exists (select 1 from local_mandate m where wanted in (m.principal_id, m.mandatee_id))
        or exists (select 1 from care_role r where wanted in (r.subject_id, r.helper_id))
        or exists (select 1 from correction_request q where q.person_id = wanted)
        or exists (select 1 from person_merge g where wanted in (g.kept_id, g.merged_id))""",
}

# Table → what its rows must fulfil to be seen, and (where it differs) to be written.
POLICIES: dict[str, str | tuple[str, str]] = {
    "person": "id in (app_actor(), app_subject()) or encode(identity_lookup, 'hex') = any(app_lookups())"
              " or (app_lookups() is not null"
              " and exists (select 1 from former_identity f where f.person_id = person.id))"
              " or case app_role() when 'resident' then resident_knows(id) when 'staff' then staff_knows(id)"
              " else false end",
    "former_identity": "encode(lookup, 'hex') = any(app_lookups()) or app_power('merge_people')",
    "person_merge": "app_power('merge_people')",
    "browser_session": "token_hash = app_token() or app_own(person_id) or app_role() = 'door'",
    "set_aside": ("app_own(person_id)", "app_role() = 'door' or app_own(person_id)"),
    "representation": f"app_own(actor_id) or ({AT_DOOR})"
                      f" or {IN_NEW_SESSION}",
    "representation_attempt": "app_own(person_id)",
    "local_mandate": "app_own(principal_id) or app_own(mandatee_id)"
                     " or app_power('record_local_mandate') or app_power('check_local_mandate')",
    "care_role": "app_own(helper_id) or (app_role() = 'resident' and subject_id = app_subject())"
                 f" or app_power('record_local_mandate') or ({OF_SUBJECTS_CASE.format('care_role', 'subject_id')})",
    "special_access": "(app_role() = 'staff' and staff_id = app_actor())"
                      " or (app_power('see_special_access_report') and unit_code = any(app_units()))",
    "case": (
        f"({HANDLED}) or ({RESIDENTS_CASE}) or (subject_id is null and ({IN_BROWSER})) or ({AT_DOOR})",
        # Handing over to another unit leaves the own one; what is sent anonymously belongs to the browser.
        f"(app_role() = 'staff' and register = any(app_registers())) or ({RESIDENTS_CASE})"
        f" or (subject_id is null and ({IN_BROWSER})) or app_role() = 'door'",
    ),
    "case_event": OF_CASE,
    "contact_request": OF_CASE,
    "need_assessment": OF_CASE,
    "time_limit": OF_CASE,
    "capacity_verdict": f"app_role() = 'staff' and {OF_CASE}",
    "assessment_run": (
        f"({IN_BROWSER} and (subject_id is null or (subject_id = app_actor() and subject_id = app_subject()))) or {MINE} or ({OPEN_CASE})"
        f" or ({AT_DOOR}) or (app_role() = 'staff' and {OF_CASE})",
        f"({IN_BROWSER} and subject_id is null) or {MINE} or ({OPEN_CASE}) or app_role() = 'door'",
    ),
    "appointment": f"{MINE} or ({OPEN_CASE}) or (app_role() = 'staff' and {OF_CASE})",
    "appointment_event": OF_APPOINTMENT,
    "video_room": OF_APPOINTMENT,
    "notice": f"(app_role() = 'resident' and person_id = app_subject()) or {OF_APPOINTMENT}",
    "external_booking": "app_role() = 'resident' and person_id = app_subject() and 'patient' = any(app_registers())",
    "health_record_consent": "app_own(person_id)",
    "consent_attempt": "app_own(person_id)",
    "contact_point": "app_own(person_id)",
    "notification_choice": "app_own(person_id)",
    "permit": f"app_own(person_id) or ({OF_SUBJECTS_CASE.format('permit', 'person_id')})",
    "correction_request": "app_mine(person_id, actor_id, register)"
                          " or (app_power('decide_corrections') and register = any(app_registers()))",
}


def upgrade() -> None:
    tables()
    grants()
    policies()


def policies() -> None:
    for signature, body in FUNCTIONS.items():
        op.execute(f"create function {signature} language sql stable parallel safe return {body}")
    for name, body in KNOWN.items():
        op.execute(f"create function {name}(wanted uuid) returns boolean language plpgsql stable"
                   f" as $$ begin return {body}; end $$")
    for table, rule in POLICIES.items():
        seen, written = rule if isinstance(rule, tuple) else (rule, rule)
        op.execute(f'alter table "{table}" enable row level security')
        op.execute(f'alter table "{table}" force row level security')
        op.execute(f'create policy app on "{table}" to asiointi_app using ({seen}) with check ({written})')
        op.execute(f'create policy worker on "{table}" to asiointi_worker using (true) with check (true)')


def grants() -> None:
    """The worker's role works with the same tables; it owns, creates and drops nothing either."""
    rows = "select, insert, update, delete"
    op.execute(f"alter default privileges in schema public grant {rows} on tables to asiointi_worker")
    op.execute("alter default privileges in schema public grant usage on sequences to asiointi_worker")
    op.execute("grant usage on schema public, jobs to asiointi_worker")
    op.execute(f"grant {rows} on all tables in schema public, jobs to asiointi_worker")
    op.execute("grant usage on all sequences in schema public, jobs to asiointi_worker")
    op.execute("revoke insert, update, delete on alembic_version from asiointi_worker")
    op.execute("revoke update, delete on audit_event from asiointi_worker")


def tables() -> None:
    op.create_table('care_role',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('helper_id', sa.Uuid(), nullable=True),
    sa.Column('helper_name', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('during', postgresql.DATERANGE(), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Uuid(), nullable=True),
    postgresql.ExcludeConstraint((sa.column('subject_id'), '='), (sa.column('role'), '='), (sa.column('helper_name'), '='), (sa.column('during'), '&&'), where=sa.text('ended_at is null'), using='gist', name='ex_care_role_overlap'),
    sa.ForeignKeyConstraint(['ended_by'], ['staff_member.id'], name=op.f('fk_care_role_ended_by_staff_member')),
    sa.ForeignKeyConstraint(['helper_id'], ['person.id'], name=op.f('fk_care_role_helper_id_person')),
    sa.ForeignKeyConstraint(['recorded_by'], ['staff_member.id'], name=op.f('fk_care_role_recorded_by_staff_member')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_care_role_subject_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_role'))
    )
    op.create_index(op.f('ix_care_role_helper_id'), 'care_role', ['helper_id'], unique=False)
    op.create_table('contact_point',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=5), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('code_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('code_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('code_tries', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('phone', 'email')", name=op.f('ck_contact_point_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_contact_point_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_point')),
    sa.UniqueConstraint('person_id', 'kind', name=op.f('uq_contact_point_person_id'))
    )
    op.create_table('correction_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=12), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=False),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('target_kind', sa.String(length=24), nullable=False),
    sa.Column('target_id', sa.Uuid(), nullable=True),
    sa.Column('wrong', sa.String(), nullable=False),
    sa.Column('right', sa.String(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('state', sa.String(length=9), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("register in ('patient', 'social')", name=op.f('ck_correction_request_register')),
    sa.CheckConstraint("state <> 'refused' or reasons <> ''", name=op.f('ck_correction_request_refusal_reasoned')),
    sa.CheckConstraint("state in ('open', 'corrected', 'refused')", name=op.f('ck_correction_request_state')),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_correction_request_actor_id_person')),
    sa.ForeignKeyConstraint(['decided_by'], ['staff_member.id'], name=op.f('fk_correction_request_decided_by_staff_member')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_correction_request_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_request')),
    sa.UniqueConstraint('reference', name=op.f('uq_correction_request_reference'))
    )
    op.create_index(op.f('ix_correction_request_person_id'), 'correction_request', ['person_id'], unique=False)
    op.create_table('former_identity',
    sa.Column('lookup', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('why', sa.String(length=8), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_former_identity_person_id_person')),
    sa.PrimaryKeyConstraint('lookup', name=op.f('pk_former_identity'))
    )
    op.create_index(op.f('ix_former_identity_person_id'), 'former_identity', ['person_id'], unique=False)
    op.create_table('local_mandate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('principal_id', sa.Uuid(), nullable=False),
    sa.Column('mandatee_id', sa.Uuid(), nullable=False),
    sa.Column('registers', postgresql.ARRAY(sa.String()), nullable=False),
    sa.Column('during', postgresql.DATERANGE(), nullable=False),
    sa.Column('competence', sa.String(length=24), nullable=False),
    sa.Column('document', sa.String(), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_by', sa.Uuid(), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.Uuid(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoke_reason', sa.String(), nullable=False),
    postgresql.ExcludeConstraint((sa.column('principal_id'), '='), (sa.column('mandatee_id'), '='), (sa.column('during'), '&&'), where=sa.text('revoked_at is null'), using='gist', name='ex_local_mandate_overlap'),
    sa.CheckConstraint('checked_by is distinct from recorded_by', name=op.f('ck_local_mandate_second_clerk')),
    sa.CheckConstraint('principal_id <> mandatee_id', name=op.f('ck_local_mandate_another')),
    sa.ForeignKeyConstraint(['checked_by'], ['staff_member.id'], name=op.f('fk_local_mandate_checked_by_staff_member')),
    sa.ForeignKeyConstraint(['mandatee_id'], ['person.id'], name=op.f('fk_local_mandate_mandatee_id_person')),
    sa.ForeignKeyConstraint(['principal_id'], ['person.id'], name=op.f('fk_local_mandate_principal_id_person')),
    sa.ForeignKeyConstraint(['recorded_by'], ['staff_member.id'], name=op.f('fk_local_mandate_recorded_by_staff_member')),
    sa.ForeignKeyConstraint(['revoked_by'], ['staff_member.id'], name=op.f('fk_local_mandate_revoked_by_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_local_mandate'))
    )
    op.create_index(op.f('ix_local_mandate_mandatee_id'), 'local_mandate', ['mandatee_id'], unique=False)
    op.create_table('notification_choice',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('sms', sa.Boolean(), nullable=False),
    sa.Column('email', sa.Boolean(), nullable=False),
    sa.Column('reminders', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notification_choice_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_notification_choice'))
    )
    op.create_table('permit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=11), nullable=False),
    sa.Column('scope', sa.String(length=40), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('permission', 'prohibition', 'consent')", name=op.f('ck_permit_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_permit_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_permit'))
    )
    op.create_index('uq_permit_holds', 'permit', ['person_id', 'kind', 'scope'], unique=True, postgresql_where=sa.text('ended_at is null'))
    op.create_table('person_merge',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kept_id', sa.Uuid(), nullable=False),
    sa.Column('merged_id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['kept_id'], ['person.id'], name=op.f('fk_person_merge_kept_id_person')),
    sa.ForeignKeyConstraint(['merged_id'], ['person.id'], name=op.f('fk_person_merge_merged_id_person')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_person_merge_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_merge')),
    sa.UniqueConstraint('merged_id', name=op.f('uq_person_merge_merged_id'))
    )
    op.create_index(op.f('ix_person_merge_kept_id'), 'person_merge', ['kept_id'], unique=False)
    op.create_table('set_aside',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('values_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_set_aside_person_id_person')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_set_aside_subject_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_set_aside'))
    )
    op.create_index(op.f('ix_set_aside_person_id'), 'set_aside', ['person_id'], unique=False)
    op.create_table('capacity_verdict',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('profession', sa.String(), nullable=False),
    sa.Column('code', sa.String(length=2), nullable=False),
    sa.Column('grounds', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_capacity_verdict_case_id_case')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_capacity_verdict_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_capacity_verdict'))
    )
    op.create_index(op.f('ix_capacity_verdict_case_id'), 'capacity_verdict', ['case_id'], unique=False)
    op.create_table('representation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('basis', sa.String(length=13), nullable=False),
    sa.Column('registers', postgresql.ARRAY(sa.String()), nullable=False),
    sa.Column('readable', postgresql.ARRAY(sa.String()), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('access_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('request_id', sa.String(length=36), nullable=False),
    sa.Column('local_mandate_id', sa.Uuid(), nullable=True),
    sa.Column('care_role_id', sa.Uuid(), nullable=True),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.String(length=12), nullable=False),
    sa.CheckConstraint("basis in ('guardian', 'mandate', 'local_mandate', 'foster_carer')", name=op.f('ck_representation_basis')),
    sa.CheckConstraint('subject_id <> actor_id', name=op.f('ck_representation_another')),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_representation_actor_id_person')),
    sa.ForeignKeyConstraint(['care_role_id'], ['care_role.id'], name=op.f('fk_representation_care_role_id_care_role')),
    sa.ForeignKeyConstraint(['local_mandate_id'], ['local_mandate.id'], name=op.f('fk_representation_local_mandate_id_local_mandate')),
    sa.ForeignKeyConstraint(['session_id'], ['browser_session.id'], name=op.f('fk_representation_session_id_browser_session'), ondelete='cascade'),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_representation_subject_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_representation'))
    )
    op.create_index(op.f('ix_representation_actor_id'), 'representation', ['actor_id'], unique=False)
    op.create_index(op.f('ix_representation_subject_id'), 'representation', ['subject_id'], unique=False)
    op.create_index('uq_representation_session', 'representation', ['session_id'], unique=True, postgresql_where=sa.text('ended_at is null'))
    op.create_table('representation_attempt',
    sa.Column('state_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('pending_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('return_to', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_representation_attempt_person_id_person')),
    sa.ForeignKeyConstraint(['session_id'], ['browser_session.id'], name=op.f('fk_representation_attempt_session_id_browser_session'), ondelete='cascade'),
    sa.PrimaryKeyConstraint('state_hash', name=op.f('pk_representation_attempt'))
    )
    op.create_table('special_access',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=24), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_by', sa.Uuid(), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_special_access_case_id_case')),
    sa.ForeignKeyConstraint(['reviewed_by'], ['staff_member.id'], name=op.f('fk_special_access_reviewed_by_staff_member')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_special_access_staff_id_staff_member')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_special_access_subject_id_person')),
    sa.ForeignKeyConstraint(['unit_code'], ['unit.code'], name=op.f('fk_special_access_unit_code_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_special_access'))
    )
    op.create_index('ix_special_access_holds', 'special_access', ['staff_id', 'subject_id', 'until'], unique=False)
    op.add_column('appointment', sa.Column('basis', sa.String(length=13), nullable=True))
    op.add_column('appointment', sa.Column('register', sa.String(length=8), nullable=True))
    op.execute("update appointment set register = b.register from bookable_service b where b.code = service_code")
    op.alter_column('appointment', 'register', nullable=False)
    op.alter_column('assessment_run', 'person_id', new_column_name='subject_id')
    op.execute('alter index ix_assessment_run_person_id rename to ix_assessment_run_subject_id')
    op.execute('alter table assessment_run rename constraint fk_assessment_run_person_id_person to fk_assessment_run_subject_id_person')
    op.add_column('assessment_run', sa.Column('actor_id', sa.Uuid(), nullable=True))
    op.add_column('assessment_run', sa.Column('register', sa.String(length=8), server_default=sa.text("'patient'"), nullable=False))
    op.create_foreign_key(op.f('fk_assessment_run_actor_id_person'), 'assessment_run', 'person', ['actor_id'], ['id'])
    op.add_column('browser_session', sa.Column('sign_in_id', sa.Uuid(), nullable=True))
    op.add_column('browser_session', sa.Column('assurance', sa.String(length=11), server_default=sa.text("''"), nullable=False))
    op.add_column('browser_session', sa.Column('device', sa.String(length=60), server_default=sa.text("''"), nullable=False))
    op.add_column('browser_session', sa.Column('ended_why', sa.String(length=12), server_default=sa.text("''"), nullable=False))
    op.create_index(op.f('ix_browser_session_sign_in_id'), 'browser_session', ['sign_in_id'], unique=False)
    op.add_column('case', sa.Column('session_id', sa.Uuid(), nullable=True))
    op.add_column('case', sa.Column('basis', sa.String(length=13), nullable=True))
    op.add_column('case', sa.Column('guardian_access', sa.String(length=7), server_default=sa.text("'default'"), nullable=False))
    op.create_index(op.f('ix_case_actor_id'), 'case', ['actor_id'], unique=False)
    op.create_index(op.f('ix_case_session_id'), 'case', ['session_id'], unique=False)
    op.add_column('person', sa.Column('identity_kind', sa.String(length=9), server_default=sa.text("'finnish'"), nullable=False))
    op.add_column('person', sa.Column('chosen_name', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('person', sa.Column('deceased_on', sa.Date(), nullable=True))
    op.add_column('person', sa.Column('merged_into_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_person_merged_into_id_person'), 'person', 'person', ['merged_into_id'], ['id'])
    op.add_column('sign_in_attempt', sa.Column('forced_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('staff_member', sa.Column('tasks', postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False))
    op.create_check_constraint('register', 'appointment', "register in ('patient', 'social')")
    op.create_check_constraint('register', 'assessment_run', "register in ('patient', 'social')")
    op.create_check_constraint('guardian_access', 'case', "guardian_access in ('open', 'closed', 'default')")
    op.create_check_constraint('identity_kind', 'person', "identity_kind in ('finnish', 'eidas', 'temporary')")
    op.create_check_constraint('merged_into_another', 'person', 'merged_into_id <> id')
    op.execute("update assessment_run set actor_id = subject_id")
    op.alter_column('notice', 'kind', type_=sa.String(length=40))
    op.add_column('contact_request', sa.Column('about', sa.String(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    for table in POLICIES:
        op.execute(f'drop policy app on "{table}"')
        op.execute(f'drop policy worker on "{table}"')
        op.execute(f'alter table "{table}" no force row level security')
        op.execute(f'alter table "{table}" disable row level security')
    for name in KNOWN:
        op.execute(f"drop function {name}(uuid)")
    for signature in reversed(FUNCTIONS):
        op.execute(f"drop function {signature.partition(' returns ')[0]}")
    op.execute("alter default privileges in schema public revoke all on tables from asiointi_worker")
    op.execute("alter default privileges in schema public revoke all on sequences from asiointi_worker")
    op.execute("revoke all on all tables in schema public, jobs from asiointi_worker")
    op.execute("revoke all on all sequences in schema public, jobs from asiointi_worker")
    op.execute("revoke all on schema public, jobs from asiointi_worker")
    for table, name in (('person', 'identity_kind'), ('person', 'merged_into_another')):
        op.drop_constraint(name, table, type_='check')
    op.drop_column('contact_request', 'about')
    op.alter_column('notice', 'kind', type_=sa.String(length=24))
    op.drop_column('staff_member', 'tasks')
    op.drop_column('sign_in_attempt', 'forced_at')
    op.drop_constraint(op.f('fk_person_merged_into_id_person'), 'person', type_='foreignkey')
    op.drop_column('person', 'merged_into_id')
    op.drop_column('person', 'deceased_on')
    op.drop_column('person', 'chosen_name')
    op.drop_column('person', 'identity_kind')
    op.drop_index(op.f('ix_case_session_id'), table_name='case')
    op.drop_index(op.f('ix_case_actor_id'), table_name='case')
    op.drop_column('case', 'guardian_access')
    op.drop_column('case', 'basis')
    op.drop_column('case', 'session_id')
    op.drop_index(op.f('ix_browser_session_sign_in_id'), table_name='browser_session')
    op.drop_column('browser_session', 'ended_why')
    op.drop_column('browser_session', 'device')
    op.drop_column('browser_session', 'assurance')
    op.drop_column('browser_session', 'sign_in_id')
    op.execute('alter table assessment_run rename constraint fk_assessment_run_subject_id_person to fk_assessment_run_person_id_person')
    op.execute('alter index ix_assessment_run_subject_id rename to ix_assessment_run_person_id')
    op.alter_column('assessment_run', 'subject_id', new_column_name='person_id')
    op.drop_constraint(op.f('fk_assessment_run_actor_id_person'), 'assessment_run', type_='foreignkey')
    op.drop_column('assessment_run', 'register')
    op.drop_column('assessment_run', 'actor_id')
    op.drop_column('appointment', 'register')
    op.drop_column('appointment', 'basis')
    op.drop_index('ix_special_access_holds', table_name='special_access')
    op.drop_table('special_access')
    op.drop_table('representation_attempt')
    op.drop_index('uq_representation_session', table_name='representation', postgresql_where=sa.text('ended_at is null'))
    op.drop_index(op.f('ix_representation_subject_id'), table_name='representation')
    op.drop_index(op.f('ix_representation_actor_id'), table_name='representation')
    op.drop_table('representation')
    op.drop_index(op.f('ix_capacity_verdict_case_id'), table_name='capacity_verdict')
    op.drop_table('capacity_verdict')
    op.drop_index(op.f('ix_set_aside_person_id'), table_name='set_aside')
    op.drop_table('set_aside')
    op.drop_index(op.f('ix_person_merge_kept_id'), table_name='person_merge')
    op.drop_table('person_merge')
    op.drop_index('uq_permit_holds', table_name='permit', postgresql_where=sa.text('ended_at is null'))
    op.drop_table('permit')
    op.drop_table('notification_choice')
    op.drop_index(op.f('ix_local_mandate_mandatee_id'), table_name='local_mandate')
    op.drop_table('local_mandate')
    op.drop_index(op.f('ix_former_identity_person_id'), table_name='former_identity')
    op.drop_table('former_identity')
    op.drop_index(op.f('ix_correction_request_person_id'), table_name='correction_request')
    op.drop_table('correction_request')
    op.drop_table('contact_point')
    op.drop_index(op.f('ix_care_role_helper_id'), table_name='care_role')
    op.drop_table('care_role')
