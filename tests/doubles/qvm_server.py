"""A QVM that answers the HTTP protocol of Rigetti's, over pyQuil's NumPy simulator: what programs give is real.

Requests and refusals are those of the QVM's own handlers (quil-lang/qvm, app/src): `version`, `info`, `multishot`,
`multishot-measure`, `wavefunction`. Trials whose measurements agree share one state, as long as they do.
"""

from __future__ import annotations

import json
import re
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Generator

VERSION = "1.17.2"
QUBIT_LIMIT = 14
MOST_STEPS = 10_000_000
WORDS = re.compile("(?<!^)(?=[A-Z])")


class RefusedProgramError(Exception):
    """What the server says no to."""


@dataclass
class Qvm:
    """The server's mind; `asked` are its requests, and `mixed` is whether it simulates density matrices, so that it has
    no wave function to tell."""

    mixed: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def answer(self, request: dict[str, Any]) -> bytes:
        """The body of the answer."""
        self.asked.append(request)
        random = np.random.default_rng(request.get("rng-seed"))
        kind = request["type"]
        if kind == "version":
            return f"{VERSION} [0123abc]".encode()
        if kind == "info":
            return json.dumps({"qubit-limit": str(QUBIT_LIMIT)}).encode()
        if kind == "multishot":
            return json.dumps(self._multishot(request, random)).encode()
        program = Program(request["compiled-quil"])
        if kind == "multishot-measure":
            (end,) = program.trials(1, random)
            return json.dumps(_measured(end.state, request["qubits"], request["trials"], random)).encode()
        if kind == "wavefunction" and not self.mixed:
            (end,) = program.trials(1, random)
            wave = end.state.wf.transpose(range(program.num_qubits)[::-1])
            return wave.reshape(-1).astype(">c16").tobytes()
        raise RefusedProgramError(f"the api method PERFORM-{kind.upper()} is not implemented")

    def _multishot(self, request: dict[str, Any], random: Any) -> dict[str, list[list[int]]]:
        noise = [request.get(name) or (0.0, 0.0, 0.0) for name in ("gate-noise", "measurement-noise")]
        found: dict[str, list[list[int]]] = {name: [] for name in request["addresses"]}
        for end in Program(request["compiled-quil"]).trials(request["trials"], random, *noise):
            for name, wanted in request["addresses"].items():
                if name not in end.memory:
                    raise RefusedProgramError(f"there is no memory named {name}")
                row = end.memory[name]
                found[name] += [[row[at] for at in (range(len(row)) if wanted is True else wanted)]] * end.trials
        return found


@dataclass
class _Trials:
    """Trials that have seen the same so far."""

    trials: int
    state: Any
    memory: dict[str, list[int]]
    at: int = 0

    def part(self, trials: int) -> _Trials:
        self.trials -= trials
        return _Trials(trials, _copied(self.state), {name: list(row) for name, row in self.memory.items()}, self.at)


class Program:
    """A Quil program, parsed by pyQuil."""

    def __init__(self, text: str) -> None:
        from pyquil import Program as Parsed

        try:
            parsed = Parsed(text)
        except Exception as error:
            raise RefusedProgramError(f"no Quil: {error}") from error
        self._steps = list(parsed.instructions)
        self._labels = {
            str(step.label): at for at, step in enumerate(self._steps) if type(step).__name__ == "JumpTarget"
        }
        self._matrices = {gate.name: np.array(gate.matrix, dtype=complex) for gate in parsed.defined_gates}
        used = parsed.get_qubit_indices()
        self.num_qubits = max(used) + 1 if used else 1
        if self.num_qubits > QUBIT_LIMIT:
            raise RefusedProgramError(f"{self.num_qubits} qubits are over the limit of {QUBIT_LIMIT}")

    def trials(
        self, count: int, random: Any, gate_noise: Any = (0, 0, 0), read_noise: Any = (0, 0, 0)
    ) -> list[_Trials]:
        """What became of so many trials."""
        from pyquil.simulation import NumpyWavefunctionSimulator

        state = NumpyWavefunctionSimulator(self.num_qubits)
        run = _Run(self._steps, self._labels, self._matrices, random, gate_noise, read_noise)
        waiting, ended = [_Trials(count, state, {})], list[_Trials]()
        while waiting:
            group = waiting.pop()
            while group.at < len(self._steps) and type(self._steps[group.at]).__name__ != "Halt":
                waiting += run.step(group)
            ended.append(group)
        return ended


