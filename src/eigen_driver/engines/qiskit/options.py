"""The options of work on Aer: named as the platform names them, checked here, and told to Aer in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

MOST_THREADS = 1024
MOST_BOND = 1 << 20
MOST_FUSED = 10
PRECISIONS = {"f64": "double", "f32": "single"}


@dataclass(frozen=True)
class Options:
    """`threads`: processors, 0 for all. `precision`: f64 or f32. `fusion`: whether gates are joined before they act, on
    at most `fusion_qubits`. `max_bond`, `cutoff`: the largest bond of a matrix product state, and the part of the
    squared norm that one cut may drop. `noise_model`: a canonical document."""

    threads: int = 0
    precision: str = "f64"
    fusion: bool | None = None
    fusion_qubits: int | None = None
    max_bond: int | None = None
    cutoff: float | None = None
    noise_model: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any], known: Collection[str], where: str, threads: int) -> Options:
        """Options as they came; RefusedError EIGEN_DEVICE_OPTION naming the first that is not known or makes no
        sense."""
        for name in given:
            if name not in known:
                listed = ", ".join(f"`{option}`" for option in sorted(known))
                message = f"`{where}` has no option `{name}`"
                raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name, hint=f"there are: {listed}")
        for name, value in given.items():
            wanted = _CHECKS[name]
            if not wanted[1](value):
                message = f"option `{name}` of `{where}` is {wanted[0]}, not `{value!s:.40}`"
                raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name)
        whole: dict[str, Any] = {"threads": threads, **given}
        return cls(**whole)

    def to_aer(self) -> dict[str, Any]:
        """Those that Aer takes with each run, but for the largest bond."""
        found: dict[str, Any] = {}
        if self.precision != "f64":
            found["precision"] = PRECISIONS[self.precision]
        if self.fusion is not None:
            found["fusion_enable"] = self.fusion
        if self.fusion_qubits is not None:
            found["fusion_max_qubit"] = self.fusion_qubits
        if self.cutoff is not None:
            found["matrix_product_state_truncation_threshold"] = self.cutoff
        return found


def _whole(low: int, high: int) -> tuple[str, Callable[[Any], bool]]:
    def holds(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return f"a whole number from {low} to {high}", holds


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1


def _is_precision(value: Any) -> bool:
    return isinstance(value, str) and value in PRECISIONS


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_CHECKS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "threads": _whole(0, MOST_THREADS),
    "precision": ("`f64` or `f32`", _is_precision),
    "fusion": ("true or false", _is_truth),
    "fusion_qubits": _whole(1, MOST_FUSED),
    "max_bond": _whole(1, MOST_BOND),
    "cutoff": ("a number from 0 to below 1", _is_share),
    "noise_model": ("a noise model", _is_text),
}
