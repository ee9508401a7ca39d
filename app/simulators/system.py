"""What every simulated system is made from, and what it tells the process that serves it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from app.simulators.pages import Pages
from app.simulators.settings import SimulatorSettings
from app.simulators.store import Store
from app.simulators.world import World


@dataclass(frozen=True)
class Parts:
    """What all systems share: one memory, one world of people, one look."""

    settings: SimulatorSettings
    store: Store
    world: World
    pages: Pages

    def url(self, path: str) -> str:
        """The address of `path` as browsers and clients know it."""
        return f"{self.settings.public_url}{path}"


@dataclass(frozen=True)
class SimulatedSystem:
    """One stand-in: `name` as in the window's settings, logs and fault switches; `path` where its interface begins.

    `tokens` are the kinds of records (or their beginnings) that vanish when the system is told to expire its tokens.
    `inspection` is a page of its own at `{path}/`, for people, outside the fault switch, where the system has one.
    `kinds` are beginnings of all its records' kinds; left out: its name, and what its tokens' kinds begin with.
    `seed` puts its starting data into the store; called at start where the system has no records, and after a reset.
    """

    name: str
    path: str
    app: ASGIApp
    tokens: tuple[str, ...] = ()
    inspection: Callable[[Request], Awaitable[Response]] | None = None
    kinds: tuple[str, ...] = ()
    seed: Callable[[], None] | None = None

    @property
    def record_kinds(self) -> tuple[str, ...]:
        """The beginnings of the kinds of all records that are this system's, each ending with a slash."""
        begins = self.kinds or (self.name, *self.tokens)
        return tuple(dict.fromkeys(f"{kind.partition('/')[0]}/" for kind in begins))
