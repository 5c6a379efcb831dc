"""`Modes`: a photonic program. Modes begin in the vacuum; a mode that was measured is gone.

>>> pair = Modes(2, [ModeOperation("TWO_MODE_SQUEEZE", (0, 1), {"r": 1.0})], [ModeObservable("photons", (0,))])
>>> Modes.from_aqo(pair.to_aqo()) == pair
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen._core import Affine, canonical_json
from eigen.errors import EigenError, suggest
from eigen.ir.modes.table import COUNTING, OBSERVABLES, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = "1.1"
MAX_MODES = 1024
MAX_OPERATIONS = 100_000
MAX_OBSERVABLES = 10_000
MAX_PHOTONS = 1000
MAX_SAMPLED = 1_000_000
"""How many numbers one run may measure: shots times columns."""
OUTCOME = "#"
"""`#k` among the terms of a parameter is the outcome of column k."""


@dataclass(frozen=True)
class ModeOperation:
    """One operation of the table on modes. `params` are numbers in radians or without unit, or affine expressions of
    parameters and of earlier outcomes (`#0` is the first number that was measured)."""

    name: str
    modes: tuple[int, ...]
    params: Mapping[str, float | Affine] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class ModeObservable:
    """What is asked of the final state: `photons`, `quadrature` or `variance` of one mode, at the angle `phi` in
    radians, or of all modes the probability of a `pattern`, the photons of each."""

    kind: str
    modes: tuple[int, ...] = ()
    phi: float = 0.0
    pattern: tuple[int, ...] = ()


@dataclass(frozen=True)
class Modes:
    """Operations on `num_modes` modes, in order, and what is asked of them: either some are measured, or there are
    observables of the final state. Raises EIGEN_MODES_INVALID, naming the operation.
    """

    num_modes: int
    operations: Sequence[ModeOperation]
    observables: Sequence[ModeObservable] = ()
    name: str = ""

    def __post_init__(self) -> None:
        """Normalise and check."""
        object.__setattr__(self, "operations", tuple(map(_normal, self.operations)))
        object.__setattr__(self, "observables", tuple(self.observables))
        _check(self)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of what must be known to run it: by operation, by the name of its parameter, by their own."""
        found: dict[str, None] = {}
        for operation in self.operations:
            for _, value in sorted(operation.params.items()):
                if isinstance(value, Affine):
                    found.update(dict.fromkeys(name for name in sorted(value.terms) if not name.startswith(OUTCOME)))
        return tuple(found)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What each measured number is, in order: `homodyne 0`, `heterodyne 1 real`, `photons 2`, `threshold 0`."""
        found: list[str] = []
        for operation in self.operations:
            kind = operation.name.lower()
            if operation.name == "HETERODYNE":
                found += [f"{kind} {operation.modes[0]} {part}" for part in ("real", "imag")]
            elif OPERATIONS[operation.name].columns:
                found += [f"{kind} {mode}" for mode in operation.modes]
        return tuple(found)

    @property
    def is_counted(self) -> bool:
        """Whether everything that is measured is a whole number, so that outcomes can be counted."""
        return bool(self.columns) and all(
            operation.name in COUNTING for operation in self.operations if OPERATIONS[operation.name].columns
        )

    @property
    def is_dynamic(self) -> bool:
        """Whether an operation depends on an earlier outcome."""
        return any(
            name.startswith(OUTCOME)
            for operation in self.operations
            for value in operation.params.values()
            if isinstance(value, Affine)
            for name in value.terms
        )

    def count_ops(self) -> dict[str, int]:
        """How often each operation comes."""
        found: dict[str, int] = {}
        for operation in self.operations:
            found[operation.name] = found.get(operation.name, 0) + 1
        return found

    def to_aqo(self) -> bytes:
        """The canonical AQO document of kind `modes`."""
        document: dict[str, Any] = {
            "kind": "modes",
            "version": VERSION,
            "modes": self.num_modes,
            "operations": [_operation_json(operation) for operation in self.operations],
        }
        if self.observables:
            document["observables"] = [_observable_json(observable) for observable in self.observables]
        if self.name:
            document["metadata"] = {"name": self.name}
        return canonical_json(document)

    @staticmethod
    def from_aqo(data: bytes) -> Modes:
        """The modes of a document; EIGEN_AQO_INVALID, EIGEN_MODES_INVALID, EIGEN_LIMIT_EXCEEDED."""
        from eigen.ir.modes.reading import read_modes

        return read_modes(data)

    @cached_property
    def digest(self) -> str:
        """sha256 of the canonical document."""
        return sha256(self.to_aqo()).hexdigest()


def _normal(operation: ModeOperation) -> ModeOperation:
    """With every parameter there, numbers as floats, and what is constant a number."""
    row = OPERATIONS.get(operation.name)
    if row is None:
        return operation
    given = {name: value for name, value in row.params.items() if value is not None} | dict(operation.params)
    params: dict[str, float | Affine] = {}
    for name, value in given.items():
        constant = value.constant if isinstance(value, Affine) and value.is_constant else value
        params[name] = constant if isinstance(constant, Affine) else float(constant)
    return ModeOperation(operation.name, tuple(operation.modes), params)


def _check(modes: Modes) -> None:
    if not 1 <= modes.num_modes <= MAX_MODES:
        raise invalid(f"there are 1 to {MAX_MODES} modes, not `{modes.num_modes}`", "modes")
    for name, items, most in (
        ("operations", modes.operations, MAX_OPERATIONS),
        ("observables", modes.observables, MAX_OBSERVABLES),
    ):
        if len(items) > most:
            message = f"{name} of a photonic program: `{len(items)}` is beyond the limit {most}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=name)
    gone: set[int] = set()
    measured = 0
    for place, operation in enumerate(modes.operations):
        where = f"operations[{place}]"
        _check_operation(modes, operation, measured, where)
        if lost := gone & set(operation.modes):
            raise invalid(f"mode `{min(lost)}` was measured before, and is gone", where)
        columns = OPERATIONS[operation.name].columns
        if columns:
            measured += columns * len(operation.modes)
            gone |= set(operation.modes)
    for place, observable in enumerate(modes.observables):
        where = f"observables[{place}]"
        _check_observable(modes, observable, where)
        if measured:
            hint = "ask without measurements, or measure what you want to know"
            raise invalid("after a measurement there is no single final state to ask", where, hint)


def _check_operation(modes: Modes, operation: ModeOperation, measured: int, where: str) -> None:
    row = OPERATIONS.get(operation.name)
    if row is None:
        hint = suggest(operation.name, list(OPERATIONS))
        raise invalid(f"there is no operation `{operation.name[:60]}` on modes", where, hint)
    _check_modes(modes, operation.modes, row.num_modes, f"`{row.name}`", where)
    if unknown := set(operation.params) - set(row.params):
        hint = suggest(min(unknown), list(row.params)) or f"it has {', '.join(row.params) or 'none'}"
        raise invalid(f"`{row.name}` has no parameter `{min(unknown)[:60]}`", where, hint)
    for name in row.params:
        value = operation.params.get(name)
        if value is None:
            raise invalid(f"`{row.name}` needs the parameter `{name}`", where)
        if isinstance(value, Affine):
            _check_affine(value, f"`{name}` of `{row.name}`", measured, where, fixed=name in row.fixed)
        else:
            check_value(row.name, name, value, where)


def _check_affine(value: Affine, what: str, measured: int, where: str, *, fixed: bool) -> None:
    if fixed:
        raise invalid(f"{what} is a number, known when it is written", where)
    if not all(map(isfinite, (value.constant, *value.terms.values()))):
        raise invalid(f"{what} is not finite", where)
    for name in value.terms:
        if name.startswith(OUTCOME):
            digits = name.removeprefix(OUTCOME)
            if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) < measured):
                raise invalid(f"{what} depends on the outcome `{name[:40]}`, which was not measured before", where)
        elif not name:
            raise invalid(f"{what} names a parameter without a name", where)


def check_value(operation: str, name: str, value: float, where: str = "") -> None:
    """Refuse a value that a parameter cannot have; EIGEN_MODES_INVALID."""
    why = ""
    if not isfinite(value):
        why = "is finite"
    elif name == "transmissivity" and not 0.0 <= value <= 1.0:
        why = "lies between 0 and 1"
    elif operation == "THERMAL" and value < 0.0:
        why = "is not negative"
    elif operation == "FOCK" and not (value.is_integer() and 0.0 <= value <= MAX_PHOTONS):
        why = f"is a whole number from 0 to {MAX_PHOTONS}"
    elif name == "parity" and value not in {0.0, 1.0}:
        why = "is 0 or 1"
    if why:
        raise invalid(f"`{name}` of `{operation}` {why}, not `{value:g}`", where)


def _check_observable(modes: Modes, observable: ModeObservable, where: str) -> None:
    if observable.kind not in OBSERVABLES:
        hint = suggest(observable.kind, list(OBSERVABLES))
        raise invalid(f"nothing of modes is called `{observable.kind[:60]}`", where, hint)
    if observable.kind == "pattern":
        found = observable.pattern
        if len(found) != modes.num_modes or not all(0 <= count <= MAX_PHOTONS for count in found):
            raise invalid(f"a pattern has 0 to {MAX_PHOTONS} photons for each of the {modes.num_modes} modes", where)
        return
    _check_modes(modes, observable.modes, 1, f"`{observable.kind}`", where)
    if not isfinite(observable.phi):
        raise invalid(f"the angle of `{observable.kind}` is not finite", where)


def _check_modes(modes: Modes, given: Sequence[int], wanted: int | None, what: str, where: str) -> None:
    if (len(given) != wanted) if wanted is not None else not given:
        number = "at least one mode" if wanted is None else f"{wanted} mode{'' if wanted == 1 else 's'}"
        raise invalid(f"{what} takes {number}, not `{len(given)}`", where)
    if len(set(given)) != len(given):
        raise invalid(f"{what} names one mode twice", where)
    for mode in given:
        if not 0 <= mode < modes.num_modes:
            raise invalid(f"there is no mode `{mode}`: there are {modes.num_modes}", where)


def invalid(message: str, where: str = "", hint: str = "") -> EigenError:
    """The error of a photonic program that makes no sense."""
    return EigenError("EIGEN_MODES_INVALID", message, where=where, hint=hint)


def _operation_json(operation: ModeOperation) -> dict[str, Any]:
    written: dict[str, Any] = {"op": operation.name, "m": list(operation.modes)}
    if operation.params:
        written["params"] = {name: _number_json(value) for name, value in operation.params.items()}
    return written


def _number_json(value: float | Affine) -> Any:
    if not isinstance(value, Affine):
        return value
    terms = value.terms
    if value.constant == 0.0 and len(terms) == 1:
        ((name, factor),) = terms.items()
        if factor == 1.0:
            return name
    return {"const": value.constant, "terms": terms}


def _observable_json(observable: ModeObservable) -> dict[str, Any]:
    if observable.kind == "pattern":
        return {"kind": "pattern", "counts": list(observable.pattern)}
    written: dict[str, Any] = {"kind": observable.kind, "m": list(observable.modes)}
    if observable.kind != "photons":
        written["phi"] = observable.phi
    return written
