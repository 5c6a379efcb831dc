"""Modes of light: a register of them, operations, measurements, observables, and `run_modes`, the photonic stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Affine
from eigen.ir.modes import MAX_MODES, OPERATIONS, ModeObservable, ModeOperation, Modes
from eigen.ir.modes.modes import MAX_OPERATIONS, OUTCOME
from eigen.ir.values import is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.angles import angle_of
from eigen.lang.library.arguments import integer, number, sequence
from eigen.lang.library.bits import stage_arguments
from eigen.lang.library.expectation import check_shots, cost_vector
from eigen.lang.library.guard import guarded
from eigen.lang.library.parameters import bindings_for
from eigen.lang.library.registers import pick
from eigen.lang.values import Object, Sym

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.parameters import Bindings
    from eigen.lang.regions import Dyn, RegionBuilder
    from eigen.lang.values import Call, Value


class ModeScope:
    """The photonic program of one register, as far as it is written. Run-time numbers become symbols with `bindings`,
    outcomes symbols that name this register, so that no other one can take them for its own."""

    def __init__(self, region: RegionBuilder, number: int, size: int) -> None:
        self.region = region
        self.number = number
        self.size = size
        self.operations: list[ModeOperation] = []
        self.bindings: Bindings = {}
        self.columns = 0
        self._symbols: dict[tuple[int, int], str] = {}

    def symbol_for(self, ctx: Context, value: Dyn, span: Span) -> Affine:
        """The symbol bound to a run-time number when the stage runs; no `Param` can have its name."""
        del ctx, span
        name = self._symbols.get(value.key)
        if name is None:
            name = self._symbols[value.key] = f"@{len(self._symbols)}"
            self.bindings[name] = value
        return Affine.symbol(name)

    def write(self, ctx: Context, name: str, modes: Sequence[int], params: dict[str, Any], span: Span) -> None:
        """Write one operation."""
        if ctx.region is not self.region or ctx.conditional:
            ctx.fail(
                "E0803",
                "these modes belong to the code outside this function or block",
                span,
                hint="write all operations on a register where `modes` made it; angles may be run-time values",
            )
        if len(self.operations) >= MAX_OPERATIONS:
            ctx.fail("E0602", f"a photonic program has at most {MAX_OPERATIONS} operations", span)
        ctx.count_operations(1, span)
        self.operations.append(ModeOperation(name, tuple(modes), params))

    def outcome(self) -> Sym:
        """The number that the next column holds, as a symbol."""
        self.columns += 1
        return Sym(Affine.symbol(f"{OUTCOME}{self.number}.{self.columns - 1}"))

    def parameter(self, ctx: Context, value: Value, what: str, span: Span) -> float | Affine:
        """A number, or an affine expression in which outcomes are named by their columns."""
        given = angle_of(ctx, self, value, what, span)  # pyright: ignore[reportArgumentType]
        if not isinstance(given, Affine):
            return given
        terms: dict[str, float] = {}
        for name, factor in given.terms.items():
            if name.startswith(OUTCOME):
                owner, _, column = name.removeprefix(OUTCOME).partition(".")
                if owner != str(self.number):
                    ctx.fail("E0803", f"{what} depends on an outcome of other modes", span)
                terms[f"{OUTCOME}{column}"] = factor
            else:
                terms[name] = factor
        return Affine(given.constant, terms)


class ModeValue(Object):
    """One mode, or several of one register, of the program `owner`."""

    type_name: ClassVar[str] = "mode register"
    __slots__ = ("indices", "owner", "single")

    def __init__(self, scope: ModeScope, indices: Sequence[int], *, single: bool = False) -> None:
        self.owner = scope
        self.indices = indices
        self.single = single

    def describe(self) -> str:
        """How the value is named in messages."""
        return "a mode" if self.single else "a mode register"

    def attributes(self) -> Iterable[str]:
        """`size`, or of one mode `index`."""
        return ("index",) if self.single else ("size",)

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """The number of modes, or where one is."""
        if name == "size" and not self.single:
            return len(self.indices)
        if name == "index" and self.single:
            return self.indices[0]
        return super().get_attr(ctx, name, span)

    def get_item(self, ctx: Context, key: Value, span: Span) -> Value:
        """A mode, or the modes of a slice."""
        if self.single:
            return super().get_item(ctx, key, span)
        found = pick(ctx, len(self.indices), key, "this register", span)
        if isinstance(found, int):
            return ModeValue(self.owner, (self.indices[found],), single=True)
        return ModeValue(self.owner, [self.indices[position] for position in found])

    def iterate(self, ctx: Context, span: Span) -> Sequence[Value]:
        """Its modes."""
        if self.single:
            return super().iterate(ctx, span)
        ctx.charge(len(self.indices))
        return [ModeValue(self.owner, (index,), single=True) for index in self.indices]

    def length(self, ctx: Context, span: Span) -> Value:
        """The number of modes."""
        return super().length(ctx, span) if self.single else len(self.indices)


class ObservableValue(Object):
    """A question to the final state of a register of modes; `scope` is None for one about all of them."""

    type_name: ClassVar[str] = "observable of modes"
    __slots__ = ("observable", "scope")

    def __init__(self, scope: ModeScope | None, observable: ModeObservable) -> None:
        self.scope = scope
        self.observable = observable


def modes(ctx: Context, call: Call) -> Value:
    """`modes(n)`: a register of modes in the vacuum."""
    (size,) = bind(call, "n")
    ctx.require_static(size, "the number of modes", call.span, hint="pass it as a job input (`spec.inputs`) instead")
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_MODES:
        ctx.fail("E0403", f"the number of modes must be an integer from 1 to {MAX_MODES}", call.span)
    ctx.charge(size)
    scope = ModeScope(ctx.region, ctx.mode_registers, size)
    ctx.mode_registers += 1
    return ModeValue(scope, range(size))


def operation(name: str, signature: str) -> Callable[[Context, Call], Value]:
    """The function that writes an operation: its signature names the parameters of the table, and `mode`, or `first`
    and `second`. One of a single mode acts on each mode of a register."""
    row = OPERATIONS[name]
    words = [part.partition("=")[0].strip() for part in signature.split(",")]

    def write(ctx: Context, call: Call) -> Value:
        given = dict(zip(words, bind(call, signature), strict=True))
        targets = [given.pop(word) for word in words if word in {"mode", "first", "second"}]
        scope, indices = _indices(ctx, targets, call.span)
        if row.num_modes == 2 and len(indices) != 2:
            ctx.fail("E0802", f"`{call.name}` takes two modes, not {len(indices)}", call.span)
        params = {
            word: scope.parameter(ctx, value, f"`{word}` of `{call.name}`", call.span) for word, value in given.items()
        }
        for group in [indices] if row.num_modes == 2 else [[index] for index in indices]:
            scope.write(ctx, name, group, dict(params), call.span)

    return write


def measure_homodyne(ctx: Context, call: Call) -> Value:
    """`measure_homodyne(mode, phi=0.0)`: an outcome."""
    mode, phi = bind(call, "mode, phi=0.0")
    scope, indices = _indices(ctx, [mode], call.span)
    angle = scope.parameter(ctx, phi, "`phi` of `measure_homodyne`", call.span)
    found: list[Value] = []
    for index in indices:
        scope.write(ctx, "HOMODYNE", [index], {"phi": angle}, call.span)
        found.append(scope.outcome())
    return found[0] if _is_single(mode) else found


def measure_heterodyne(ctx: Context, call: Call) -> Value:
    """`measure_heterodyne(mode)`: a pair of outcomes."""
    (mode,) = bind(call, "mode")
    scope, indices = _indices(ctx, [mode], call.span)
    found: list[Value] = []
    for index in indices:
        scope.write(ctx, "HETERODYNE", [index], {}, call.span)
        found.append((scope.outcome(), scope.outcome()))
    return found[0] if _is_single(mode) else found


def counting(name: str) -> Callable[[Context, Call], Value]:
    """`measure_photons` or `measure_threshold`: the outcomes of the modes, measured at once."""

    def measure(ctx: Context, call: Call) -> Value:
        (targets,) = bind(call, "*modes")
        scope, indices = _indices(ctx, targets, call.span)
        scope.write(ctx, name, indices, {}, call.span)
        found = [scope.outcome() for _ in indices]
        return found[0] if len(targets) == 1 and _is_single(targets[0]) else found

    return measure


def observable(kind: str) -> Callable[[Context, Call], Value]:
    """`photon_number(mode)`, `quadrature(mode, phi=0.0)` or `quadrature_variance(mode, phi=0.0)`."""
    signature = "mode" if kind == "photons" else "mode, phi=0.0"

    def ask(ctx: Context, call: Call) -> Value:
        mode, *rest = bind(call, signature)
        scope, indices = _indices(ctx, [mode], call.span)
        ctx.require_static(rest, "the angle of a quadrature", call.span, hint="rotate the mode instead")
        angle = guarded(ctx, call.span, number, rest[0], "phi") if rest else 0.0
        found = [ObservableValue(scope, ModeObservable(kind, (index,), angle)) for index in indices]
        return found[0] if _is_single(mode) else found

    return ask


def photon_pattern(ctx: Context, call: Call) -> Value:
    """`photon_pattern(counts)`: the probability of one number of photons in each mode."""
    (counts,) = bind(call, "counts")
    ctx.require_static(counts, "a pattern of photons", call.span)
    found = guarded(ctx, call.span, _pattern, counts)
    return ObservableValue(None, ModeObservable("pattern", pattern=found))


def run_modes(ctx: Context, call: Call) -> Value:
    """`run_modes(modes, observables=None, params=None, shots=None)`: the photonic stage."""
    register, observables, params, shots = bind(call, "modes, observables=None, params=None, shots=None")
    span = call.span
    if not isinstance(register, ModeValue):
        ctx.fail("E0801", "`run_modes` takes the register that `modes` made", span, hint="write `m = modes(2)`")
    scope = register.owner
    asked = guarded(ctx, span, Modes, scope.size, list(scope.operations), _observables(ctx, scope, observables, span))
    if not asked.columns and not asked.observables:
        hint = "measure modes, or pass `observables=[photon_number(m[0])]`"
        ctx.fail("E0403", "nothing is measured, and nothing is asked of the final state", span, hint=hint)
    count = check_shots(ctx, shots, span)
    if count is not None and not asked.columns:
        ctx.fail("E0403", "observables of modes are exact, without shots", span, hint="leave out `shots`")
    values = {name: value for name, value in scope.bindings.items() if name in asked.parameters}
    free = [name for name in asked.parameters if name not in values]
    if free and params is None:
        params = cost_vector(ctx, "the photonic program", len(free), span)
    if free or params is not None:
        values |= bindings_for(ctx, free, params, span, owner="the photonic program")
    attrs = {"modes": ctx.add_modes(asked), "exact": not asked.columns, "shots": count}
    return ctx.emit(
        "modes",
        stage_arguments(ctx, asked, values, span),
        attrs=attrs,
        type="record:modes",
        span=span,
        origin="`run_modes`",
        lengths={"values": len(asked.observables)},
    )


def _observables(ctx: Context, scope: ModeScope, value: Value, span: Span) -> list[ModeObservable]:
    found: list[ModeObservable] = []
    for item in _flat(value):
        if not isinstance(item, ObservableValue):
            ctx.fail("E0801", "`observables` are those of modes", span, hint="such as `photon_number(m[0])`")
        if item.scope is not None and item.scope is not scope:
            ctx.fail("E0803", "an observable belongs to another register of modes", span)
        found.append(item.observable)
    return found


def _flat(value: Value) -> list[Value]:
    if value is None:
        return []
    if is_list(value) or is_tuple(value):
        return [inner for item in value for inner in _flat(item)]
    return [value]


def _pattern(value: Value) -> tuple[int, ...]:
    return tuple(integer(item, f"counts[{place}]", high=1000) for place, item in enumerate(sequence(value, "counts")))


def _is_single(value: Value) -> bool:
    return isinstance(value, ModeValue) and value.single


def _indices(ctx: Context, values: Sequence[Value], span: Span) -> tuple[ModeScope, list[int]]:
    """The register and the indices of modes given one by one, as registers, or as lists of them."""
    scope: ModeScope | None = None
    indices: list[int] = []
    for value in _flat(list(values)):
        if not isinstance(value, ModeValue):
            from eigen.lang.reification import describe

            hint = "write `m[0]` for the first mode of `m = modes(2)`"
            ctx.fail("E0801", f"expected a mode, not {describe(value)}", span, hint=hint)
        if scope is not None and value.owner is not scope:
            ctx.fail("E0803", "the modes belong to different registers", span)
        scope = value.owner
        indices += value.indices
    if scope is None:
        ctx.fail("E0801", "at least one mode is needed", span)
    return scope, indices
