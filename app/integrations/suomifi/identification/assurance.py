"""Levels of assurance: what the names mean that providers give them (`acr`).

Sources: Traficom's recommendation 213 (in the Finnish Trust Network loa2 is substantial and loa3 high, `loatest…` the
same in test environments) and the eIDAS message format (`http://eidas.europa.eu/LoA/…`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Assurance = Literal["low", "substantial", "high"]

_FINNISH = "http://ftn.ficora.fi/2017/"
_EUROPEAN = "http://eidas.europa.eu/LoA/"
_LEVELS: Mapping[str, Assurance] = MappingProxyType(
    {
        f"{_FINNISH}loa2": "substantial",
        f"{_FINNISH}loa3": "high",
        f"{_FINNISH}loatest2": "substantial",
        f"{_FINNISH}loatest3": "high",
        f"{_EUROPEAN}low": "low",
        f"{_EUROPEAN}substantial": "substantial",
        f"{_EUROPEAN}high": "high",
    }
)
SUBSTANTIAL = (f"{_FINNISH}loa2", f"{_FINNISH}loa3")


def assurance_of(acr: str) -> Assurance:
    """The level that an `acr` stands for; low where we don't know it, so that an unknown one opens nothing."""
    return _LEVELS.get(acr, "low")


def strong_enough(acr_values: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the levels that open personal data, in their order; the Finnish ones where there are none."""
    return tuple(acr for acr in acr_values if assurance_of(acr) != "low") or SUBSTANTIAL
