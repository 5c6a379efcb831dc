"""`visualize_circuit`, `get_program_ast`, `exact_ground_energy`, and the factories as functions of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.binding import bind
from eigen.lang.library import ansatz_circuits, hamiltonians
from eigen.lang.library.circuits import AnsatzValue, circuit_of
from eigen.lang.library.guard import guarded
from eigen.lang.library.observables import ObservableValue
from eigen.lang.library.spectra import ground_energy
from eigen.lang.library.uccsd import uccsd

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.values import Call, Value

MAX_DRAWN = 200


def visualize_circuit(ctx: Context, call: Call) -> Value:
    """`visualize_circuit(circuit, width=100)`: the drawing as a string."""
    from eigen.ir.drawing import draw_text
    from eigen.lang.library.arguments import integer

    source, width = bind(call, "circuit, width=100")
    circuit = circuit_of(ctx, source, "`circuit`", call.span).circuit
    ctx.require_static(width, "the width of a drawing", call.span)
    columns = guarded(ctx, call.span, integer, width, "width", low=20, high=1000)
    ctx.charge(circuit.num_qubits * min(len(circuit), MAX_DRAWN) * 4)
    text = draw_text(circuit, width=columns, max_operations=MAX_DRAWN)
    return shortened(text, ctx.limits.string_bytes)


def shortened(text: str, limit: int) -> str:
    """The first whole lines of a text that fit into `limit` characters, with a note when some are left out."""
    if len(text) <= limit:
        return text
    note = "\n… (use `eigen visualize` for the whole drawing)"
    return text[: limit - len(note)].rsplit("\n", 1)[0] + note


def exact_ground_energy(ctx: Context, call: Call) -> Value:
    """`exact_ground_energy(hamiltonian)`."""
    (value,) = bind(call, "hamiltonian")
    observable = _hamiltonian(ctx, value, call)
    return guarded(ctx, call.span, ground_energy, observable, charge=ctx.charge)


def _hamiltonian(ctx: Context, value: Value, call: Call) -> Any:
    from eigen.lang.reification import describe

    if not isinstance(value, ObservableValue):
        ctx.fail("E0808", f"expected an observable, not {describe(value)}", call.span, hint="write `pauli('Z0 Z1')`")
    return value.observable


def observable_factory(function: Callable[..., Any], signature: str) -> Callable[[Context, Call], Value]:
    """A pure Hamiltonian factory as a function of the language."""

    def build(ctx: Context, call: Call) -> Value:
        values = bind(call, signature)
        ctx.require_static(values, "an argument of a Hamiltonian", call.span)
        return ObservableValue(guarded(ctx, call.span, function, *values, charge=ctx.charge))

    return build


def ansatz_factory(function: Callable[..., Any], signature: str) -> Callable[[Context, Call], Value]:
    """A pure ansatz factory as a function of the language."""

    def build(ctx: Context, call: Call) -> Value:
        values = bind(call, signature)
        ctx.require_static(values, "an argument of an ansatz", call.span, hint="pass it as a job input (`spec.inputs`)")
        return AnsatzValue(guarded(ctx, call.span, function, *values, charge=_counter(ctx, call)))

    return build


def create_qaoa_ansatz(ctx: Context, call: Call) -> Value:
    """`create_qaoa_ansatz(hamiltonian, layers=1)`."""
    value, layers = bind(call, "hamiltonian, layers=1")
    observable = _hamiltonian(ctx, value, call)
    ctx.require_static(layers, "the number of layers", call.span)
    return AnsatzValue(guarded(ctx, call.span, ansatz_circuits.qaoa, observable, layers, charge=_counter(ctx, call)))


def _counter(ctx: Context, call: Call) -> Callable[[int], None]:
    def count(operations: int) -> None:
        ctx.charge(operations)
        ctx.count_operations(operations, call.span)

    return count


HAMILTONIANS: dict[str, tuple[Callable[..., Any], str]] = {
    "create_ising_model_hamiltonian": (
        hamiltonians.ising,
        "n_spins=None, J=1.0, h=0.0, periodic=False, field='transverse'",
    ),
    "create_heisenberg_hamiltonian": (hamiltonians.heisenberg, "n_spins, J=1.0, h=0.0, periodic=False"),
    "create_maxcut_hamiltonian": (hamiltonians.maxcut, "graph, n_nodes=None"),
    "create_number_partition_hamiltonian": (hamiltonians.number_partition, "numbers"),
    "create_h2_hamiltonian": (hamiltonians.hydrogen, "bond_length=0.735"),
}

ANSAETZE: dict[str, tuple[Callable[..., Any], str]] = {
    "create_hea_ansatz": (
        ansatz_circuits.hardware_efficient,
        "n_qubits, depth=1, entanglement='linear', rotations='ry', entangler='cx', final_rotation=False",
    ),
    "create_real_amplitudes_ansatz": (ansatz_circuits.real_amplitudes, "n_qubits, depth=3, entanglement='linear'"),
    "create_efficient_su2_ansatz": (ansatz_circuits.efficient_su2, "n_qubits, depth=3, entanglement='linear'"),
    "create_uccsd_ansatz": (uccsd, "n_qubits, n_electrons, repetitions=1"),
}
"""Pure factories by name: the function and the signature of the language."""
