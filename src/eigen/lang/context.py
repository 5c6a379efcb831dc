"""`Context`: what evaluating a program needs at hand: fuel, diagnostics, the region being written, circuits, draws.

The library (`eigen.lang.library`) is written against this file, `values.py`, `binding.py` and `regions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from eigen.errors import EigenError, suggest
from eigen.lang import reification
from eigen.lang.diagnostics import Diagnostic, Failure, Span
from eigen.lang.fuel import Fuel
from eigen.lang.lengths import known_length
from eigen.lang.regions import Dyn, ForeignValueError, Origin, RegionBuilder
from eigen.lang.values import Call, Object, Sym, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.ir import Circuit, Evolution, Modes, Observable
    from eigen.ir.program import Region
    from eigen.lang.journal import Journal
    from eigen.lang.limits import Limits
    from eigen.lang.values import Value
    from eigen.types import Dataset


MAX_REGION_DEPTH = 22
"""How deeply run-time branches and loops nest; `eigen.ir.wellformed` allows a little more."""


class CircuitScope(Protocol):
    """The circuit that gates are being written into (the library's)."""

    def begin_if(self, ctx: Context, condition: Any, span: Span) -> None:
        """Open a block run when the condition on measured bits holds."""
        ...

    def begin_else(self, ctx: Context, span: Span) -> None:
        """Open the block of the other case."""
        ...

    def begin_while(self, ctx: Context, condition: Any, max_iterations: int, span: Span) -> None:
        """Open a block repeated while the condition holds."""
        ...

    def end(self, ctx: Context, span: Span) -> None:
        """Close the innermost block."""
        ...

    def symbol_for(self, ctx: Context, value: Dyn, span: Span) -> Any:
        """The affine symbol that is bound to a run-time number when the circuit runs."""
        ...

    def snapshot(self) -> object:
        """Something that compares equal as long as nothing was written into the circuit."""
        ...


@dataclass(frozen=True, slots=True)
class RuntimeParameter:
    """An argument of a traced function that is known only at run time."""

    type: str
    length: int | None = None
    what: str = "a parameter of the cost function"


@dataclass(frozen=True, slots=True)
class Traced:
    """A user function written as a region. `captures` are passed after the run-time parameters, in order.

    `parameters` are the values the function got (`Dyn` for run-time ones); `value` is what it returned, `types`
    the types of the region's results.
    """

    region: Region
    captures: tuple[Dyn, ...]
    types: tuple[str, ...]
    value: Value
    parameters: tuple[Value, ...]


@dataclass
class Context:
    """The state of one compilation. Everything in it is deterministic: no clock, no I/O, no hash order."""

    limits: Limits
    fuel: Fuel
    options: Mapping[str, Any]
    inputs: Mapping[str, Any]
    datasets: Mapping[str, Dataset]
    parameters: Mapping[str, int]  # parameters of the entry point that stay open, by length (0: a number)
    job_seed: int
    region: RegionBuilder
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    circuits: list[Circuit] = field(default_factory=list["Circuit"])
    observables: list[Observable] = field(default_factory=list["Observable"])
    evolutions: list[Evolution] = field(default_factory=list["Evolution"])
    modes: list[Modes] = field(default_factory=list["Modes"])
    mode_registers: int = 0  # photonic programs that were begun
    draws: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    draw_counts: dict[str, int] = field(default_factory=dict[str, int])
    operations: int = 0
    call_depth: int = 0
    call_spans: list[Span] = field(default_factory=list[Span])
    journal: Journal | None = None  # set while a branch or loop with a run-time condition is evaluated
    conditional: int = 0  # depth of blocks that depend on measured bits
    cost_vectors: list[Any] = field(default_factory=list[Any])  # the library: arguments of cost functions running
    log_lines: int = 0
    _scopes: list[CircuitScope | None] = field(default_factory=list["CircuitScope | None"])
    _circuit_index: dict[str, int] = field(default_factory=dict[str, int])
    _evolution_index: dict[str, int] = field(default_factory=dict[str, int])
    _modes_index: dict[str, int] = field(default_factory=dict[str, int])
    _observable_index: dict[str, int] = field(default_factory=dict[str, int])
    _regions: int = 1
    _warned: set[tuple[str, Any]] = field(default_factory=set[tuple[str, Any]])
    evaluator: Evaluator | None = None

    # ---- diagnostics -------------------------------------------------------------------------------------

    def fail(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        hint: str = "",
        secondary: Sequence[tuple[Span, str]] = (),
    ) -> NoReturn:
        """Stop the statement with a diagnostic; checking goes on after it."""
        fail(code, message, span, label=label, hint=hint, secondary=secondary)

    def warn(self, code: str, message: str, span: Span, *, hint: str = "", key: Any = None) -> None:
        """Report a warning, once per `key` (default: per place)."""
        mark = (code, span if key is None else key)
        if mark not in self._warned:
            self._warned.add(mark)
            self.diagnostics.append(Diagnostic(code, message, span, hint=hint))

    def report(self, failure: Failure) -> None:
        """Keep the diagnostic of a failure, once."""
        found = failure.diagnostic
        if found is not None and all((old.code, old.span) != (found.code, found.span) for old in self.diagnostics):
            self.diagnostics.append(found)

    def unknown_attribute(self, owner: str, name: str, known: Sequence[str], span: Span) -> NoReturn:
        """E0303 with did-you-mean."""
        self.fail("E0303", f"{owner} has no attribute `{name}`", span, hint=suggest(name, list(known)))

    def fail_runtime(self, value: Dyn, what: str, span: Span, *, hint: str = "") -> NoReturn:
        """E0501: `what` must be known at compile time, but it comes from a run-time value."""
        self.fail(
            "E0501",
            f"{what} must be known at compile time",
            span,
            label="run-time value",
            hint=hint or "compute it from constants or from job inputs (`spec.inputs`)",
            secondary=self.provenance(value),
        )

    def provenance(self, value: Dyn) -> list[tuple[Span, str]]:
        """The secondary span that says why a value is known only at run time."""
        return [(value.origin.span, f"run-time value, because it comes from {value.origin.what} here")]

    # ---- values ------------------------------------------------------------------------------------------

    def charge(self, amount: int) -> None:
        """Take fuel; ends the compilation with E0601 when there is none."""
        self.fuel.charge(amount)

    def count_operations(self, amount: int, span: Span) -> None:
        """Count operations written into circuits; E0602 beyond the limit."""
        self.operations += amount
        self.charge(amount)
        if self.operations > self.limits.operations:
            self.fail("E0602", f"the program writes more than {self.limits.operations} circuit operations", span)

    def require_static(self, value: Value, what: str, span: Span, *, hint: str = "") -> Value:
        """The value, or E0501 saying that `what` must be known at compile time."""
        found = reification.find_dynamic(value)
        if isinstance(found, Dyn):
            self.fail_runtime(found, what, span, hint=hint)
        if isinstance(found, Sym):
            self.fail("E0501", f"{what} must be a number, not a circuit parameter", span)
        return value

    def apply(self, op: str, args: Sequence[Value], *, attrs: Mapping[str, Any] | None = None, span: Span) -> Value:
        """An operation of `eigen.ir.ops`: computed now when all arguments are static, else emitted as a node."""
        return reification.apply(self, op, args, attrs or {}, span)

    def emit(
        self,
        op: str,
        args: Sequence[Value],
        *,
        attrs: Mapping[str, Any] | None = None,
        type: str | None = None,
        regions: Sequence[Region] = (),
        span: Span,
        origin: str = "",
        length: int | None = None,
        lengths: Mapping[str, int] | None = None,
    ) -> Dyn:
        """Write a node into the current region. Static arguments become `const` nodes.

        `origin` says what makes the value known only at run time ("`minimize`"); without it the value inherits
        the origin of its first run-time argument.
        """
        self.charge(1 + len(args))
        held = [reification.reify(self, value, span) for value in args]
        indices = [self.use(value, span) for value in held]
        if type is None:
            type = reification.result_type(op, held)
        made = Origin(origin, span) if origin else reification.inherited_origin(held, op, span)
        index = self.region.add(op, indices, attrs or {}, type, regions, span.line)
        if length is None:
            length = known_length(op, args)
        return Dyn(self.region, index, type, made, length, lengths or {})

    def use(self, value: Value, span: Span) -> int:
        """The index of a reified value (a Dyn or a plain static value) in the current region."""
        if not isinstance(value, Dyn):
            return reification.constant(self, value, span)
        try:
            return self.region.use(value)
        except ForeignValueError:
            self.fail(
                "E0501",
                "this value exists only inside the function or loop that makes it",
                span,
                label="used outside",
                hint="return it from there instead of keeping it in a list or variable outside",
                secondary=self.provenance(value),
            )

    def reify(self, value: Value, span: Span) -> Value:
        """The value as a run-time operation may take it: containers that hold run-time values become nodes."""
        return reification.reify(self, value, span)

    def to_text(self, value: Value, span: Span) -> Value:
        """`str(value)`: a str, or a run-time str."""
        return reification.to_text(self, value, span)

    def call(
        self, function: Value, args: Sequence[Value] = (), kwargs: Mapping[str, Value] | None = None, *, span: Span
    ) -> Value:
        """Call any callable value of the language."""
        self.charge(1)
        if isinstance(function, Object):
            return function.call(self, Call(tuple(args), dict(kwargs or {}), span))
        return self.fail("E0402", f"{reification.describe(function)} cannot be called", span)

    def trace(self, function: Value, params: Sequence[RuntimeParameter | Value], *, span: Span) -> Traced:
        """Evaluate a function with run-time arguments into a region of its own.

        Arguments that are no `RuntimeParameter` are passed as they are. Gates in it cannot reach the circuit
        outside.
        """
        from eigen.lang.evaluate.trace import trace

        return trace(self, function, params, span)

    # ---- regions and circuits ----------------------------------------------------------------------------

    def new_region(self) -> RegionBuilder:
        """A region inside the current one."""
        if self.region.depth >= MAX_REGION_DEPTH:
            self.fail(
                "E0607",
                f"run-time branches and loops nest deeper than {MAX_REGION_DEPTH}",
                self.fuel.span,
                hint="an early `return` nests what follows it: use `if … elif … else` on fewer levels",
            )
        self._regions += 1
        return RegionBuilder(self._regions, self.region)

    @property
    def circuit(self) -> CircuitScope | None:
        """The circuit that gates are written into, if any."""
        return self._scopes[-1] if self._scopes else None

    def push_circuit(self, scope: CircuitScope | None) -> None:
        """Gates go into `scope` until `pop_circuit`."""
        self._scopes.append(scope)

    def pop_circuit(self) -> None:
        """Back to the circuit before."""
        self._scopes.pop()

    def replace_circuit(self, scope: CircuitScope | None) -> None:
        """Gates go into `scope` instead of the innermost circuit."""
        self._scopes[-1:] = [scope]

    def symbol_for(self, value: Dyn, span: Span) -> Any:
        """The affine symbol of the current circuit that is bound to a run-time number when the circuit runs."""
        if self.circuit is None:
            self.fail_runtime(value, "a number outside a circuit", span)
        return self.circuit.symbol_for(self, value, span)

    def add_circuit(self, circuit: Circuit) -> int:
        """The index of a circuit in the program; equal circuits share one."""
        return _intern(circuit, self.circuits, self._circuit_index)

    def add_evolution(self, evolution: Evolution) -> int:
        """The index of an evolution in the program; equal evolutions share one."""
        return _intern(evolution, self.evolutions, self._evolution_index)

    def add_modes(self, modes: Modes) -> int:
        """The index of a photonic program in the program; equal ones share one."""
        return _intern(modes, self.modes, self._modes_index)

    def add_observable(self, observable: Observable) -> int:
        """The index of an observable in the program; equal observables share one."""
        return _intern(observable, self.observables, self._observable_index)

    def core(self, span: Span, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call into `_core` or `ir`; an error there becomes the diagnostic E0403 at `span`."""
        try:
            return function(*args, **kwargs)
        except EigenError as error:
            code = "E0605" if error.code == "EIGEN_LIMIT_EXCEEDED" else "E0403"
            self.fail(code, error.message, span, hint=error.hint)

    # ---- randomness --------------------------------------------------------------------------------------

    def random_stream(self, kind: str, span: Span) -> int:
        """The stream number of the next draw at this place; the same source gives the same streams."""
        from eigen._core import derive_seed

        site = f"{span.line}:{span.column}"
        count = self.draw_counts.get(site, 0)
        self.draw_counts[site] = count + 1
        stream = derive_seed(self.job_seed, "draw", site, count)
        if count == 0:
            self.draws.append({"site": site, "kind": kind})
        return stream


class Evaluator(Protocol):
    """What the library may know of the evaluation."""

    @property
    def source(self) -> str:
        """The text of the program."""
        ...

    @property
    def tree(self) -> list[Any]:
        """The statements of its syntax tree."""
        ...


def _intern(item: Any, items: list[Any], index: dict[str, int]) -> int:
    known = index.get(item.digest)
    if known is None:
        known = index[item.digest] = len(items)
        items.append(item)
    return known
