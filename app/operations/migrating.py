"""Migrations, quick where there is nothing to do."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def alembic_config(url: str) -> Config:
    """Alembic's configuration for the owner's address `url`."""
    config = Config(toml_file=str(PYPROJECT))
    config.attributes["url"] = url
    return config


def newest_revision() -> str:
    """The revision that this version of the code needs."""
    head = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    return head or ""


def applied_revision(url: str) -> str | None:
    """The revision of the database at `url`; None before the first migration."""
    with psycopg.connect(url) as connection:
        exists = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if exists is None or exists[0] is None:
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
        return str(row[0]) if row else None


def migrate_to(url: str, revision: str = "head") -> None:
    """Bring the schema to `revision`; a leading minus or a lower one goes back."""
    if revision == "head" and applied_revision(url) == newest_revision():
        return
    going_back = revision.startswith("-") or revision == "base"
    (command.downgrade if going_back else command.upgrade)(alembic_config(url), revision)
