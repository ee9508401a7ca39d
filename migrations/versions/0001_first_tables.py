"""first_tables

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist")
    # The app role (and whoever else is granted it) works with rows; it owns, creates and drops nothing.
    op.execute("alter default privileges in schema public grant select, insert, update, delete on tables to asiointi_app")
    op.execute("alter default privileges in schema public grant usage on sequences to asiointi_app")
    op.execute("grant usage on schema public to asiointi_app")
    op.execute("grant select on alembic_version to asiointi_app")
    op.create_table('audit_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.String(length=8), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('mandate', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('register', sa.String(length=8), nullable=True),
    sa.Column('service_task', sa.String(), nullable=True),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('target_kind', sa.String(), nullable=False),
    sa.Column('target_id', sa.String(), nullable=False),
    sa.Column('request_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event'))
    )
    op.create_table('assessment',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('titles', postgresql.JSONB(), nullable=False),
    sa.Column('descriptions', postgresql.JSONB(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment'))
    )
    op.create_table('bookable_service',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('names', postgresql.JSONB(), nullable=False),
    sa.Column('descriptions', postgresql.JSONB(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('way', sa.String(length=8), nullable=False),
    sa.Column('rule', sa.String(length=12), nullable=False),
    sa.Column('prices', postgresql.JSONB(), nullable=False),
    sa.Column('what_to_bring', postgresql.JSONB(), nullable=False),
    sa.Column('cancel_limit_hours', sa.Integer(), nullable=False),
    sa.Column('lead_minutes', sa.Integer(), nullable=False),
    sa.Column('horizon_days', sa.Integer(), nullable=False),
    sa.Column('permit_urgencies', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('age_from', sa.Integer(), nullable=True),
    sa.Column('age_to', sa.Integer(), nullable=True),
    sa.Column('source_ids', sa.ARRAY(sa.String()), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_bookable_service'))
    )
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('identity_lookup', sa.LargeBinary(), nullable=True),
    sa.Column('identity_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('given_name', sa.String(), nullable=False),
    sa.Column('family_name', sa.String(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('municipality_code', sa.String(length=3), nullable=True),
    sa.Column('non_disclosure', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('identity_lookup', name=op.f('uq_person_identity_lookup'))
    )
    op.create_table('resource',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resource'))
    )
    op.create_table('service',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.String(), nullable=True),
    sa.Column('names', postgresql.JSONB(), nullable=False),
    sa.Column('summaries', postgresql.JSONB(), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('modified', sa.DateTime(timezone=True), nullable=True),
    sa.Column('imported_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service'))
    )
    op.create_index(op.f('ix_service_source_id'), 'service', ['source_id'], unique=False)
    op.create_table('service_location',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.String(), nullable=False),
    sa.Column('names', postgresql.JSONB(), nullable=False),
    sa.Column('municipality_code', sa.String(), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_location')),
    sa.UniqueConstraint('source_id', name=op.f('uq_service_location_source_id'))
    )
    op.create_table('sign_in_attempt',
    sa.Column('state_hash', sa.LargeBinary(), nullable=False),
    sa.Column('audience', sa.String(length=8), nullable=False),
    sa.Column('binding_hash', sa.LargeBinary(), nullable=False),
    sa.Column('nonce', sa.String(), nullable=False),
    sa.Column('code_verifier', sa.String(), nullable=False),
    sa.Column('return_to', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('state_hash', name=op.f('pk_sign_in_attempt'))
    )
    op.create_table('staff_member',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('issuer', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('profession', sa.String(), nullable=False),
    sa.Column('roles', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('units', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('signed_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_member')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_staff_member_issuer'))
    )
    op.create_table('submission',
    sa.Column('token', sa.Uuid(), nullable=False),
    sa.Column('result_path', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_submission'))
    )
    op.create_table('unit',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('names', postgresql.JSONB(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_unit'))
    )
    op.create_table('availability',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('resource_id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('services', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    postgresql.ExcludeConstraint((sa.column('resource_id'), '='), (sa.column('during'), '&&'), using='gist', name='ex_availability_overlap'),
    sa.ForeignKeyConstraint(['location_id'], ['service_location.id'], name=op.f('fk_availability_location_id_service_location')),
    sa.ForeignKeyConstraint(['resource_id'], ['resource.id'], name=op.f('fk_availability_resource_id_resource')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_availability'))
    )
    op.create_index(op.f('ix_availability_location_id'), 'availability', ['location_id'], unique=False)
    op.create_index('ix_availability_services', 'availability', ['services'], unique=False, postgresql_using='gin')
    op.create_table('browser_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('acr', sa.String(), nullable=True),
    sa.Column('provider_session', sa.String(), nullable=True),
    sa.Column('id_token_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('num_nonnulls(person_id, staff_id) <= 1', name=op.f('ck_browser_session_one_identity')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_browser_session_person_id_person')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_browser_session_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_browser_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_browser_session_token_hash'))
    )
    op.create_index(op.f('ix_browser_session_person_id'), 'browser_session', ['person_id'], unique=False)
    op.create_index(op.f('ix_browser_session_provider_session'), 'browser_session', ['provider_session'], unique=False)
    op.create_table('case',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('register', sa.String(length=8), nullable=False),
    sa.Column('service_task', sa.String(), nullable=True),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('titles', postgresql.JSONB(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('urgency', sa.String(length=12), nullable=False),
    sa.Column('urgency_rank', sa.Integer(), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("register in ('patient', 'social')", name=op.f('ck_case_register')),
    sa.CheckConstraint("state in ('open', 'closed')", name=op.f('ck_case_state')),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_case_actor_id_person')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_case_subject_id_person')),
    sa.ForeignKeyConstraint(['unit_code'], ['unit.code'], name=op.f('fk_case_unit_code_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('reference', name=op.f('uq_case_reference'))
    )
    op.create_index('ix_case_queue', 'case', ['unit_code', 'urgency_rank', 'due_at', 'id'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index(op.f('ix_case_subject_id'), 'case', ['subject_id'], unique=False)
    op.create_table('professional',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('titles', postgresql.JSONB(), nullable=False),
    sa.ForeignKeyConstraint(['id'], ['resource.id'], name=op.f('fk_professional_id_resource')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_professional')),
    sa.UniqueConstraint('source_id', name=op.f('uq_professional_source_id'))
    )
    op.create_table('assessment_run',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('assessment_id', sa.String(), nullable=False),
    sa.Column('titles', postgresql.JSONB(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('road', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('asked', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_assessment_run_case_id_case')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_assessment_run_person_id_person')),
    sa.ForeignKeyConstraint(['session_id'], ['browser_session.id'], name=op.f('fk_assessment_run_session_id_browser_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment_run'))
    )
    op.create_index(op.f('ix_assessment_run_person_id'), 'assessment_run', ['person_id'], unique=False)
    op.create_index(op.f('ix_assessment_run_session_id'), 'assessment_run', ['session_id'], unique=False)
    op.create_table('case_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event', sa.String(length=24), nullable=False),
    sa.Column('by_kind', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_event_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_event'))
    )
    op.create_index(op.f('ix_case_event_case_id'), 'case_event', ['case_id'], unique=False)
    op.create_table('contact_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('reachable', sa.String(), nullable=False),
    sa.Column('message', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_contact_request_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_request')),
    sa.UniqueConstraint('case_id', name=op.f('uq_contact_request_case_id'))
    )
    op.create_table('need_assessment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('profession', sa.String(), nullable=False),
    sa.Column('urgency', sa.String(length=12), nullable=False),
    sa.Column('result', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_need_assessment_case_id_case')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_need_assessment_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_need_assessment'))
    )
    op.create_index(op.f('ix_need_assessment_case_id'), 'need_assessment', ['case_id'], unique=False)
    op.create_table('time_limit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('kind', sa.String(length=9), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_time_limit_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_limit'))
    )
    op.create_index(op.f('ix_time_limit_case_id'), 'time_limit', ['case_id'], unique=False)
    op.create_table('appointment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=False),
    sa.Column('service_code', sa.String(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('professional_id', sa.Uuid(), nullable=False),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('assessment_run_id', sa.Uuid(), nullable=True),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    postgresql.ExcludeConstraint((sa.column('subject_id'), '='), (sa.column('during'), '&&'), where=sa.text("status in ('held', 'booked')"), using='gist', name='ex_appointment_subject_overlap'),
    sa.CheckConstraint("status in ('held', 'booked', 'cancelled', 'expired', 'released')", name=op.f('ck_appointment_status')),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_appointment_actor_id_person')),
    sa.ForeignKeyConstraint(['assessment_run_id'], ['assessment_run.id'], name=op.f('fk_appointment_assessment_run_id_assessment_run')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_appointment_case_id_case')),
    sa.ForeignKeyConstraint(['location_id'], ['service_location.id'], name=op.f('fk_appointment_location_id_service_location')),
    sa.ForeignKeyConstraint(['professional_id'], ['professional.id'], name=op.f('fk_appointment_professional_id_professional')),
    sa.ForeignKeyConstraint(['service_code'], ['bookable_service.code'], name=op.f('fk_appointment_service_code_bookable_service')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_appointment_subject_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment'))
    )
    op.create_index(op.f('ix_appointment_case_id'), 'appointment', ['case_id'], unique=False)
    op.create_index('ix_appointment_held_until', 'appointment', ['held_until'], unique=False, postgresql_where=sa.text("status = 'held'"))
    op.create_table('allocation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('resource_id', sa.Uuid(), nullable=False),
    sa.Column('appointment_id', sa.Uuid(), nullable=True),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    postgresql.ExcludeConstraint((sa.column('resource_id'), '='), (sa.column('during'), '&&'), where=sa.text("state in ('held', 'booked', 'blocked')"), using='gist', name='ex_allocation_resource_overlap'),
    sa.CheckConstraint("state in ('held', 'booked', 'blocked', 'released')", name=op.f('ck_allocation_state')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_allocation_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['resource_id'], ['resource.id'], name=op.f('fk_allocation_resource_id_resource')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation'))
    )
    op.create_index(op.f('ix_allocation_appointment_id'), 'allocation', ['appointment_id'], unique=False)
    op.create_table('appointment_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appointment_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event', sa.String(length=16), nullable=False),
    sa.Column('by_kind', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_appointment_event_appointment_id_appointment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment_event'))
    )
    op.create_index(op.f('ix_appointment_event_appointment_id'), 'appointment_event', ['appointment_id'], unique=False)
    op.create_table('notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('appointment_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'sent', 'refused')", name=op.f('ck_notice_state')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_notice_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    op.create_index(op.f('ix_notice_person_id'), 'notice', ['person_id'], unique=False)
    op.execute("revoke update, delete on audit_event from asiointi_app")
    op.execute("""
        create function refuse_audit_change() returns trigger language plpgsql as
        $$ begin raise exception 'audit events are only ever added'; end $$
    """)
    op.execute("""
        create trigger audit_event_append_only before update or delete or truncate on audit_event
        for each statement execute function refuse_audit_change()
    """)


def downgrade() -> None:
    op.drop_index(op.f('ix_notice_person_id'), table_name='notice')
    op.drop_table('notice')
    op.drop_index(op.f('ix_appointment_event_appointment_id'), table_name='appointment_event')
    op.drop_table('appointment_event')
    op.drop_index(op.f('ix_allocation_appointment_id'), table_name='allocation')
    op.drop_table('allocation')
    op.drop_index('ix_appointment_held_until', table_name='appointment', postgresql_where=sa.text("status = 'held'"))
    op.drop_index(op.f('ix_appointment_case_id'), table_name='appointment')
    op.drop_table('appointment')
    op.drop_index(op.f('ix_time_limit_case_id'), table_name='time_limit')
    op.drop_table('time_limit')
    op.drop_index(op.f('ix_need_assessment_case_id'), table_name='need_assessment')
    op.drop_table('need_assessment')
    op.drop_table('contact_request')
    op.drop_index(op.f('ix_case_event_case_id'), table_name='case_event')
    op.drop_table('case_event')
    op.drop_index(op.f('ix_assessment_run_session_id'), table_name='assessment_run')
    op.drop_index(op.f('ix_assessment_run_person_id'), table_name='assessment_run')
    op.drop_table('assessment_run')
    op.drop_table('professional')
    op.drop_index(op.f('ix_case_subject_id'), table_name='case')
    op.drop_index('ix_case_queue', table_name='case', postgresql_where=sa.text("state = 'open'"))
    op.drop_table('case')
    op.drop_index(op.f('ix_browser_session_provider_session'), table_name='browser_session')
    op.drop_index(op.f('ix_browser_session_person_id'), table_name='browser_session')
    op.drop_table('browser_session')
    op.drop_index('ix_availability_services', table_name='availability', postgresql_using='gin')
    op.drop_index(op.f('ix_availability_location_id'), table_name='availability')
    op.drop_table('availability')
    op.drop_table('unit')
    op.drop_table('submission')
    op.drop_table('staff_member')
    op.drop_table('sign_in_attempt')
    op.drop_table('service_location')
    op.drop_index(op.f('ix_service_source_id'), table_name='service')
    op.drop_table('service')
    op.drop_table('resource')
    op.drop_table('person')
    op.drop_table('bookable_service')
    op.drop_table('assessment')
    op.drop_table('audit_event')
    op.execute("drop function refuse_audit_change()")
    op.execute("alter default privileges in schema public revoke all on tables from asiointi_app")
    op.execute("alter default privileges in schema public revoke all on sequences from asiointi_app")
    op.execute("revoke all on alembic_version from asiointi_app")
    op.execute("revoke all on schema public from asiointi_app")
