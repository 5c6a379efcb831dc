"""The engines of `eigen._core` as devices: what each can do, how wide it goes, and what its plans keep in memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from eigen import _core
from eigen.types import Device

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.types import Json

STATEVECTOR = "sim:statevector"
STABILIZER = "sim:stabilizer"
SPARSE = "sim:sparse"
MPS = "sim:mps"
TENSOR_NETWORK = "sim:tn"
PAULI = "sim:pauli"
DENSITY = "sim:density"
AMPLITUDE_BYTES = 16  # complex128
MAX_SHOTS = 10_000_000
STATES_KEPT = 2  # state vectors, or tableaux, that a plan may hold on to between runs
NETWORK_BYTES = 2 << 30  # what the tensors of one contraction may take: the engine's own default
MAX_BOND = 256  # the engine's own default


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine behind a device.

    `most_qubits` bounds the width whatever the memory; `state_bytes` is the memory of the state of so many qubits.
    `options` are those of the engine that a job may choose; the engine checks their values.
    """

    name: Literal["statevector", "density", "stabilizer", "sparse", "pauli", "mps", "tn"]
    device_id: str
    title: str
    features: frozenset[str]
    properties: Mapping[str, Json]
    most_qubits: int
    state_bytes: Callable[[int], int]
    options: tuple[str, ...] = ()

    def device(self, memory_bytes: int, speed: float | None = None) -> Device:
        """The device, as wide as the memory holds one state; `speed` as in `speeds`, if it was measured."""
        return Device(
            id=self.device_id,
            name=self.title,
            backend_type="simulator",
            num_qubits=self._widest(memory_bytes),
            features=self.features,
            max_shots=MAX_SHOTS,
            properties={
                "engine": self.name,
                "options": sorted({"threads", *self.options}),
                **self.properties,
                "version": _core.__version__,
                **({"memory_bytes": memory_bytes} if "estimated" in self.properties else {}),
                **({} if speed is None else {"speed": speed}),
            },
        )

    def _widest(self, memory_bytes: int) -> int:
        low, high = 0, self.most_qubits
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.state_bytes(middle) <= memory_bytes else (low, middle - 1)
        return low


def _amplitudes(num_qubits: int) -> int:
    return AMPLITUDE_BYTES << num_qubits


def _density_matrix(num_qubits: int) -> int:
    return AMPLITUDE_BYTES << (2 * num_qubits)


def _tableaux(num_qubits: int) -> int:
    """The tableau and as much again for the rows of its measurements."""
    return 2 * 2 * num_qubits * (16 * -(-num_qubits // 64) + 1)


def _chains(num_qubits: int) -> int:
    """The tensors at the largest bond; most states need far less, and a run that needs more than there is stops."""
    bonds = [min(MAX_BOND, 1 << min(cut, num_qubits - cut, 16)) for cut in range(num_qubits + 1)]
    return sum(2 * AMPLITUDE_BYTES * left * right for left, right in pairwise(bonds))


SHARED = frozenset({"classical", "dynamic", "expectation", "exact", "seed", "deduplicates"})
ENGINES = (
    Engine(
        "statevector",
        STATEVECTOR,
        "Eigen state vector",
        # `loop` where no evaluation has a truncation of its own to tell of
        SHARED | {"gradient", "loop", "evolution", "noise", "parts"},
        {"precision": "f64", "estimated": True, "default": True},
        48,  # beyond this no memory of today holds the state
        _amplitudes,
        options=("noise_method", "precision"),
    ),
    Engine(
        "density",
        DENSITY,
        "Eigen density matrix",
        SHARED | {"gradient", "noise", "parts"},
        {"precision": "f64", "by_name_only": True, "estimated_noise": True},
        24,
        _density_matrix,
    ),
    Engine(
        "stabilizer",
        STABILIZER,
        "Eigen stabilizer tableau",
        SHARED | {"noise", "parts"},
        {"precision": "exact", "clifford_only": True, "estimated": True},
        100_000,
        _tableaux,
    ),
    Engine(
        "sparse",
        SPARSE,
        "Eigen sparse state",
        SHARED | {"loop", "parts"},
        {"precision": "f64", "estimated": True},
        128,  # bits of a basis state's key
        lambda num_qubits: 128,  # one amplitude: what a circuit needs shows when it runs
    ),
    Engine(
        "mps",
        MPS,
        "Eigen matrix product state",
        SHARED | {"parts"},
        {"precision": "f64", "approximate": True, "estimated": True, "max_bond": MAX_BOND, "cutoff": 1e-12},
        10_000,
        _chains,
        options=("max_bond", "cutoff"),
    ),
    Engine(
        "tn",
        TENSOR_NETWORK,
        "Eigen tensor network",
        SHARED - {"classical", "dynamic"},
        {
            "precision": "f64",
            "estimated": True,
            "by_name_only": True,
            "network_bytes": NETWORK_BYTES,
            "max_operations": 42.0,
        },
        1_000,
        lambda _: NETWORK_BYTES // 3,  # the driver sets aside three times this for a run
        options=("memory_bytes", "max_operations"),
    ),
    Engine(
        "pauli",
        PAULI,
        "Eigen Pauli propagation",
        SHARED - {"classical", "dynamic"} | {"gradient", "noise"},
        {"precision": "f64", "estimated": True, "by_name_only": True},
        100_000,
        lambda num_qubits: 32 * -(-num_qubits // 64) + 64,  # one term: what a circuit needs shows when it runs
        options=("cutoff", "max_weight", "max_terms"),
    ),
)
