"""Limits that hold in all processes together

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rate_limit',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('window_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'window_start', name=op.f('pk_rate_limit'))
    )
    op.create_index(op.f('ix_rate_limit_window_start'), 'rate_limit', ['window_start'], unique=False)


def downgrade() -> None:
    op.drop_table('rate_limit')
