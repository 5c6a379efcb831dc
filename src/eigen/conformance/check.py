"""`Check`: one thing that must hold of a device; `Verdict`: what came of asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.conformance.subject import Subject

OPENQASM = "OpenQASM 3 specification"
NIELSEN_CHUANG = "Nielsen and Chuang, Quantum Computation and Quantum Information"


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    REFUSED = "refused"
    """The device does not have what the check is about, says so, and refuses it when it is asked."""
    NOT_APPLICABLE = "not applicable"
    """The device cannot be asked: its gates, its width or its kind do not go as far."""


class BrokenError(Exception):
    """It does not hold, and why."""


class RefusalError(Exception):
    """The device does not have it, and says so."""


class InapplicableError(Exception):
    """The device cannot be asked, and why."""


@dataclass(frozen=True, slots=True)
class Check:
    """`run` returns a note, mostly empty, or raises one of the three above; whatever else it raises is a failure.

    A device that lacks one of the features `needs` is asked by `refuse` instead, which raises `BrokenError` where it
    does not refuse; without that, or where it is of a kind that takes no circuits, the check is not applicable. `modes`
    are checks of devices of modes of light alone.
    """

    name: str
    noun: str
    holds: str
    run: Callable[[Subject], str]
    needs: frozenset[str] = frozenset()
    refuse: Callable[[Subject], str] | None = None
    source: str = ""
    circuits: bool = True
    modes: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check: `why` in words; how many statistical `comparisons` it made; how long it took."""

    check: str
    outcome: Outcome
    why: str = ""
    comparisons: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_json` wrote; KeyError, TypeError and ValueError for anything else."""
        parts: dict[str, Any] = {name: value[name] for name in Verdict.__slots__}
        parts["outcome"] = Outcome(parts["outcome"])
        return Verdict(**parts)
