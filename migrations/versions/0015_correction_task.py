"""A request for correction belongs to the service task of the matter that it names

Only who works in that task decides on it, as they alone see the matter. Requests that name none stay their register's.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TASK = "(service_task is null or service_task = any(app_tasks()))"
DECIDED = "app_power('decide_corrections') and register = any(app_registers())"
OWN = "app_mine(person_id, actor_id, register)"


def upgrade() -> None:
    op.add_column("correction_request", sa.Column("service_task", sa.String()))
    follow(f"{OWN} or ({DECIDED} and {TASK})")


def downgrade() -> None:
    follow(f"{OWN} or ({DECIDED})")
    op.drop_column("correction_request", "service_task")


def follow(rule: str) -> None:
    op.execute(f"alter policy app on correction_request using ({rule}) with check ({rule})")
