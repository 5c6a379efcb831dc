"""Stim: samples of Clifford circuits, the GHZ state and memories of the surface code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import stim

from bench.answering import UnsupportedError
from bench.sim.peers.protocol import ERROR_PROBABILITY, Job, Prepared, changes

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = {"H": "H", "X": "X", "CX": "CX", "CZ": "CZ", "SWAP": "SWAP", "M": "M", "MR": "MR"}


class Stim:
    name = "stim"

    def version(self) -> str:
        return stim.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        built, n = _circuit(job), job.num_qubits
        if job.output == "frames":
            sampler = built.compile_sampler(seed=1)
            return Prepared(lambda k: sampler.sample(job.shots, bit_packed=True), lambda raw: changes(job, raw))
        built.append("M", range(n))

        def run(k: int) -> np.ndarray:
            return built.compile_sampler(seed=k).sample(job.shots, bit_packed=True)

        return Prepared(run, lambda raw: np.unpackbits(raw, axis=1, count=n, bitorder="little") @ (1 << np.arange(n)))


def _circuit(job: Job) -> stim.Circuit:
    """The circuit; for records with its noise written out."""
    built, noisy = stim.Circuit(), job.output == "frames"
    for gate in job.circuit.gates:
        if gate.name not in NAMES:
            raise UnsupportedError(f"{gate.name} is no Clifford gate")
        if noisy and gate.name in ("M", "MR"):
            built.append("X_ERROR", gate.qubits, ERROR_PROBABILITY)
        built.append(NAMES[gate.name], gate.qubits)
        if noisy and gate.name == "MR":
            built.append("X_ERROR", gate.qubits, ERROR_PROBABILITY)
        elif noisy and gate.name != "M":
            built.append(f"DEPOLARIZE{len(gate.qubits)}", gate.qubits, ERROR_PROBABILITY)
    return built


def peer(name: str) -> Stim:
    return Stim()
