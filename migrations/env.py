"""Alembic's way in: the owner's connection, our tables only (procrastinate keeps its own in the schema `jobs`)."""

import os

from alembic import context
from sqlalchemy import create_engine

from app.models import Base


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out procrastinate's tables: `alembic check` compares only what our models describe."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run() -> None:
    url = context.config.attributes.get("url") or os.environ["MIGRATION_DATABASE_URL"]
    engine = create_engine(url, connect_args={"options": "-c timezone=UTC -c lock_timeout=10s"})
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, include_name=include_name)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
