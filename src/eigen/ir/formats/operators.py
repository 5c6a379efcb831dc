"""Operators of other packages as `Observable`s: Qiskit's, Cirq's, PennyLane's, OpenFermion's and QuTiP's.

Each is told by its type and read through its own attributes. No package is loaded here but OpenFermion, which maps its
own fermions to qubits.
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


def load_observable(
    source: Any, *, num_qubits: int | None = None, places: Sequence[Any] | None = None, mapping: str = ""
) -> Observable:
    """The observable of a `SparsePauliOp` or `Pauli`, a `PauliSum` or `PauliString` of Cirq, an operator of
    PennyLane's that is a sum of Pauli products, a `QubitOperator`, a Hermitian `Qobj` on qubits.

    Fermions of OpenFermion's (`FermionOperator`, `InteractionOperator` and the like) are mapped to qubits by
    OpenFermion itself as `mapping` says: `jordan-wigner` or `bravyi-kitaev`. Nothing else takes a mapping.

    Numbered places (Qiskit's and OpenFermion's always, `LineQubit`s, wires that are numbers) are qubits of that number;
    any others stand in Cirq's order or in order of appearance, unless `places` says which is which. `num_qubits` makes
    room for more. Raises EIGEN_FORMAT_UNSUPPORTED for weights that are not real, open parameters and other operators.
    """
    name = kind_of(source) or type(source).__module__.split(".")[0]
    source = _on_qubits(source, name, mapping, num_qubits)
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


FERMIONS = {"FermionOperator", "InteractionOperator", "DiagonalCoulombHamiltonian", "MajoranaOperator"}
MAPPINGS = {"jordan-wigner": "jordan_wigner", "bravyi-kitaev": "bravyi_kitaev"}


def _on_qubits(source: Any, name: str, mapping: str, num_qubits: int | None) -> Any:
    """A `QubitOperator` in place of fermions; anything else as it is."""
    kind = type(source).__name__
    if name != "openfermion" or kind not in FERMIONS:
        if mapping:
            raise refused(name, f"a `{kind}` takes no mapping to qubits, such as `{mapping[:40]}`")
        return source
    if mapping not in MAPPINGS:
        said = f"`{mapping[:40]}` is no mapping" if mapping else "no `mapping` says how"
        hint = f"`mapping`: {', '.join(MAPPINGS)}"
        raise refused(name, f"a `{kind}` acts on fermions, and {said} to qubits", hint)
    import openfermion  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

    transform: Any = getattr(openfermion, MAPPINGS[mapping])  # pyright: ignore[reportUnknownArgumentType]
    options = {"n_qubits": num_qubits} if mapping == "bravyi-kitaev" and num_qubits else {}
    try:
        return transform(source, **options)
    except (TypeError, ValueError) as error:
        raise refused(name, f"OpenFermion does not map this `{kind}` by `{mapping}`: {error}") from None


def _qutip(source: Any) -> tuple[int, list[Term]] | None:
    if type(source).__name__ != "Qobj":
        return None
    from eigen.ir.formats.qutip.operator import terms_of, width

    total = width(source, "the operator")
    terms = terms_of(source, total, "the operator")
    return total, [({int(word[1:]): word[0] for word in label.split()}, weight) for label, weight in terms.items()]


READ: dict[str, Callable[[Any], tuple[int, list[Term]] | None]] = {
    "cirq": _cirq,
    "openfermion": _openfermion,
    "pennylane": _pennylane,
    "qiskit": _qiskit,
    "qutip": _qutip,
}
