"""Outside systems: deliveries, what is known of each system, consents, video rooms, external bookings

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('outside_fault',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('system', sa.String(length=24), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('correlation_id', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outside_fault'))
    )
    op.create_index('ix_outside_fault_system_at', 'outside_fault', ['system', 'at'], unique=False)
    op.create_table('delivery',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('system', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('about_id', sa.Uuid(), nullable=False),
    sa.Column('lane', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('receiver_id', sa.String(), nullable=True),
    sa.Column('receiver_version', sa.String(), nullable=True),
    sa.Column('correlation_id', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'sending', 'done', 'refused', 'unknown', 'given_up', 'dropped')", name=op.f('ck_delivery_state')),
    sa.ForeignKeyConstraint(['settled_by'], ['staff_member.id'], name=op.f('fk_delivery_settled_by_staff_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('number', name=op.f('uq_delivery_number'))
    )
    op.create_index('ix_delivery_about', 'delivery', ['about_id', 'kind'], unique=False)
    op.create_index('ix_delivery_lane', 'delivery', ['lane', 'number'], unique=False)
    op.create_index('ix_delivery_open', 'delivery', ['system', 'next_at'], unique=False, postgresql_where=sa.text("state in ('waiting', 'sending')"))
    op.create_table('external_booking',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('service', sa.String(), nullable=False),
    sa.Column('slot_id', sa.String(), nullable=False),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('receiver_id', sa.String(), nullable=True),
    sa.Column('receiver_version', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('transaction_timestamp()'), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('requested', 'booked', 'refused', 'cancelling', 'cancelled')", name=op.f('ck_external_booking_state')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_external_booking_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_external_booking'))
    )
    op.create_index('ix_external_booking_person', 'external_booking', ['person_id'], unique=False)
    op.create_table('health_record_consent',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.String(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.String()), nullable=False),
    sa.Column('refresh_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=8), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_health_record_consent_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_health_record_consent'))
    )
    op.create_index('uq_health_record_consent_holds', 'health_record_consent', ['person_id'], unique=True, postgresql_where=sa.text('ended_at is null'))
    op.create_table('outside_system',
    sa.Column('name', sa.String(length=24), nullable=False),
    sa.Column('ok_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('correlation_id', sa.String(length=64), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_by', sa.Uuid(), nullable=True),
    sa.Column('pause_reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['paused_by'], ['staff_member.id'], name=op.f('fk_outside_system_paused_by_staff_member')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_outside_system'))
    )
    op.create_table('consent_attempt',
    sa.Column('state_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('code_verifier', sa.String(), nullable=False),
    sa.Column('return_to', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_consent_attempt_person_id_person')),
    sa.ForeignKeyConstraint(['session_id'], ['browser_session.id'], name=op.f('fk_consent_attempt_session_id_browser_session'), ondelete='cascade'),
    sa.PrimaryKeyConstraint('state_hash', name=op.f('pk_consent_attempt'))
    )
    op.create_table('video_room',
    sa.Column('appointment_id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.String(), nullable=False),
    sa.Column('resident_link_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('professional_link_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_video_room_appointment_id_appointment')),
    sa.PrimaryKeyConstraint('appointment_id', name=op.f('pk_video_room'))
    )
    op.add_column('assessment', sa.Column('topics', postgresql.ARRAY(sa.String()), server_default='{}', nullable=False))
    op.add_column('assessment_run', sa.Column('trying', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_check_constraint(
        op.f('ck_assessment_run_trial_of_nobody'), 'assessment_run', 'not trying or num_nonnulls(person_id, case_id) = 0'
    )
    op.create_index(op.f('ix_notice_appointment_id'), 'notice', ['appointment_id'], unique=False)
    # What notices knew about their way moves to deliveries; jobs that waited are woken from there.
    op.execute("""
        insert into delivery (id, system, kind, about_id, lane, state, attempts, next_at, reason, receiver_id,
                              correlation_id, created_at, settled_at)
        select gen_random_uuid(), 'suomifi-messages', 'notice', id, id,
               case state when 'sent' then 'done' else state end, attempts, now(), reason, message_id::text,
               '', created_at, coalesce(sent_at, case when state = 'refused' then now() end)
        from notice order by created_at
    """)
    op.execute("delete from jobs.procrastinate_jobs where task_name = 'send_notice' and status = 'todo'")
    op.drop_column('notice', 'reason')
    op.drop_column('notice', 'message_id')
    op.drop_column('notice', 'attempts')
    op.drop_column('notice', 'state')
    op.drop_column('notice', 'sent_at')


def downgrade() -> None:
    op.add_column('notice', sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('notice', sa.Column('state', sa.String(length=8), nullable=False, server_default='waiting'))
    op.add_column('notice', sa.Column('attempts', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('notice', sa.Column('message_id', sa.Integer(), nullable=True))
    op.add_column('notice', sa.Column('reason', sa.String(), nullable=False, server_default=''))
    op.execute("""
        update notice set state = case delivery.state when 'done' then 'sent' when 'refused' then 'refused' else 'waiting' end,
               attempts = delivery.attempts, reason = delivery.reason, sent_at = delivery.settled_at,
               message_id = delivery.receiver_id::integer
        from delivery where delivery.kind = 'notice' and delivery.about_id = notice.id
    """)
    for name in ('state', 'attempts', 'reason'):
        op.alter_column('notice', name, server_default=None)
    op.create_check_constraint(op.f('ck_notice_state'), 'notice', "state in ('waiting', 'sent', 'refused')")
    op.drop_index(op.f('ix_notice_appointment_id'), table_name='notice')
    op.drop_column('assessment_run', 'trying')
    op.drop_column('assessment', 'topics')
    op.drop_table('video_room')
    op.drop_table('consent_attempt')
    op.drop_table('outside_system')
    op.drop_index('uq_health_record_consent_holds', table_name='health_record_consent', postgresql_where=sa.text('ended_at is null'))
    op.drop_table('health_record_consent')
    op.drop_index('ix_external_booking_person', table_name='external_booking')
    op.drop_table('external_booking')
    op.drop_index('ix_delivery_open', table_name='delivery', postgresql_where=sa.text("state in ('waiting', 'sending')"))
    op.drop_index('ix_delivery_lane', table_name='delivery')
    op.drop_index('ix_delivery_about', table_name='delivery')
    op.drop_table('delivery')
    op.drop_index('ix_outside_fault_system_at', table_name='outside_fault')
    op.drop_table('outside_fault')
