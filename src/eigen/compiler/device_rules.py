"""The rules of one device: what a circuit must keep so that the device can run it as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen import _core
    from eigen.ir import Circuit
    from eigen.types import Device

FREE = frozenset({"MEASURE", "RESET", "BARRIER", "DELAY", "IF", "WHILE", "FOR"})
"""Operations that no gate list names; `dynamic` decides on the classical ones."""


def check_width(circuit: Circuit, device: Device) -> None:
    """Raise EIGEN_COMPILER_UNSUPPORTED when the circuit is wider than the device, or needs `dynamic` without it."""
    if circuit.num_qubits > device.num_qubits:
        message = f"`{device.id}` has {device.num_qubits} qubits, the circuit needs `{circuit.num_qubits}`"
        raise _broken(message)
    if circuit.is_dynamic and "dynamic" not in device.features:
        raise _broken(f"`{device.id}` cannot measure in mid-circuit, reset or branch on results")
    if circuit.computes and "classical" not in device.features:
        raise _broken(f"`{device.id}` computes no classical values while a circuit runs (`COMPUTE`)")


def check_device(circuit: Circuit, device: Device) -> None:
    """Raise EIGEN_COMPILER_UNSUPPORTED naming the first gate, pair or measurement basis the device does not have."""
    check_width(circuit, device)
    if device.gates or device.coupling:
        _check_block(circuit.instructions(), device, frozenset(device.gates), frozenset(device.coupling))


def _check_block(
    instructions: Sequence[_core.Instruction],
    device: Device,
    gates: frozenset[str],
    pairs: frozenset[tuple[int, int]],
) -> None:
    for instruction in instructions:
        name, qubits = instruction.name, instruction.qubits
        for block in instruction.blocks:
            _check_block(block, device, gates, pairs)
        if name == "MEASURE" and gates and instruction.basis != "Z":
            raise _broken(f"`{device.id}` measures in the Z basis, not in `{instruction.basis}`")
        if name in FREE:
            continue
        if gates and name not in gates:
            raise _broken(f"`{device.id}` has no gate `{name}`")
        if pairs and len(qubits) == 2 and qubits not in pairs:
            raise _broken(f"`{device.id}` does not couple qubits `{qubits[0]}` and `{qubits[1]}`")
        if pairs and len(qubits) > 2:
            raise _broken(f"`{name}` acts on {len(qubits)} qubits, `{device.id}` couples pairs")


def _broken(message: str) -> EigenError:
    return EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
