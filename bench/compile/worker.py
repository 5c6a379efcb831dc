"""The process of one compiler: `python -m bench.compile.worker NAME`. The clock is here, around its call alone."""

from __future__ import annotations

import gc
import sys
import time
from typing import Any

from bench.answering import answer_requests
from bench.compile.compilers import compiler
from bench.compile.protocol import Device, Job


class Worker:
    """One compiler and the circuit that it holds."""

    def __init__(self, name: str) -> None:
        self.compiler = compiler(name)
        self.raw: Any = None

    def about(self) -> dict[str, Any]:
        return {"version": self.compiler.version()}

    def load(self, job: dict[str, Any]) -> dict[str, Any]:
        """Builds the circuit of a cell."""
        circuit = Job(**job).circuit
        self.compiler.load(circuit)
        return {"digest": circuit.digest, "gates": len(circuit.gates)}

    def run(self, device: dict[str, Any], setting: str, trials: int | None) -> dict[str, Any]:
        """Compiles once; seconds."""
        self.raw = None
        self.compiler.prepare(Device.of(device), setting, trials)
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        self.raw = self.compiler.run()
        seconds = time.perf_counter() - start
        gc.enable()
        return {"seconds": seconds}

    def read(self, path: str) -> dict[str, Any]:
        """Counts of what the last run gave; the circuit itself goes to a file."""
        import json
        from pathlib import Path

        out = self.compiler.read(self.raw)
        Path(path).write_text(json.dumps([out.num_qubits, out.gates, out.initial, out.final]))
        counts = {"two_qubit_gates": out.two_qubit_gates, "two_qubit_depth": out.two_qubit_depth}
        return {**counts, "gates": len(out.gates)}


if __name__ == "__main__":
    answer_requests(lambda: Worker(sys.argv[1]))
