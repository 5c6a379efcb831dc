"""Sums of Pauli strings of other packages as `Observable`s: Qiskit's, Cirq's, PennyLane's and OpenFermion's.

Each is told by its type and read through its own attributes; none of the packages is loaded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.circuit import core_errors
from eigen.ir.formats.objects import kind_of, refused
from eigen.ir.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Term = tuple[dict[Any, str], complex]
"""Letters by place, and the weight."""


def load_observable(source: Any, *, num_qubits: int | None = None, places: Sequence[Any] | None = None) -> Observable:
    """The observable of a `SparsePauliOp` or `Pauli`, a `PauliSum` or `PauliString` of Cirq, an operator of
    PennyLane's that is a sum of Pauli products, a `QubitOperator`.

    Numbered places (Qiskit's and OpenFermion's always, `LineQubit`s, wires that are numbers) are qubits of that number;
    any others stand in Cirq's order or in order of appearance, unless `places` says which is which. `num_qubits` makes
    room for more. Raises EIGEN_FORMAT_UNSUPPORTED for weights that are not real, open parameters and other operators.
    """
    name = kind_of(source) or type(source).__module__.split(".")[0]
    read = READ.get(name)
    terms = None if read is None else read(source)
    if terms is None:
        raise refused(name, f"a `{type(source).__qualname__}` is no sum of Pauli strings that is read here")
    width, terms = terms
    numbers = _numbers([place for letters, _ in terms for place in letters], places)
    total = max([width, num_qubits or 0, *(number + 1 for number in numbers.values())])
    if num_qubits is not None and total > num_qubits:
        raise refused(name, f"the operator acts on `{total}` qubits, more than the `{num_qubits}` asked for")
    with core_errors(name):
        return Observable.from_terms(total, [_label(name, letters, weight, numbers) for letters, weight in terms])


def _numbers(used: Iterable[Any], places: Sequence[Any] | None) -> dict[Any, int]:
    """The qubit of each place."""
    found = list(dict.fromkeys(used))
    if places is not None:
        missing = [place for place in found if place not in places]
        if missing:
            raise refused("observable", f"`{missing[0]}` does not stand in `places`")
        return {place: index for index, place in enumerate(places)}
    numbers = [getattr(place, "x", place) if type(place).__name__ == "LineQubit" else place for place in found]
    if all(isinstance(number, int) and number >= 0 for number in numbers):
        return dict(zip(found, numbers, strict=True))
    if all(hasattr(place, "_comparison_key") for place in found):
        found = sorted(found)
    return {place: index for index, place in enumerate(found)}


def _label(name: str, letters: dict[Any, str], weight: complex, numbers: dict[Any, int]) -> tuple[str, float]:
    try:
        value = complex(weight)
    except (TypeError, ValueError):
        raise refused(name, f"the weight `{weight}` is no number", "bind the parameters first") from None
    if value.imag:
        raise refused(name, f"the weight `{value}` is not real, so that the operator is no observable")
    return " ".join(f"{letter}{numbers[place]}" for place, letter in letters.items() if letter != "I"), value.real


def _qiskit(source: Any) -> tuple[int, list[Term]] | None:
    if type(source).__name__ == "Pauli":
        if source.phase % 2:
            raise refused("qiskit", f"`{source}` has an imaginary phase, so that it is no observable")
        rows = [(source.to_label().lstrip("-"), -1.0 if source.phase == 2 else 1.0)]
    elif type(source).__name__ == "SparsePauliOp":
        rows = list(zip(source.paulis.to_labels(), source.coeffs, strict=True))
    else:
        return None
    return source.num_qubits, [(dict(enumerate(reversed(label))), weight) for label, weight in rows]


def _cirq(source: Any) -> tuple[int, list[Term]] | None:
    strings = [source] if hasattr(source, "coefficient") else source if type(source).__name__ == "PauliSum" else None
    if strings is None or not all(hasattr(string, "coefficient") for string in strings):
        return None
    return 0, [({q: str(p) for q, p in string.items()}, string.coefficient) for string in strings]


def _pennylane(source: Any) -> tuple[int, list[Term]] | None:
    sentence = getattr(source, "pauli_rep", None)
    return None if sentence is None else (0, [(dict(word), weight) for word, weight in sentence.items()])


def _openfermion(source: Any) -> tuple[int, list[Term]] | None:
    if type(source).__name__ != "QubitOperator":
        return None
    return 0, [(dict(factors), weight) for factors, weight in source.terms.items()]


READ: dict[str, Callable[[Any], tuple[int, list[Term]] | None]] = {
    "cirq": _cirq,
    "openfermion": _openfermion,
    "pennylane": _pennylane,
    "qiskit": _qiskit,
}
