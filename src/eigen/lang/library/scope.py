"""The circuit that gates are being written into, and what may still be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen._core import Affine, CircuitBuilder
from eigen.lang.library.guard import guarded
from eigen.lang.regions import Dyn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen._core import Circuit, Condition
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.regions import RegionBuilder


class Scope:
    """One circuit under construction. `implicit` is the program's own circuit, which runs when its bits are read.

    Run-time numbers used as angles become symbols; `bindings` maps each symbol to its value.
    """

    def __init__(
        self,
        region: RegionBuilder,
        *,
        name: str = "",
        implicit: bool = False,
        nested: bool = False,
        parameters: Sequence[str] = (),
    ) -> None:
        self.region = region
        self.nested = nested  # whether another circuit of the program is open around it
        self.name = name
        self.implicit = implicit
        self.builder = CircuitBuilder(0, 0, name=name, parameters=list(parameters))
        self.bindings: dict[str, Dyn] = {}
        self.parameters: dict[str, None] = {}
        self.closed_at: Span | None = None
        self.value: Dyn | None = None  # record:run, once the program's circuit ran
        self.open_blocks = 0
        self.has_measurements = False
        self.writes = 0
        self._symbols: dict[tuple[int, int], str] = {}

    # ---- hooks of the evaluator --------------------------------------------------------------------------

    def begin_if(self, ctx: Context, condition: Condition, span: Span) -> None:
        """Open a block run when the condition on measured bits holds."""
        self._write(ctx, span)
        guarded(ctx, span, self.builder.begin_if, condition)
        self.open_blocks += 1

    def begin_else(self, ctx: Context, span: Span) -> None:
        """Open the block of the other case."""
        guarded(ctx, span, self.builder.begin_else)

    def begin_while(self, ctx: Context, condition: Condition, max_iterations: int, span: Span) -> None:
        """Open a block repeated while the condition holds, at most `max_iterations` times."""
        self._write(ctx, span)
        guarded(ctx, span, self.builder.begin_while, condition, max_iterations)
        self.open_blocks += 1

    def end(self, ctx: Context, span: Span) -> None:
        """Close the innermost block."""
        guarded(ctx, span, self.builder.end)
        self.open_blocks -= 1

    def symbol_for(self, ctx: Context, value: Dyn, span: Span) -> Affine:
        """The symbol bound to a run-time number when the circuit runs; no `Param` can have its name."""
        del ctx, span
        name = self._symbols.get(value.key)
        if name is None:
            name = self._symbols[value.key] = f"@{len(self._symbols)}"
            self.bindings[name] = value
        return Affine.symbol(name)

    def snapshot(self) -> object:
        """Equal as long as nothing was written."""
        return (id(self), self.writes)

    # ---- writing -----------------------------------------------------------------------------------------

    def add_qubits(self, ctx: Context, count: int, name: str | None, span: Span) -> range:
        """New qubits, as a range of indices."""
        first = guarded(ctx, span, self.builder.add_qubits, count, name)
        return range(first, first + count)

    def add_clbits(self, ctx: Context, count: int, name: str | None, span: Span) -> range:
        """New classical bits, as a range of indices."""
        first = guarded(ctx, span, self.builder.add_clbits, count, name)
        return range(first, first + count)

    def gate(
        self, ctx: Context, name: str, qubits: Sequence[int], params: Sequence[float | Affine], span: Span, **rest: Any
    ) -> None:
        """Write one gate with its modifiers."""
        self._write(ctx, span)
        for param in params:
            if isinstance(param, Affine):
                self.parameters.update(dict.fromkeys(param.terms))
        guarded(ctx, span, self.builder.gate, name, qubits, params, **rest)

    def measure(self, ctx: Context, qubits: Sequence[int], clbits: Sequence[int], basis: str, span: Span) -> None:
        """Write a measurement of each qubit into its bit."""
        self._write(ctx, span)
        self.has_measurements = True
        guarded(ctx, span, self.builder.measure, qubits, clbits, basis)

    def append(
        self,
        ctx: Context,
        circuit: Circuit,
        qubits: Sequence[int],
        clbits: Sequence[int] | None,
        parameters: Mapping[str, float | Affine],
        span: Span,
    ) -> None:
        """Write a whole circuit, its symbols replaced."""
        self._write(ctx, span, count=max(len(circuit), 1))
        self.has_measurements = self.has_measurements or circuit.has_measurements
        for name in circuit.parameters:
            value = parameters.get(name, name)
            terms = value.terms if isinstance(value, Affine) else [value] if isinstance(value, str) else []
            self.parameters.update(dict.fromkeys(terms))
        guarded(ctx, span, self.builder.append, circuit, qubits, clbits, dict(parameters))

    def other(self, ctx: Context, method: str, *args: Any, span: Span) -> None:
        """Write a barrier, a delay or a reset."""
        self._write(ctx, span)
        guarded(ctx, span, getattr(self.builder, method), *args)

    def build(self, ctx: Context, span: Span) -> Circuit:
        """The finished circuit."""
        return guarded(ctx, span, self.builder.build)

    def _write(self, ctx: Context, span: Span, count: int = 1) -> None:
        if self.closed_at is not None:
            ctx.fail(
                "E0804",
                "this circuit has already run: its measured bits were read",
                span,
                secondary=[(self.closed_at, "its result is used here")],
                hint="create a new `QubitRegister` after this point, or read the bits at the end",
            )
        if ctx.circuit is not self:
            ctx.fail(
                "E0803",
                "these qubits belong to a circuit outside this function",
                span,
                hint="pass the qubits as arguments of a `@quantum_circuit` function, or create registers in it",
            )
        ctx.count_operations(count, span)
        self.writes += count