@dataclass
class _Run:
    steps: list[Any]
    labels: dict[str, int]
    matrices: dict[str, Any]
    random: Any
    gate_noise: Any
    read_noise: Any
    done: int = 0

    def step(self, group: _Trials) -> list[_Trials]:
        """Do the next instruction; the trials that went another way are returned."""
        self.done += 1
        if self.done > MOST_STEPS:
            raise RefusedProgramError("the program does not end")
        step = self.steps[group.at]
        group.at += 1
        name = WORDS.sub("_", type(step).__name__).lower()
        others = getattr(self, f"_{name}")(group, step)
        return others or []

    def _gate(self, group: _Trials, gate: Any) -> list[_Trials]:
        qubits = gate.get_qubit_indices()
        if gate.name in self.matrices:
            group.state.do_gate_matrix(self.matrices[gate.name], qubits)
        else:
            group.state.do_gate(gate)
        others: list[_Trials] = []
        for qubit in qubits:
            for each in [group, *others]:
                others += _erred(each, qubit, self.gate_noise, self.random)
        return others

    def _measurement(self, group: _Trials, step: Any) -> list[_Trials]:
        qubit, place = step.qubit.index, step.classical_reg
        others = _erred(group, qubit, self.read_noise, self.random)
        found = list(others)
        for each in [group, *others]:
            ones = int(self.random.binomial(each.trials, min(1.0, max(0.0, _one(each.state, qubit)))))
            if 0 < ones < each.trials:
                other = each.part(ones)
                _project(other.state, qubit, 1)
                other.memory[place.name][place.offset] = 1
                found.append(other)
                ones = 0
            _project(each.state, qubit, 1 if ones else 0)
            each.memory[place.name][place.offset] = 1 if ones else 0
        return found

    def _reset_qubit(self, group: _Trials, step: Any) -> list[_Trials]:
        qubit = step.qubit.index
        ones = int(self.random.binomial(group.trials, min(1.0, max(0.0, _one(group.state, qubit)))))
        parts = [(group.part(ones), 1), (group, 0)] if 0 < ones < group.trials else [(group, 1 if ones else 0)]
        for part, outcome in parts:
            _project(part.state, qubit, outcome)
            if outcome:
                part.state.do_gate_matrix(np.array([[0, 1], [1, 0]]), [qubit])
        return [part for part, _ in parts if part is not group]

    def _declare(self, group: _Trials, step: Any) -> None:
        group.memory[step.name] = [0] * step.memory_size

    def _classical_move(self, group: _Trials, step: Any) -> None:
        self._put(group, step.left, self._value(group, step.right))

    def _arithmetic_binary_op(self, group: _Trials, step: Any) -> None:
        assert _word(step) == "ADD"
        self._put(group, step.left, self._value(group, step.left) + self._value(group, step.right))

    def _logical_binary_op(self, group: _Trials, step: Any) -> None:
        left, right = self._value(group, step.left), self._value(group, step.right)
        self._put(group, step.left, {"AND": left & right, "IOR": left | right, "XOR": left ^ right}[_word(step)])

    def _unary_classical_instruction(self, group: _Trials, step: Any) -> None:
        assert _word(step) == "NOT"
        self._put(group, step.target, 1 - self._value(group, step.target))

    def _classical_comparison(self, group: _Trials, step: Any) -> None:
        assert _word(step) == "GE"
        self._put(group, step.target, int(self._value(group, step.left) >= self._value(group, step.right)))

    def _jump_target(self, group: _Trials, step: Any) -> None:
        """A label is passed."""

    def _jump(self, group: _Trials, step: Any) -> None:
        group.at = self.labels[str(step.target)]

    def _jump_when(self, group: _Trials, step: Any) -> None:
        if self._value(group, step.condition):
            group.at = self.labels[str(step.target)]

    def _jump_unless(self, group: _Trials, step: Any) -> None:
        if not self._value(group, step.condition):
            group.at = self.labels[str(step.target)]

    def _value(self, group: _Trials, place: Any) -> int:
        return group.memory[place.name][place.offset] if hasattr(place, "offset") else int(place)

    def _put(self, group: _Trials, place: Any, value: int) -> None:
        group.memory[place.name][place.offset] = value


def _word(step: Any) -> str:
    return step.out().split()[0]


def _erred(group: _Trials, qubit: int, odds: Any, random: Any) -> list[_Trials]:
    """Divide trials by which Pauli error came; those without one stay."""
    if not any(odds):
        return []
    from pyquil.simulation.matrices import X, Y, Z

    counts = random.multinomial(group.trials, [*odds, 1.0 - sum(odds)])
    others: list[_Trials] = []
    for count, matrix in zip(counts[:3], (X, Y, Z), strict=True):
        if 0 < count < group.trials:
            others.append(group.part(int(count)))
            others[-1].state.do_gate_matrix(matrix, [qubit])
        elif count:
            group.state.do_gate_matrix(matrix, [qubit])
            break
    return others


def _copied(state: Any) -> Any:
    made = object.__new__(type(state))
    made.__dict__ |= {**state.__dict__, "wf": state.wf.copy()}
    return made


def _one(state: Any, qubit: int) -> float:
    return float((np.abs(state.wf.take(1, qubit)) ** 2).sum())


def _project(state: Any, qubit: int, outcome: int) -> None:
    kept = np.zeros_like(state.wf)
    place = (slice(None),) * qubit + (outcome,)
    kept[place] = state.wf[place] / np.linalg.norm(state.wf[place])
    state.wf = kept


def _measured(state: Any, qubits: list[int], trials: int, random: Any) -> list[list[int]]:
    """Rows of outcomes of some qubits, of so many measurements of a state."""
    odds = np.abs(state.wf.reshape(-1)) ** 2
    places = random.choice(odds.size, size=trials, p=odds / odds.sum())
    width = state.wf.ndim
    columns = [places >> (width - 1 - qubit) & 1 if qubit < width else np.zeros_like(places) for qubit in qubits]
    return np.stack(columns, axis=1).tolist() if columns else []


@contextmanager
def qvm_server(*, mixed: bool = False) -> Generator[tuple[str, Qvm]]:
    """A QVM on loopback: its address, and its mind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyquil.simulation  # noqa: F401  (a client waits two seconds at first)
    mind = Qvm(mixed)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                with warnings.catch_warnings():  # that pyQuil's simulators will end with version 5
                    warnings.simplefilter("ignore")
                    status, body = 200, mind.answer(json.loads(asked))
            except Exception as error:  # as the QVM tells errors
                told = {"error_type": type(error).__name__, "status": str(error)}
                status, body = 500, json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/octet-stream" if status == 200 else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", mind
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
