"""The clerk's desk: people found by their identity code, what a paper mandate says, and joining two rows of one person

A member of staff who has found somebody by the identity code that they showed sees that person's row for some hours.
Who was registered twice may have two appointments at one time: both stand until staff have settled it.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

# A function, as in 0007: planned only where it is reached.
FOUND = """
    create function found_by_me(wanted uuid) returns boolean language plpgsql stable as $$ begin
      return exists (select 1 from found_person f where f.person_id = wanted and f.staff_id = app_actor()
        and f.until > app_now());
    end $$"""
OVERLAP = "alter table appointment add constraint ex_appointment_subject_overlap" \
    " exclude using gist (subject_id with =, during with &&) where ({})"


def upgrade() -> None:
    op.create_table('found_person',
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_found_person_person_id_person')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_found_person_staff_id_staff_member')),
    sa.PrimaryKeyConstraint('staff_id', 'person_id', name=op.f('pk_found_person'))
    )
    op.create_index(op.f('ix_found_person_person_id'), 'found_person', ['person_id'], unique=False)
    op.execute('alter table found_person enable row level security')
    op.execute('alter table found_person force row level security')
    op.execute("create policy app on found_person to asiointi_app"
               " using (app_role() = 'staff' and staff_id = app_actor())")
    op.execute('create policy worker on found_person to asiointi_worker using (true) with check (true)')
    op.execute(FOUND)
    op.execute("create policy found on person for select to asiointi_app"
               " using (case when app_role() = 'staff' then found_by_me(id) else false end)")
    op.execute("create policy mended on person for update to asiointi_app"
               " using (case when app_power('merge_people') then found_by_me(id) else false end)")
    op.add_column('local_mandate', sa.Column('document_type', sa.String(length=24), server_default=sa.text("''"), nullable=False))
    op.add_column('local_mandate', sa.Column('signed_on', sa.Date(), nullable=True))
    op.add_column('person_merge', sa.Column('state', sa.String(length=7), server_default=sa.text("'waiting'"), nullable=False))
    op.add_column('person_merge', sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('person_merge', sa.Column('set_aside', postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.create_check_constraint('state', 'person_merge', "state in ('waiting', 'done', 'refused')")
    op.drop_constraint('uq_person_merge_merged_id', 'person_merge', type_='unique')
    op.create_index('uq_person_merge_stands', 'person_merge', ['merged_id'], unique=True, postgresql_where=sa.text("state <> 'refused'"))
    op.add_column('appointment', sa.Column('double_booked', sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("alter table appointment drop constraint ex_appointment_subject_overlap")
    op.execute(OVERLAP.format("status in ('held', 'booked') and not double_booked"))


def downgrade() -> None:
    op.execute("alter table appointment drop constraint ex_appointment_subject_overlap")
    op.execute(OVERLAP.format("status in ('held', 'booked')"))
    op.drop_column('appointment', 'double_booked')
    op.drop_index('uq_person_merge_stands', table_name='person_merge')
    op.create_unique_constraint('uq_person_merge_merged_id', 'person_merge', ['merged_id'])
    op.drop_constraint('state', 'person_merge', type_='check')
    for column in ('set_aside', 'settled_at', 'state'):
        op.drop_column('person_merge', column)
    for column in ('signed_on', 'document_type'):
        op.drop_column('local_mandate', column)
    op.execute("drop policy mended on person")
    op.execute("drop policy found on person")
    op.execute("drop function found_by_me(uuid)")
    op.drop_table('found_person')
