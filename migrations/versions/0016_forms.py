"""Forms: their versions, what is filled in, who is asked to, files, applications and decisions

With the row-level policies of the new tables (docs/data-boundaries.md). A notice of concern belongs to nobody: the
transaction that sends it sees its case by `app_opening()`, and nobody but staff ever after. What was sent stays as it
was sent, and so does a decision: triggers refuse the change.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

OF_CASE = 'exists (select 1 from "case" c where c.id = case_id)'
READ_OF_CASE = (
    'exists (select 1 from "case" c where c.id = case_id'
    " and (app_role() = 'staff' or c.register = any(app_readable())"
    " or (c.guardian_access = 'open' and app_basis() = 'guardian')))"
)
HANDLED_CASE = (
    "(app_role() <> 'staff' or exists"
    ' (select 1 from "case" c where c.id = case_id and c.unit_code = any(app_units())))'
)
OPEN_CASE = (
    "app_role() = 'resident' and subject_id = app_subject() and app_basis() = 'guardian'"
    """ and exists (select 1 from "case" c where c.id = case_id and c.guardian_access = 'open')"""
)
IN_BROWSER = "app_role() in ('browser', 'resident') and session_id = app_session() and subject_id is null"
IN_NEW_SESSION = "exists (select 1 from browser_session b where b.id = session_id and b.token_hash = app_token())"
AT_DOOR = f"app_role() = 'door' and (session_id = app_session() or {IN_NEW_SESSION})"
OWN_DRAFT = (
    "state = 'draft' and app_role() = 'resident' and actor_id = app_actor() and subject_id = app_subject()"
    " and register = any(app_registers())"
)
MINE = f"app_mine(subject_id, actor_id, register) and (case_id is null or {OF_CASE})"
OPENING = "case_id is not null and case_id = app_opening()"
OF_RESPONSE = "exists (select 1 from form_response r where r.id = response_id)"
OF_DRAFT = (
    "app_role() <> 'staff' and exists (select 1 from form_response r where r.id = response_id and r.state = 'draft')"
)
OF_ATTACHMENT = "exists (select 1 from attachment a where a.id = attachment_id)"
OF_DRAFTS_ATTACHMENT = (
    "app_role() <> 'staff' and exists (select 1 from attachment a join form_response r on r.id = a.response_id"
    " where a.id = attachment_id and r.state = 'draft')"
)
OF_APPOINTMENT = "exists (select 1 from appointment a where a.id = appointment_id)"
# Table → its policy `app`: as 0013 left it, and with what this migration adds.
NOTICE = (f"app_own(person_id) or {OF_APPOINTMENT}", f"app_own(person_id) or {OF_APPOINTMENT} or {OF_CASE}")
OF_SUBJECTS_CASE = """app_role() = 'staff' and exists (select 1 from "case" c where c.subject_id = person_id)"""

# Table → what its rows must fulfil to be seen, and (where it differs) to be written.
POLICIES: dict[str, str | tuple[str, str]] = {
    "form_response": (
        f"({IN_BROWSER}) or ({OWN_DRAFT}) or (state = 'sent' and {MINE}) or (state = 'sent' and {OPEN_CASE})"
        f" or ({AT_DOOR}) or (state = 'sent' and app_role() = 'staff' and {OF_CASE}) or ({OPENING})",
        f"({IN_BROWSER}) or ({OWN_DRAFT}) or (state = 'sent' and {MINE}) or app_role() = 'door' or ({OPENING})",
    ),
    # Of a case or a visit that is closed to guardians, what is asked for it is hidden too.
    "form_task": f"({MINE} and (appointment_id is null or {OF_APPOINTMENT})) or ({OPEN_CASE})"
                 f" or (app_role() = 'staff' and ({OF_CASE} or {OF_APPOINTMENT}))",
    "attachment": OF_RESPONSE,
    "attachment_chunk": OF_ATTACHMENT,
    "application": OF_CASE,
    "information_request": READ_OF_CASE,
    "decision": READ_OF_CASE,
    # Whoever acts for somebody sees what they need where they may read; a low level of assurance reads nothing.
    "person_needs": f"({OF_SUBJECTS_CASE})"
                    " or (app_role() = 'resident' and person_id = app_subject() and cardinality(app_readable()) > 0)",
}
# What was typed before signing in is the browser's, until its owner has signed in there.
SET_ASIDE_BEFORE = ("app_own(person_id)", "app_role() = 'door' or app_own(person_id)")
TYPED_HERE = "app_role() = 'browser' and person_id is null and session_id = app_session()"
SET_ASIDE = (
    f"app_own(person_id) or ({TYPED_HERE}) or (session_id is not null and {AT_DOOR})",
    f"app_role() = 'door' or app_own(person_id) or ({TYPED_HERE})",
)
# Table → command → what else a row must fulfil.
NARROWER = {
    "form_response": {
        "insert": "app_role() <> 'staff'",
        "update": "app_role() <> 'staff'",
        "delete": "app_role() <> 'staff' and state = 'draft'",
    },
    "form_task": {"insert": HANDLED_CASE, "update": HANDLED_CASE},
    "attachment": {"insert": OF_DRAFT, "delete": OF_DRAFT},
    "attachment_chunk": {"insert": OF_DRAFTS_ATTACHMENT, "delete": OF_DRAFTS_ATTACHMENT},
    "application": {"update": HANDLED_CASE},
    "information_request": {"insert": f"app_role() = 'staff' and {HANDLED_CASE}", "update": "app_role() = 'resident'"},
    "decision": {
        "insert": f"app_power('decide_applications') and {HANDLED_CASE}",
        "update": "app_role() = 'resident'",
    },
    "person_needs": {"insert": "app_role() <> 'staff'", "update": "app_role() <> 'staff'"},
}
REVOKED = {
    "form_task": "delete",
    "attachment": "update",
    "attachment_chunk": "update",
    "application": "delete",
    "information_request": "delete",
    "decision": "delete",
    "person_needs": "delete",
    "questionnaire_event": "update, delete",
    "questionnaire": "delete",
}


def upgrade() -> None:
    op.execute("create function app_opening() returns uuid language sql stable parallel safe"
               " return nullif(current_setting('app.opening', true), '')::uuid")
    tables()
    case_registers("'patient', 'social', 'rescue'")
    policies()
    what_stays()


def case_registers(registers: str) -> None:
    op.execute('alter table "case" drop constraint ck_case_register')
    op.execute(f'alter table "case" add constraint ck_case_register check (register in ({registers}))')


def set_aside(policy: tuple[str, str]) -> None:
    seen, written = policy
    op.execute("drop policy app on set_aside")
    op.execute(f"create policy app on set_aside to asiointi_app using ({seen}) with check ({written})")


def policies() -> None:
    op.execute("""
        create policy opening on "case" to asiointi_app using (id = app_opening() and kind = 'concern')
        with check (id = app_opening() and kind = 'concern' and num_nonnulls(subject_id, actor_id, session_id) = 0)
    """)
    op.execute("""
        create policy by_return_code on "case" for select to asiointi_app
        using (subject_id is null and actor_id is null and encode(return_code_hash, 'hex') = any(app_lookups()))
    """)
    set_aside(SET_ASIDE)
    for table, rule in POLICIES.items():
        seen, written = rule if isinstance(rule, tuple) else (rule, rule)
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy app on {table} to asiointi_app using ({seen}) with check ({written})")
        op.execute(f"create policy worker on {table} to asiointi_worker using (true) with check (true)")
        for command, more in NARROWER[table].items():
            clause = "with check" if command == "insert" else "using"
            op.execute(f"create policy {command}s on {table} as restrictive for {command} to asiointi_app"
                       f" {clause} ({more})")
    op.execute(f"alter policy app on notice using ({NOTICE[1]}) with check ({NOTICE[1]})")
    for table, commands in REVOKED.items():
        op.execute(f"revoke {commands} on {table} from asiointi_app")


WHOSE = "'{subject_id,actor_id,session_id,amends_id}'::text[]"


def what_stays() -> None:
    """Only whose it is may change of what was sent (two people who turn out to be one); of a decision, that it was
    read."""
    kept(
        "form_response",
        f"old.state = 'sent' and to_jsonb(new) - {WHOSE} is distinct from to_jsonb(old) - {WHOSE}",
    )
    kept(
        "decision",
        "to_jsonb(new) - 'read_at' is distinct from to_jsonb(old) - 'read_at'"
        " or (old.read_at is not null and new.read_at is distinct from old.read_at)",
    )


def kept(table: str, changed: str) -> None:
    op.execute(f"""
        create function refuse_{table}_change() returns trigger language plpgsql as
        $$ begin raise exception '{table} stays as it is' using errcode = 'restrict_violation'; end $$
    """)
    op.execute(f"create trigger {table}_stays before update on {table} for each row when ({changed})"
               f" execute function refuse_{table}_change()")


def downgrade() -> None:
    op.execute('drop policy opening on "case"')
    op.execute('drop policy by_return_code on "case"')
    set_aside(SET_ASIDE_BEFORE)
    op.execute(f"alter policy app on notice using ({NOTICE[0]}) with check ({NOTICE[0]})")
    drop_tables()
    case_registers("'patient', 'social'")
    op.execute("drop function refuse_form_response_change, refuse_decision_change, app_opening")


def tables() -> None:
    op.create_table('person_needs',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('interpreter', sa.String(length=60), nullable=False),
    sa.Column('accessibility', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_needs_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_person_needs'))
    )
    op.create_table('questionnaire',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('version', sa.String(length=60), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('state', sa.String(length=9), nullable=False),
    sa.Column('kind', sa.String(length=11), nullable=False),
    sa.Column('titles', postgresql.JSONB(), nullable=False),
    sa.Column('summaries', postgresql.JSONB(), nullable=False),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('service_task', sa.String(), nullable=True),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('who', sa.String(length=9), nullable=False),
    sa.Column('limit_rules', postgresql.ARRAY(sa.String()), nullable=False),
    sa.Column('clinical', sa.Boolean(), nullable=False),
    sa.Column('content', postgresql.JSONB(), nullable=False),
    sa.Column('notes', postgresql.JSONB(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind in ('pre_visit', 'concern', 'application', 'outcome', 'other')", name=op.f('ck_questionnaire_kind')),
    sa.CheckConstraint("register in ('patient', 'social', 'rescue')", name=op.f('ck_questionnaire_register')),
    sa.CheckConstraint("state in ('draft', 'in_review', 'published', 'retired')", name=op.f('ck_questionnaire_state')),
    sa.CheckConstraint("who in ('anyone', 'signed_in')", name=op.f('ck_questionnaire_who')),
    sa.ForeignKeyConstraint(['unit_code'], ['unit.code'], name=op.f('fk_questionnaire_unit_code_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire')),
    sa.UniqueConstraint('code', 'version', name=op.f('uq_questionnaire_code'))
    )
    op.create_index('ix_questionnaire_published', 'questionnaire', ['code', 'effective_from'], unique=False, postgresql_where=sa.text("state = 'published'"))
    op.create_table('application',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('pending_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=11), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("state in ('pending', 'more_asked', 'in_handling', 'decided', 'withdrawn')", name=op.f('ck_application_state')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_application_case_id_case')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_application'))
    )
    op.create_table('questionnaire_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('event', sa.String(length=16), nullable=False),
    sa.Column('detail', postgresql.JSONB(), nullable=False),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_questionnaire_event_questionnaire_id_questionnaire')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_questionnaire_event_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire_event'))
    )
    op.create_index(op.f('ix_questionnaire_event_questionnaire_id'), 'questionnaire_event', ['questionnaire_id'], unique=False)
    op.create_table('decision',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=12), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('profession', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(length=14), nullable=False),
    sa.Column('decided', sa.String(), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('document', postgresql.JSONB(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("outcome = 'granted' or reasons <> ''", name=op.f('ck_decision_reasoned')),
    sa.CheckConstraint("outcome in ('granted', 'partly_granted', 'refused', 'not_examined', 'lapsed')", name=op.f('ck_decision_outcome')),
    sa.ForeignKeyConstraint(['case_id'], ['application.case_id'], name=op.f('fk_decision_case_id_application')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_decision_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('case_id', name=op.f('uq_decision_case_id')),
    sa.UniqueConstraint('reference', name=op.f('uq_decision_reference'))
    )
    op.create_table('information_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.Column('answer', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_information_request_answered_by_person')),
    sa.ForeignKeyConstraint(['case_id'], ['application.case_id'], name=op.f('fk_information_request_case_id_application')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_information_request_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_information_request'))
    )
    op.create_index(op.f('ix_information_request_case_id'), 'information_request', ['case_id'], unique=False)
    op.create_table('form_task',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.Column('appointment_id', sa.Uuid(), nullable=True),
    sa.Column('asked_by', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=9), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("register in ('patient', 'social')", name=op.f('ck_form_task_register')),
    sa.CheckConstraint("state in ('open', 'done', 'cancelled')", name=op.f('ck_form_task_state')),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_form_task_actor_id_person')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_form_task_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['asked_by'], ['staff_member.id'], name=op.f('fk_form_task_asked_by_staff_member')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_form_task_case_id_case')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_form_task_subject_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_task'))
    )
    op.create_index(op.f('ix_form_task_appointment_id'), 'form_task', ['appointment_id'], unique=False)
    op.create_index(op.f('ix_form_task_case_id'), 'form_task', ['case_id'], unique=False)
    op.create_index(op.f('ix_form_task_subject_id'), 'form_task', ['subject_id'], unique=False)
    op.create_table('form_response',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('titles', postgresql.JSONB(), nullable=False),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('service_task', sa.String(), nullable=True),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('basis', sa.String(length=13), nullable=True),
    sa.Column('state', sa.String(length=5), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('answers', postgresql.JSONB(), nullable=False),
    sa.Column('memo', postgresql.JSONB(), nullable=False),
    sa.Column('shown', postgresql.JSONB(), nullable=False),
    sa.Column('page', sa.String(), nullable=False),
    sa.Column('alarmed', sa.Boolean(), nullable=False),
    sa.Column('response', postgresql.JSONB(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.Column('task_id', sa.Uuid(), nullable=True),
    sa.Column('amends_id', sa.Uuid(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'sent') = (sent_at is not null and response is not null)", name=op.f('ck_form_response_sent_whole')),
    sa.CheckConstraint("register in ('patient', 'social', 'rescue')", name=op.f('ck_form_response_register')),
    sa.CheckConstraint("state in ('draft', 'sent')", name=op.f('ck_form_response_state')),
    sa.CheckConstraint('subject_id is not null or num_nonnulls(actor_id, basis, task_id, amends_id) = 0', name=op.f('ck_form_response_nobodys')),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_form_response_actor_id_person')),
    sa.ForeignKeyConstraint(['amends_id'], ['form_response.id'], name=op.f('fk_form_response_amends_id_form_response'), onupdate='cascade'),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_form_response_case_id_case')),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_form_response_questionnaire_id_questionnaire')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_form_response_subject_id_person')),
    sa.ForeignKeyConstraint(['task_id'], ['form_task.id'], name=op.f('fk_form_response_task_id_form_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_response'))
    )
    op.create_index(op.f('ix_form_response_case_id'), 'form_response', ['case_id'], unique=False)
    op.create_index('ix_form_response_drafts', 'form_response', ['subject_id', 'changed_at'], unique=False, postgresql_where=sa.text("state = 'draft'"))
    op.create_index(op.f('ix_form_response_questionnaire_id'), 'form_response', ['questionnaire_id'], unique=False)
    op.create_index(op.f('ix_form_response_session_id'), 'form_response', ['session_id'], unique=False)
    op.create_index(op.f('ix_form_response_subject_id'), 'form_response', ['subject_id'], unique=False)
    op.create_table('attachment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('scanned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['response_id'], ['form_response.id'], name=op.f('fk_attachment_response_id_form_response'), onupdate='cascade', ondelete='cascade'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    op.create_index(op.f('ix_attachment_response_id'), 'attachment', ['response_id'], unique=False)
    op.create_table('attachment_chunk',
    sa.Column('attachment_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_attachment_chunk_attachment_id_attachment'), ondelete='cascade'),
    sa.PrimaryKeyConstraint('attachment_id', 'number', name=op.f('pk_attachment_chunk'))
    )
    op.add_column('bookable_service', sa.Column('forms', postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('health_record_consent', sa.Column('used_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('case', sa.Column('return_code_hash', sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f('uq_case_return_code_hash'), 'case', ['return_code_hash'])
    op.add_column('notice', sa.Column('case_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_notice_case_id_case'), 'notice', 'case', ['case_id'], ['id'])
    op.create_index(op.f('ix_notice_case_id'), 'notice', ['case_id'], unique=False)
    op.add_column('contact_request', sa.Column('way', sa.String(length=7), server_default=sa.text("'phone'"), nullable=False))
    op.add_column('contact_request', sa.Column('interpreter', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('contact_request', sa.Column('accessibility', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('set_aside', sa.Column('session_id', sa.Uuid(), nullable=True))
    op.create_index(op.f('ix_set_aside_session_id'), 'set_aside', ['session_id'], unique=False)
    op.alter_column('set_aside', 'person_id', existing_type=sa.Uuid(), nullable=True)
    op.alter_column('set_aside', 'subject_id', existing_type=sa.Uuid(), nullable=True)
    op.create_check_constraint(op.f('ck_set_aside_whose'), 'set_aside', 'num_nulls(person_id, subject_id) = 0'
                               ' or (num_nonnulls(person_id, subject_id) = 0 and session_id is not null)')


def drop_tables() -> None:
    op.drop_constraint(op.f('ck_set_aside_whose'), 'set_aside', type_='check')
    op.execute('alter table set_aside no force row level security')
    op.execute('delete from set_aside where person_id is null')
    op.execute('alter table set_aside force row level security')
    op.alter_column('set_aside', 'subject_id', existing_type=sa.Uuid(), nullable=False)
    op.alter_column('set_aside', 'person_id', existing_type=sa.Uuid(), nullable=False)
    op.drop_index(op.f('ix_set_aside_session_id'), table_name='set_aside')
    op.drop_column('set_aside', 'session_id')
    op.drop_column('bookable_service', 'forms')
    op.drop_column('health_record_consent', 'used_until')
    op.drop_index(op.f('ix_notice_case_id'), 'notice')
    op.drop_constraint(op.f('fk_notice_case_id_case'), 'notice', type_='foreignkey')
    op.drop_column('notice', 'case_id')
    op.drop_column('contact_request', 'accessibility')
    op.drop_column('contact_request', 'interpreter')
    op.drop_column('contact_request', 'way')
    op.drop_constraint(op.f('uq_case_return_code_hash'), 'case', type_='unique')
    op.drop_column('case', 'return_code_hash')
    op.drop_table('attachment_chunk')
    op.drop_index(op.f('ix_attachment_response_id'), table_name='attachment')
    op.drop_table('attachment')
    op.drop_index(op.f('ix_form_response_subject_id'), table_name='form_response')
    op.drop_index(op.f('ix_form_response_session_id'), table_name='form_response')
    op.drop_index(op.f('ix_form_response_questionnaire_id'), table_name='form_response')
    op.drop_index('ix_form_response_drafts', table_name='form_response', postgresql_where=sa.text("state = 'draft'"))
    op.drop_index(op.f('ix_form_response_case_id'), table_name='form_response')
    op.drop_table('form_response')
    op.drop_index(op.f('ix_form_task_subject_id'), table_name='form_task')
    op.drop_index(op.f('ix_form_task_case_id'), table_name='form_task')
    op.drop_index(op.f('ix_form_task_appointment_id'), table_name='form_task')
    op.drop_table('form_task')
    op.drop_index(op.f('ix_information_request_case_id'), table_name='information_request')
    op.drop_table('information_request')
    op.drop_table('decision')
    op.drop_index(op.f('ix_questionnaire_event_questionnaire_id'), table_name='questionnaire_event')
    op.drop_table('questionnaire_event')
    op.drop_table('application')
    op.drop_index('ix_questionnaire_published', table_name='questionnaire', postgresql_where=sa.text("state = 'published'"))
    op.drop_table('questionnaire')
    op.drop_table('person_needs')
