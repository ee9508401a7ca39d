"""Whoever reads their own log is told by name who acted for them

A resident sees the row of a person who has acted in their matters or holds their paper mandate (pages show the name
only), and the acting itself. What somebody has done for another stays visible to them without the other's name.

Revision ID: 0010
Revises: 0009
"""

from alembic import op
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ACTED_FOR_ME = """app_role() = 'resident' and (
    exists (select 1 from audit_event e where e.subject_id = app_subject() and e.actor_kind = 'resident'
      and e.actor_id = person.id)
    or exists (select 1 from local_mandate m where m.principal_id = app_actor() and m.mandatee_id = person.id))"""


def upgrade() -> None:
    op.execute(f"create policy acted_for_me on person for select to asiointi_app using ({ACTED_FOR_ME})")
    op.execute("create policy for_me on representation for select to asiointi_app using (app_own(subject_id))")


def downgrade() -> None:
    op.execute("drop policy for_me on representation")
    op.execute("drop policy acted_for_me on person")
