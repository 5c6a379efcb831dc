"""The engine that runs the parts: its name, threads and options, as `eigen._core.Plan` takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import CircuitBuilder, core_errors

if TYPE_CHECKING:
    from eigen.errors import EigenError
from eigen.ir.circuit import Circuit


@dataclass(frozen=True, slots=True)
class Engine:
    """A native engine with its options."""

    name: str = "statevector"
    threads: int = 0
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    memory_limit_bytes: int | None = None

    def check(self) -> None:
        """Raises EigenError EIGEN_SIM_UNSUPPORTED for an engine or an option that there is not, and for noise: gates
        that a cut takes away or adds would have none, or too much."""
        if "noise" in self.options:
            message = f"the parts of a cut circuit have no noise: `{self.options['noise']}`"
            raise EigenError("EIGEN_SIM_UNSUPPORTED", message, hint="leave the option `noise` out")
        self.plan(CircuitBuilder(1).build())

    def plan(self, circuit: Circuit) -> _core.Plan:
        """A circuit prepared."""
        with core_errors():
            return _core.Plan(
                circuit,
                engine=self.name,  # pyright: ignore[reportArgumentType]
                threads=self.threads,
                memory_limit_bytes=self.memory_limit_bytes,
                options=dict(self.options) or None,
            )
