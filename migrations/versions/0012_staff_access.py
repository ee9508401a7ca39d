"""What staff may see and why: existence told without seeing, service tasks, changes by the handling unit only, auditors

Whoever may open a case with a special reason has to be told that there is one, and the row itself is hidden from them.
`case_directory` answers for one id only, as the tables' owner; the owner is bound by row-level security too (FORCE), so
what it may be asked is itself a policy, `directory`: cases of other units about somebody, in a register and a service
task of the one who asks, and only where they may open with a reason. To anybody else there is no difference between
another register's case and none at all.

Two restrictive policies narrow what staff see by special access: it stays within their service tasks, and it changes
nothing. An auditor sees the names of people who are in the trail, which two more indexes let them search.

Revision ID: 0012
Revises: 0011
"""

from alembic import op
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

WITHIN_TASKS = "(service_task is null or service_task = any(app_tasks()))"
DIRECTORY = (
    "app_power('open_with_reason') and subject_id is not null and register = any(app_registers())"
    f" and {WITHIN_TASKS} and unit_code <> all (app_units())"
)
OWN_UNIT = "app_role() <> 'staff' or unit_code = any(app_units())"
# A function, as in 0007: planned only where it is reached.
IN_TRAIL = """
    create function in_trail(wanted uuid) returns boolean language plpgsql stable as $$ begin
      return exists (select 1 from audit_event e where e.subject_id = wanted or e.actor_id = wanted);
    end $$"""


def upgrade() -> None:
    directory()
    op.execute(
        'create policy staff_tasks on "case" as restrictive to asiointi_app'
        f" using (app_role() <> 'staff' or {WITHIN_TASKS}) with check (true)"
    )
    op.execute(
        f'create policy unit_changes on "case" as restrictive for update to asiointi_app using ({OWN_UNIT})'
        " with check (true)"
    )
    op.execute(f'create policy unit_deletes on "case" as restrictive for delete to asiointi_app using ({OWN_UNIT})')
    op.execute(IN_TRAIL)
    op.execute("create policy auditor on person for select to asiointi_app"
               " using (case when app_power('read_audit') then in_trail(id) else false end)")
    op.create_index("ix_audit_event_actor_id_at", "audit_event", ["actor_id", "at"])
    op.create_index("ix_audit_event_at", "audit_event", ["at"], postgresql_using="brin")


def directory() -> None:
    op.execute(f'create policy directory on "case" for select to current_user using ({DIRECTORY})')
    op.execute("""
        create function case_directory(wanted uuid) returns table (subject_id uuid, register text)
        language sql stable security definer set search_path = public, pg_temp as
        $$ select c.subject_id, c.register from "case" c where c.id = wanted $$
    """)
    op.execute("revoke execute on function case_directory(uuid) from public")
    op.execute("grant execute on function case_directory(uuid) to asiointi_app")


def downgrade() -> None:
    op.drop_index("ix_audit_event_at", "audit_event")
    op.drop_index("ix_audit_event_actor_id_at", "audit_event")
    op.execute("drop policy auditor on person")
    op.execute("drop function in_trail(uuid)")
    for policy in ("unit_deletes", "unit_changes", "staff_tasks"):
        op.execute(f'drop policy {policy} on "case"')
    op.execute("drop function case_directory(uuid)")
    op.execute('drop policy directory on "case"')
