"""Whoever reads their own log is told by name who acted for them

A resident sees the row of a person who has acted in their matters (pages show the name only), and the acting itself.

Revision ID: 0010
Revises: 0009
"""

from alembic import op
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# A function, as in 0007: planned only where it is reached.
ACTED = """
    create function acted_for_me(wanted uuid) returns boolean language plpgsql stable as $$ begin
      return exists (select 1 from audit_event e where e.subject_id = app_subject() and e.actor_kind = 'resident'
        and e.actor_id = wanted);
    end $$"""


def upgrade() -> None:
    op.execute(ACTED)
    op.execute("create policy acted_for_me on person for select to asiointi_app"
               " using (case when app_role() = 'resident' then acted_for_me(id) else false end)")
    op.execute("create policy for_me on representation for select to asiointi_app using (app_own(subject_id))")


def downgrade() -> None:
    op.execute("drop policy for_me on representation")
    op.execute("drop policy acted_for_me on person")
    op.execute("drop function acted_for_me(uuid)")
