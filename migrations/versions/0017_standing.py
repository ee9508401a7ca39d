"""What a draft's answers say has a name, so that a process knows whether it has worked them out already

Whoever writes answers gives them a name; a trigger does for those who forget it.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = sa.Column("standing", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()"))
    op.add_column("form_response", name)
    op.execute("""
        create function name_standing() returns trigger language plpgsql as
        $$ begin new.standing := gen_random_uuid(); return new; end $$
    """)
    op.execute("""
        create trigger form_response_standing before update of answers, memo on form_response
        for each row when (old.standing = new.standing) execute function name_standing()
    """)


def downgrade() -> None:
    op.execute("drop trigger form_response_standing on form_response")
    op.execute("drop function name_standing()")
    op.drop_column("form_response", "standing")
