"""Residents with a browser session, made directly in the database where signing in is not what a test is about."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from app.settings import Settings
from app.web.tokens import FormTokens, hash_secret, new_secret


@dataclass(frozen=True)
class SignedIn:
    """A resident who is signed in: the cookie of their browser and a way to make form tokens."""

    person_id: uuid.UUID
    session_id: uuid.UUID
    cookie: str
    tokens: FormTokens

    def form_token(self) -> str:
        return self.tokens.make(self.session_id.bytes)

    @property
    def cookies(self) -> dict[str, str]:
        return {"asiointi": self.cookie}


def sign_in_many(settings: Settings, count: int) -> list[SignedIn]:
    """`count` new residents of 1980, each with a session of their own."""
    now = settings.fixed_now or datetime.now(UTC)
    made = []
    with psycopg.connect(settings.worker_database_url) as connection:
        for number in range(count):
            one = SignedIn(uuid.uuid4(), uuid.uuid4(), new_secret(), FormTokens(settings.secret_key.get_secret_value()))
            connection.execute(
                "insert into person (id, given_name, family_name, birth_date, non_disclosure, language)"
                " values (%s, 'Testi', %s, '1980-02-03', false, 'fi')",
                [one.person_id, f"Henkilö{number}"],
            )
            connection.execute(
                "insert into browser_session (id, token_hash, person_id, created_at, seen_at)"
                " values (%s, %s, %s, %s, %s)",
                [one.session_id, hash_secret(one.cookie), one.person_id, now, now],
            )
            made.append(one)
    return made
