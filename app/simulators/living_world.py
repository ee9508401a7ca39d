"""The shared world as it goes on: mandates can be withdrawn while everything runs."""

from dataclasses import replace

from app.simulators.store import Store
from app.simulators.world import Mandate, World, read_world

WITHDRAWN = "suomifi-mandates/withdrawn"


def living_world(store: Store) -> World:
    """The world of the file, without the mandates that a record of the kind WITHDRAWN names by `principal/mandatee`.

    The record belongs to Suomi.fi mandates, so emptying that system gives the mandates back.
    """

    def withdrawn(mandate: Mandate) -> bool:
        return store.get(WITHDRAWN, f"{mandate.principal}/{mandate.mandatee}") is not None

    return replace(read_world(), withdrawn=withdrawn)
