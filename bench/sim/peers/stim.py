"""Stim: samples of Clifford circuits, here the GHZ state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import stim

from bench.sim.peers.protocol import Job, Prepared, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = {"H": "H", "X": "X", "CX": "CX", "CZ": "CZ", "SWAP": "SWAP"}


class Stim:
    name = "stim"

    def version(self) -> str:
        return stim.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.output != "shots" or job.precision != "f64":
            raise UnsupportedError("shots only")
        built, n = stim.Circuit(), job.num_qubits
        for gate in job.circuit.gates:
            if gate.name not in NAMES:
                raise UnsupportedError(f"{gate.name} is no Clifford gate")
            built.append(NAMES[gate.name], gate.qubits)
        built.append("M", range(n))

        def run(k: int) -> np.ndarray:
            return built.compile_sampler(seed=k).sample(job.shots, bit_packed=True)

        return Prepared(run, lambda raw: np.unpackbits(raw, axis=1, count=n, bitorder="little") @ (1 << np.arange(n)))


def peer(name: str) -> Stim:
    return Stim()
