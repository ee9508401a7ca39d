"""All simulated systems together: what can be done to each of them from outside."""

from collections.abc import Mapping, Sequence

from app.simulators.faults import Fault, FaultBoard
from app.simulators.store import Store
from app.simulators.system import SimulatedSystem
from app.simulators.traffic import Traffic


class Stage:
    """The systems by name, in the order of the index page; their faults, their traffic, and how to empty them."""

    def __init__(self, systems: Sequence[SimulatedSystem], store: Store) -> None:
        self.systems: Mapping[str, SimulatedSystem] = {system.name: system for system in systems}
        self.store = store
        self.board = FaultBoard(store)
        self.traffic = Traffic(store)

    def seed_empty(self) -> None:
        """Give every system without records its starting data."""
        for system in self.systems.values():
            if system.seed and not any(self.store.holds(kinds) for kinds in system.record_kinds):
                system.seed()

    def reset(self, names: Sequence[str]) -> None:
        """Each system as on its first day: no fault, no traffic, no records but its keys and its starting data."""
        with self.store.together():
            for name in names:
                self.reset_inside(self.systems[name])

    def reset_inside(self, system: SimulatedSystem) -> None:
        """The same for one system, as a part of a larger change."""
        for kinds in system.record_kinds:
            self.store.forget(kinds)
        self.traffic.forget(system.name)
        self.board.set(system, Fault())
        if system.seed:
            system.seed()

    def owns(self, kind: str) -> bool:
        """True where a record of this kind is one that a reset of some system would remove."""
        begins = (kinds for system in self.systems.values() for kinds in system.record_kinds)
        return not kind.endswith("/key") and any(kind.startswith(kinds) and kind != kinds for kinds in begins)
