"""What all things of the authorisation matrix are made from: for whom, whose, and people who are new here."""

import itertools
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.identity_code import check_character
from app.services.identity.vault import IdentityVault
from tests.tools.personas import Cast, Of, Seat
from tests.tools.rows import Rows

PHONE = "+358401234567"
_numbers = itertools.count(1)


@dataclass
class Workshop:
    """Things of `of` are made here for the one at `seat`. `runs`: assessments that were really filled in; `slots`:
    free times of each register's service."""

    rows: Rows
    cast: Cast
    vault: IdentityVault
    seat: Seat
    of: Of
    runs: dict[str, uuid.UUID]
    slots: dict[str, list[str]]

    def number(self) -> int:
        """A number that nothing else has."""
        return next(_numbers)

    def person(self) -> tuple[uuid.UUID, str]:
        """A new adult with an identity code of the artificial series."""
        new, code = uuid.uuid4(), self.new_code()
        identity = {"identity_lookup": self.vault.lookup(code), "identity_sealed": self.vault.seal(code)}
        names = {"given_name": "Testi", "family_name": "Vieras", "language": "fi", "non_disclosure": False}
        self.rows.add("person", id=new, birth_date=date(1960, 1, 1), **identity, **names)
        return new, code

    def new_code(self) -> str:
        """An identity code that nobody has had here."""
        number = self.number()
        day = (date(1950, 1, 1) + timedelta(days=number)).strftime("%d%m%y")
        return f"{day}-999{check_character(day, '999')}"
