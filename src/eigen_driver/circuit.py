"""`Circuit`: the operations of an AQO document, checked by Eigen OS before they come here.

The gates are those that the device declared, without modifiers unless it declared none at all. Classical bit k of an
outcome `c[n-1] ... c[0]` is bit k of the integer; qubit 0 is the least significant bit of a state's index. Angles are
radians.
"""

from __future__ import annotations

import json
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Affine:
    """An angle with open parameters: `constant` + the sum of factor times parameter."""

    constant: float
    terms: tuple[tuple[str, float], ...]

    def at(self, values: Mapping[str, float]) -> float:
        """Its value, summed in the order of the names."""
        total = self.constant
        for name, factor in self.terms:
            total += factor * values[name]
        return total


@dataclass(frozen=True)
class Condition:
    """A question about classical bits.

    `kind` is `const` (`value`), `bit` (`bits[0]`), `compare` (the unsigned number of `bits`, the first the least
    significant, `comparison` `value`), or `not`, `and`, `or`, `xor` of `parts`.
    """

    kind: str
    bits: tuple[int, ...] = ()
    comparison: str = ""
    value: int = 0
    parts: tuple[Condition, ...] = ()

    def holds(self, bits: Sequence[int]) -> bool:
        """The answer, for the values of all classical bits."""
        if self.kind == "const":
            return bool(self.value)
        if self.kind == "bit":
            return bool(bits[self.bits[0]])
        if self.kind == "compare":
            number = sum(bits[bit] << place for place, bit in enumerate(self.bits))
            return _COMPARISONS[self.comparison](number, self.value)
        answers = [part.holds(bits) for part in self.parts]
        if self.kind == "not":
            return not answers[0]
        if self.kind == "and":
            return all(answers)
        return any(answers) if self.kind == "or" else sum(answers) % 2 == 1


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Operation:
    """One operation. `params` are by name, as in the gate table; `clbits` those that MEASURE writes, in the order of
    `qubits`, in `basis` X, Y or Z; the `duration` of a DELAY is in `unit`: ns, us, ms, s or dt.

    IF has one or two `blocks`, WHILE and FOR one; `bound` says how often they go round, a WHILE at most. Any other
    operation with a `condition` happens only where it holds.
    """

    name: str
    qubits: tuple[int, ...] = ()
    params: Mapping[str, float | Affine] = field(default_factory=dict[str, Any])
    clbits: tuple[int, ...] = ()
    basis: str = "Z"
    condition: Condition | None = None
    blocks: tuple[tuple[Operation, ...], ...] = ()
    bound: int = 0
    matrix: tuple[tuple[complex, ...], ...] = ()
    pauli: str = ""
    controls: int = 0
    control_state: str = ""
    inverse: bool = False
    power: float = 1.0
    unit: str = ""

    def angles(self, values: Mapping[str, float], *names: str) -> tuple[float, ...]:
        """The named parameters at these values of the circuit's."""
        found = (self.params[name] for name in names)
        return tuple(angle.at(values) if isinstance(angle, Affine) else angle for angle in found)


@dataclass(frozen=True)
class Circuit:
    """A circuit; `digest` is the sha256 of its document and names it."""

    digest: str
    num_qubits: int
    num_clbits: int
    parameters: tuple[str, ...]
    operations: tuple[Operation, ...]

    @classmethod
    def from_aqo(cls, digest: str, data: bytes) -> Circuit:
        """The circuit of a document; RefusedError for one that is none."""
        try:
            document = json.loads(data)
            if document.get("kind", "circuit") != "circuit":
                raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"a document of kind `{document['kind']}` is no circuit")
            return cls(
                digest,
                int(document["qubits"]),
                int(document.get("clbits", 0)),
                tuple(document.get("parameters", ())),
                tuple(map(_operation, document["operations"])),
            )
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise RefusedError("EIGEN_AQO_INVALID", f"the document is no circuit: {error!r}") from error

    def bound(self, values: Sequence[float]) -> dict[str, float]:
        """The values by the names of the parameters; RefusedError when there are more or fewer."""
        if len(values) != len(self.parameters):
            message = f"the circuit has {len(self.parameters)} parameters, `{len(values)}` values came"
            raise RefusedError("EIGEN_CIRCUIT_PARAMETERS", message)
        return dict(zip(self.parameters, values, strict=True))

    def every(self) -> Iterator[Operation]:
        """All operations, those of blocks after the one they belong to."""

        def within(operations: Sequence[Operation]) -> Iterator[Operation]:
            for operation in operations:
                yield operation
                for block in operation.blocks:
                    yield from within(block)

        return within(self.operations)

    @property
    def is_dynamic(self) -> bool:
        """Whether anything is reset, decided by outcomes, or measured and used again."""
        measured: set[int] = set()
        for operation in self.operations:
            if operation.condition is not None or operation.blocks or operation.name in {"RESET", "COMPUTE"}:
                return True
            if operation.name not in {"BARRIER", "DELAY"} and measured & set(operation.qubits):
                return True
            if operation.name == "MEASURE":
                measured |= set(operation.qubits)
        return False

    @property
    def measures(self) -> bool:
        """Whether anything is measured."""
        return any(operation.name == "MEASURE" for operation in self.every())


def _operation(document: dict[str, Any]) -> Operation:
    name = str(document["op"])
    if name == "IF":
        blocks = tuple(_block(document[part]) for part in ("then", "else") if part in document)
        return Operation(name, condition=_condition(document["cond"]), blocks=blocks)
    if name in {"WHILE", "FOR"}:
        rounds = int(document["max"] if name == "WHILE" else document["count"])
        condition = _condition(document["cond"]) if name == "WHILE" else None
        return Operation(name, condition=condition, blocks=(_block(document["body"]),), bound=rounds)
    if name == "COMPUTE":
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "this driver computes nothing while a circuit runs")
    return Operation(
        name,
        tuple(document["q"]),
        {key: _angle(value) for key, value in document.get("params", {}).items()},
        tuple(document.get("c", ())),
        document.get("basis", "Z"),
        _condition(document["if"]) if "if" in document else None,
        matrix=tuple(tuple(map(_entry, row)) for row in document.get("matrix", ())),
        pauli=document.get("pauli", ""),
        controls=int(document.get("ctrl", 0)),
        control_state=document.get("ctrl_state", ""),
        inverse=bool(document.get("inv", False)),
        power=float(document.get("pow", 1.0)),
        unit=document.get("unit", ""),
    )


def _block(documents: list[dict[str, Any]]) -> tuple[Operation, ...]:
    return tuple(map(_operation, documents))


def _angle(value: Any) -> float | Affine:
    if isinstance(value, str):
        return Affine(0.0, ((value, 1.0),))
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        terms: dict[str, float] = parts.get("terms", {})
        return Affine(float(parts.get("const", 0.0)), tuple(sorted(terms.items())))
    return float(value)


def _entry(value: Any) -> complex:
    try:
        return complex(value)
    except TypeError:
        real, imaginary = value
        return complex(real, imaginary)


def _condition(value: dict[str, Any]) -> Condition:
    if "const" in value:
        return Condition("const", value=int(value["const"]))
    if "bit" in value:
        return Condition("bit", (int(value["bit"]),))
    if "bits" in value:
        return Condition("compare", tuple(value["bits"]), value["cmp"], int(value["value"]))
    if "not" in value:
        return Condition("not", parts=(_condition(value["not"]),))
    kind = next(name for name in ("and", "or", "xor") if name in value)
    return Condition(kind, parts=tuple(map(_condition, value[kind])))
