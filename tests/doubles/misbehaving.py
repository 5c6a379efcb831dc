"""Drivers that get one thing wrong each, the way real engines do. The probes must refuse every one of them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from eigen import _core
from eigen.drivers.native import NativeDriver
from eigen.ir.rewriting import rewritten
from eigen.types import ExpectationWork, GradientWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.types import Work, WorkResult


class Misbehaving(NativeDriver):
    """The native engine with one fault before the work and one after it."""

    def __init__(
        self,
        *,
        before: Callable[[Work], Work] = lambda work: work,
        after: Callable[[Work, WorkResult], WorkResult] = lambda _work, result: result,
    ) -> None:
        super().__init__()
        self._before = before
        self._after = after

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        return self._after(work, super().execute_circuit(device_id, self._before(work)))


def _on_bits(change: Callable[[_core.Circuit, str], str]) -> Callable[[Work, WorkResult], WorkResult]:
    def after(work: Work, result: WorkResult) -> WorkResult:
        if result.counts is None:
            return result
        changed: dict[str, int] = {}
        for bits, count in result.counts.to_dict().items():
            key = change(work.circuit, bits)
            changed[key] = changed.get(key, 0) + count
        width = len(next(iter(changed)))
        return replace(result, counts=_core.Counts.from_dict(changed, width))

    return after


def _big_endian_registers(circuit: _core.Circuit, bits: str) -> str:
    """Bits right within a register, registers in reading order."""
    ordered = bits[::-1]
    return "".join(ordered[start : start + size][::-1] for _, start, size in circuit.clbit_registers) or bits


def _without_idle(circuit: _core.Circuit, bits: str) -> str:
    written = {clbit for item in circuit.instructions() for clbit in item.clbits}
    return "".join(bits[::-1][clbit] for clbit in sorted(written, reverse=True))


def _on_circuit(rewrite: Callable[[_core.CircuitBuilder, _core.Instruction], bool]) -> Callable[[Work], Work]:
    return lambda work: replace(work, circuit=rewritten(work.circuit, rewrite))


def _qubit_order(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    """Results in the order of the qubits, whatever bits they were asked into."""
    if item.name != "MEASURE" or item.condition is not None:
        return False
    builder.measure(sorted(item.qubits), sorted(item.clbits))
    return True


def _swapped_control(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if item.name != "CX":
        return False
    builder.gate("CX", item.qubits[::-1])
    return True


def _unconditional(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if item.condition is None or item.name != "X":
        return False
    builder.gate(item.name, item.qubits)
    return True


def _sorted_values(work: Work) -> Work:
    named = dict(zip(sorted(work.circuit.parameters), work.values, strict=True))
    return replace(work, values=tuple(named[name] for name in work.circuit.parameters))


def _seeded(seed: Callable[[], int]) -> Callable[[Work], Work]:
    return lambda work: work if isinstance(work, GradientWork) else replace(work, seed=seed())


def _more_shots(work: Work) -> Work:
    """Shots rounded up to a power of two, as some services do."""
    return replace(work, shots=1 << (work.shots - 1).bit_length()) if isinstance(work, SampleWork) else work


def _negated(work: Work, result: WorkResult) -> WorkResult:
    return replace(result, value=-(result.value or 0.0)) if isinstance(work, ExpectationWork) else result


def _half_gradient(_work: Work, result: WorkResult) -> WorkResult:
    return replace(result, gradient=tuple(g / 2 for g in result.gradient)) if result.gradient else result


def _crash(work: Work) -> Work:
    raise ValueError("engine not found")


MISBEHAVING: dict[str, tuple[str, Callable[[], Misbehaving]]] = {
    "reverses the bits": ("bit_order", lambda: Misbehaving(after=_on_bits(lambda _c, bits: bits[::-1]))),
    "orders registers big-endian": ("unequal_registers", lambda: Misbehaving(after=_on_bits(_big_endian_registers))),
    "reports by qubit": ("permuted_clbits", lambda: Misbehaving(before=_on_circuit(_qubit_order))),
    "loses idle bits": ("idle_qubits", lambda: Misbehaving(after=_on_bits(_without_idle))),
    "swaps control and target": ("control_and_target", lambda: Misbehaving(before=_on_circuit(_swapped_control))),
    "sorts parameters": ("parameter_order", lambda: Misbehaving(before=_sorted_values)),
    "ignores conditions": ("mid_circuit", lambda: Misbehaving(before=_on_circuit(_unconditional))),
    "rounds shots": ("bit_order", lambda: Misbehaving(before=_more_shots)),
    "ignores options": ("option_refusal", lambda: Misbehaving(before=lambda work: replace(work, options={}))),
    "ignores the seed": ("seed", lambda: Misbehaving(before=_seeded(lambda: secrets.randbits(63)))),
    "has one seed": ("seed", lambda: Misbehaving(before=_seeded(lambda: 1))),
    "negates values": ("exact_expectation", lambda: Misbehaving(after=_negated)),
    "halves gradients": ("gradient", lambda: Misbehaving(after=_half_gradient)),
    "crashes": ("bit_order", lambda: Misbehaving(before=_crash)),
}
"""What is wrong, the probe that must say so, and the driver."""
