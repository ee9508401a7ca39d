"""Who wrote a wish to be contacted

It may join a case that somebody else has opened: the name, the number and the words in it are the writer's own data.
What was written before gets its writer from the case's timeline.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

# Sent by somebody who had signed in; else, in a case that it opened, whoever has signed in since and made it theirs.
WRITERS = """
    update contact_request r set actor_id = coalesce(
      (select e.by_id from case_event e where e.case_id = r.case_id and e.event = 'arrived'
        and e.detail ->> 'kind' = 'contact_request' and e.by_kind = 'resident' limit 1),
      (select c.actor_id from "case" c where c.id = r.case_id and c.kind = 'contact_request'))"""
# The tables' owner is bound by the policies too, and none is for it.
BOUND = ("contact_request", "case_event", "case")


def upgrade() -> None:
    op.add_column('contact_request', sa.Column('actor_id', sa.Uuid(), nullable=True))
    for table in BOUND:
        op.execute(f'alter table "{table}" no force row level security')
    op.execute(WRITERS)
    for table in BOUND:
        op.execute(f'alter table "{table}" force row level security')
    op.create_foreign_key(op.f('fk_contact_request_actor_id_person'), 'contact_request', 'person', ['actor_id'], ['id'])


def downgrade() -> None:
    op.drop_constraint(op.f('fk_contact_request_actor_id_person'), 'contact_request', type_='foreignkey')
    op.drop_column('contact_request', 'actor_id')
