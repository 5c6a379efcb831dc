"""Yao, in Julia: `yao:statevector`, a state vector in double precision.

Julia runs as a process of its own, in the project that `EIGEN_YAO_PROJECT` names, and keeps the states: `states.jl`
says what it is asked. Gates go there as matrices, whose index has a gate's first qubit as its least significant bit, as
Yao's `put` wants it. What a circuit measures and decides on its way is followed by `eigen_driver.walk`.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

from eigen_driver import Device, RefusedError, StateEngine
from eigen_driver.matrices import GATES, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Operation
    from eigen_driver.state_engine import Question

PROJECT = "EIGEN_YAO_PROJECT"
MOST_QUBITS = 24
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})
SEEDS = 1 << 63
END_SECONDS = 5.0
"""How long a process that has closed its output may take to end."""


class YaoEngine(StateEngine):
    """See the module."""

    name = "yao"

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Start Julia, which loads Yao."""
        super().start(config, threads)
        project = Path(os.environ.get(PROJECT, "."))
        words = ["julia", "--startup-file=no", f"--project={project}", f"--threads={threads or 'auto'}"]
        self._command = [*words, str(project / "states.jl")]
        self._julia = _Julia(self._command)
        self.version = self._julia.version
        properties = {"engine": "yao", "method": "statevector", "precision": "f64", "version": self.version}
        properties["julia"] = self._julia.runs_on
        title = "Yao's state vector, in Julia"
        self._devices = (Device("yao:statevector", title, MOST_QUBITS, GATES, FEATURES, properties=properties),)

    def devices(self) -> Sequence[Device]:
        """The one."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> _State:
        """A register of Yao's; Julia starts again where it has ended."""
        if self._julia.ended:
            self._julia = _Julia(self._command)
        state = _State(self._julia, ask.circuit.num_qubits, ask.circuit.bound(ask.values))
        self._julia.tell("new", state.name, ask.circuit.num_qubits)
        return state


class _Julia:
    """The process, asked a line at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self._names = count(1)
        self.freed: list[str] = []
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
        greeting = self._read().split(" ")
        if len(greeting) != 3 or greeting[0] != "yao":
            raise RefusedError("EIGEN_DEVICE_FAILED", "the program of Yao does not say that it is there")
        self.version, self.runs_on = greeting[1:]

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def name(self) -> str:
        return str(next(self._names))

    def tell(self, *words: object) -> None:
        """Something that is not answered."""
        assert self._process.stdin is not None
        lines = [f"free {self.freed.pop()}\n" for _ in range(len(self.freed))]
        lines.append(" ".join(map(str, words)) + "\n")
        try:
            self._process.stdin.write("".join(lines))
        except OSError as error:
            raise self._gone() from error

    def ask(self, *words: object) -> str:
        """The answer; RefusedError with what went wrong since the last one."""
        assert self._process.stdin is not None
        self.tell(*words)
        try:
            self._process.stdin.flush()
        except OSError as error:
            raise self._gone() from error
        kind, _, told = self._read().partition(" ")
        if kind != "ok":
            raise RefusedError("EIGEN_DEVICE_FAILED", f"Yao failed: {told[:500]}")
        return told

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
            raise self._gone()
        return line[:-1]

    def _gone(self) -> RefusedError:
        status = self._process.wait() if self.ended else None
        self.close()
        why = "says nothing any more" if status is None else f"ended with status {status}"
        return RefusedError("EIGEN_DEVICE_FAILED", f"the process of Julia {why}")

    def close(self) -> None:
        """End it. It ends by itself, too, with the process that asks it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with suppress(OSError):  # what was not written yet has nobody to read it
            self._process.stdin.close()


class _State:
    """A register in Julia, let go of with this object."""

    def __init__(self, julia: _Julia, num_qubits: int, bound: Mapping[str, float]) -> None:
        self.name = julia.name()
        self._julia = julia
        self._num_qubits = num_qubits
        self._bound = bound
        finalize(self, julia.freed.append, self.name)

    @property
    def nbytes(self) -> int:
        return 16 << self._num_qubits

    def apply(self, gate: Operation) -> None:
        numbers = (part for row in matrix_of(gate, self._bound) for entry in row for part in (entry.real, entry.imag))
        self._julia.tell("apply", self.name, _listed(gate.qubits), ",".join(repr(float(part)) for part in numbers))

    def one(self, qubit: int) -> float:
        return float(self._julia.ask("one", self.name, qubit))

    def project(self, qubit: int, outcome: int) -> None:
        self._julia.tell("project", self.name, qubit, outcome)

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        told = self._julia.ask("draw", self.name, _listed(qubits), shots, int(random.integers(SEEDS)))
        pairs = (pair.split(":") for pair in told.split())
        return {int(outcome): int(times) for outcome, times in pairs}

    def copy(self) -> _State:
        made = _State(self._julia, self._num_qubits, self._bound)
        self._julia.tell("copy", self.name, made.name)
        return made

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        if not factors:
            return 1.0
        return float(self._julia.ask("mean", self.name, _listed(f"{letter}{qubit}" for letter, qubit in factors)))

    def probability(self, bits: str) -> float:
        return float(self._julia.ask("probability", self.name, int(bits or "0", 2)))


def _listed(items: Any) -> str:
    return ",".join(map(str, items))
