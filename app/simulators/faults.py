"""The faults that every simulated system can be told to have.

`PUT /_faults/{system}` with `{"mode": "slow", "seconds": 5}`; `{"mode": "none"}` mends it. The state is kept, so a
restart does not heal a system. What each fault does to a request: `fault_switch.py`.
"""

import random
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from app.simulators.incoming import BadInput
from app.simulators.store import Store
from app.simulators.system import SimulatedSystem

Mode = Literal["none", "slow", "error", "refuse", "drop", "drip", "truncated", "malformed", "expired"]
MODES: tuple[Mode, ...] = get_args(Mode)
LONGEST_SECONDS = 60.0
_ALWAYS_CARRIED_OUT = frozenset({"drip", "truncated", "malformed", "expired"})
_NEVER_CARRIED_OUT = frozenset({"none", "refuse"})
_KIND = "fault"
_FIELDS = ("mode", "seconds", "fraction", "seed", "carried_out")


@dataclass(frozen=True)
class Fault:
    """How a system misbehaves.

    slow: `seconds` pass before the answer. error: 500. refuse: 403. drop: the connection closes before an answer.
    drip: the body comes byte by byte over `seconds`. truncated: half of the promised body comes, then the connection
    closes. malformed: 200 and a body of a wrong shape. expired: tokens are dropped, and new ones live `seconds`.

    `fraction` (0–1) of the requests suffer, drawn at random; the same `seed` draws the same series.
    `carried_out`: slow, error and drop strike after the system has done its work. drip, truncated and malformed spoil
    its answer and expired its tokens, so they always let it work; refuse never does.
    """

    mode: Mode = "none"
    seconds: float = 5.0
    fraction: float = 1.0
    seed: int | None = None
    carried_out: bool = False


def parse_fault(raw: Any) -> Fault:
    """A fault from JSON. Raises BadInput."""
    if not isinstance(raw, dict):
        raise BadInput("a fault is a JSON object")
    mode = raw.get("mode")
    if mode not in MODES:
        raise BadInput(f"mode must be one of: {', '.join(MODES)}")
    unknown = sorted(str(name) for name in raw if name not in _FIELDS)
    if unknown:
        raise BadInput(f"a fault has no field {unknown[0]}; its fields: {', '.join(_FIELDS)}")
    seconds = _number(raw, "seconds", Fault.seconds, LONGEST_SECONDS)
    return Fault(mode, seconds, _number(raw, "fraction", Fault.fraction, 1), _seed(raw), _carried_out(raw, mode))


def _number(raw: dict[str, Any], name: str, default: float, highest: float) -> float:
    value = raw.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{name} must be a number")
    if not 0 <= value <= highest:
        raise BadInput(f"{name} must be from 0 to {highest:.0f}")
    return float(value)


def _seed(raw: dict[str, Any]) -> int | None:
    seed = raw.get("seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise BadInput("seed must be a whole number or null")
    return seed


def _carried_out(raw: dict[str, Any], mode: str) -> bool:
    asked = raw.get("carried_out", False)
    if not isinstance(asked, bool):
        raise BadInput("carried_out must be true or false")
    if asked and mode in _NEVER_CARRIED_OUT:
        raise BadInput(f"carried_out does not go with {mode}")
    return asked or mode in _ALWAYS_CARRIED_OUT


class FaultBoard:
    """The fault of each system, and the dice of those that strike only a part of the requests."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dice: dict[str, random.Random] = {}

    def set(self, system: SimulatedSystem, fault: Fault) -> None:
        """From now on `system` has this fault; a series with a seed begins anew.

        Raises BadInput where its tokens are to expire and it has none.
        """
        if fault.mode == "expired":
            self._drop_tokens(system)
        self._store.put(_KIND, system.name, asdict(fault))
        self._dice.pop(system.name, None)

    def _drop_tokens(self, system: SimulatedSystem) -> None:
        if not system.tokens:
            raise BadInput(f"{system.name} gives no tokens that could expire")
        for kinds in system.tokens:
            self._store.forget(kinds)

    def current(self, system: str) -> Fault:
        kept = self._store.get(_KIND, system)
        return Fault(**kept) if kept else Fault()

    def draw(self, system: str) -> Fault:
        """The fault that strikes the next request: the current one, or none where the dice spare it."""
        fault = self.current(system)
        if fault.mode == "none" or fault.fraction == 1:
            return fault
        # Dice for tests, not for secrets.
        dice = self._dice.setdefault(system, random.Random(fault.seed))  # noqa: S311
        return fault if dice.random() < fault.fraction else Fault()
