"""What a request leaves behind: every row that is new or another one after it, as the worker's role sees them."""

import psycopg
from psycopg import sql

from app.settings import Settings

ALL = (
    "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
    " and (table_schema = 'public' or table_name = 'procrastinate_jobs')"
)
# A session was seen, and Suomi.fi asked: neither tells what was done.
SEEN = frozenset({"browser_session", "representation"})


def all_rows(settings: Settings) -> set[tuple[str, str]]:
    """Every row of every table as text, with its table's name."""
    found: set[tuple[str, str]] = set()
    with psycopg.connect(settings.worker_database_url) as connection:
        for schema, name in connection.execute(ALL).fetchall():
            if name not in SEEN:
                rows = connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(schema, name)))
                found |= {(name, row[0]) for row in rows}
    return found
