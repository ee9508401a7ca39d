"""The job queue: procrastinate's own schema, from the pinned package

Revision ID: 0002
Revises: 0001
"""

from alembic import op
from procrastinate.schema import SchemaManager
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema jobs")
    op.execute("set local search_path to jobs, public")
    connection = op.get_bind().connection.driver_connection
    connection.execute(SchemaManager.get_schema())
    op.execute("set local search_path to default")
    op.execute("grant usage on schema jobs to asiointi_app")
    op.execute("grant select, insert, update, delete on all tables in schema jobs to asiointi_app")
    op.execute("grant usage on all sequences in schema jobs to asiointi_app")


def downgrade() -> None:
    op.execute("drop schema jobs cascade")
