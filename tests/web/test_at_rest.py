"""What lies in the database: no identity code and no token in clear."""

import psycopg

from app.content import load
from app.settings import Settings
from tests.tools.visitor import Visitor


def everything(settings: Settings) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(settings.worker_database_url) as connection:
        names = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('public', 'jobs')"
        ).fetchall()
        assert len(names) > 20
        rows = [
            row[0] for schema, name in names for row in connection.execute(f'select t::text from "{schema}"."{name}" t')
        ]
    return "\n".join(rows)


async def test_no_identity_code_and_no_token_in_clear(visitor: Visitor, settings: Settings) -> None:
    """After a resident and a nurse have signed in, nothing in the database tells an identity code or holds a token."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Anna Lehtokangas")
    assert visitor.path == "/fi/my"
    await visitor.get("/fi/staff")
    await visitor.sign_in("Sari Hoitaja")
    assert visitor.path == "/fi/staff"
    kept = everything(settings)
    assert "Lehtokangas" in kept  # the look itself works
    for person in load("test_persons.json")["residents"]:
        assert person["identity_code"] not in kept
    assert "eyJ" not in kept  # how every JSON web token begins
