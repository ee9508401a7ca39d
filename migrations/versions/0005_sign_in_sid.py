"""Whose session at the identification service a session of ours began with, and which of its logout tokens were used

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('browser_session', sa.Column('issuer', sa.String(), nullable=True))
    op.add_column('browser_session', sa.Column('provider_subject', sa.String(), nullable=True))
    op.create_index(op.f('ix_browser_session_provider_subject'), 'browser_session', ['provider_subject'], unique=False)
    op.create_table('used_logout_token',
    sa.Column('issuer', sa.String(), nullable=False),
    sa.Column('jti', sa.String(length=255), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('issuer', 'jti', name=op.f('pk_used_logout_token'))
    )


def downgrade() -> None:
    op.drop_table('used_logout_token')
    op.drop_index(op.f('ix_browser_session_provider_subject'), table_name='browser_session')
    op.drop_column('browser_session', 'provider_subject')
    op.drop_column('browser_session', 'issuer')
