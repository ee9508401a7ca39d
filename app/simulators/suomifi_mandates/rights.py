"""Who may act for whom, from the shared world. The rules' sources: docs/integrations/suomifi-mandates.md."""

from dataclasses import dataclass
from datetime import date

from app.domain.clock import full_years
from app.simulators.world import ADULT_YEARS, Resident, World

MINOR = "ALL"


@dataclass(frozen=True)
class Rights:
    """The rights of one day, as one service is told them; `guardian_until` is that service's age limit."""

    world: World
    today: date
    guardian_until: int = ADULT_YEARS

    def roles(self, delegate: Resident, principal: Resident) -> tuple[str, ...]:
        """`ALL` for the delegate's child, theme URIs for an adult who gave a mandate, nothing where there is no
        right. Why there is none can't be seen from the answer."""
        if self.is_adult(principal):
            return self.world.themes(delegate.key, principal.key, self.today)
        return (MINOR,) if self._is_guardian(delegate, principal) else ()

    def principals(self, delegate: Resident) -> tuple[Resident, ...]:
        """Everybody for whom the delegate may do something."""
        return tuple(person for person in self.world.residents if self.roles(delegate, person))

    def allows(self, delegate: Resident, principal: Resident, issues: tuple[str, ...]) -> bool:
        """True where the delegate may act in all of `issues`."""
        roles = self.roles(delegate, principal)
        return MINOR in roles or (bool(issues) and set(issues) <= set(roles))

    def is_adult(self, person: Resident) -> bool:
        return full_years(person.born, self.today) >= ADULT_YEARS

    def _is_guardian(self, delegate: Resident, child: Resident) -> bool:
        hidden = delegate.non_disclosure or child.non_disclosure
        young = full_years(child.born, self.today) < self.guardian_until
        return young and not hidden and child in self.world.children_of(delegate.key, self.today)
