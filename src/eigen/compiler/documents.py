"""What a compilation in another process is asked and what it answers, as bytes; both sides are of one version."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir import Circuit
from eigen.ir.program import Program
from eigen.jobspec import load_stored
from eigen.jobspec.datasets import dump_dataset
from eigen.lang.limits import Limits
from eigen.types import CompiledDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.compiler.compile import Compiled
    from eigen.types import Dataset, Json


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of `compile_program`, and what the process that does it may use."""

    source: str | bytes
    filename: str
    format: str
    entrypoint: str | None
    inputs: Mapping[str, Json]
    datasets: Mapping[str, Dataset]
    options: Mapping[str, Json]
    parameters: Mapping[str, int] | None
    limits: Limits
    memory_bytes: int
    cpu_seconds: int

    def dump(self) -> bytes:
        """As bytes, for `load`."""
        value = {name: getattr(self, name) for name in _AS_THEY_ARE}
        if isinstance(self.source, bytes):
            value |= {"source": self.source.hex(), "is_bytes": True}
        value["datasets"] = {name: dump_dataset(item).decode("ascii") for name, item in self.datasets.items()}
        value["limits"] = asdict(self.limits)
        return json.dumps(value, separators=(",", ":")).encode("ascii")

    @staticmethod
    def load(data: bytes) -> Request:
        """The request that `dump` wrote."""
        value: dict[str, Any] = json.loads(data)
        if value.pop("is_bytes", False):
            value["source"] = bytes.fromhex(value["source"])
        value["datasets"] = {name: load_stored(name, text.encode("ascii")) for name, text in value["datasets"].items()}
        value["limits"] = Limits(**value["limits"])
        return Request(**value)


_AS_THEY_ARE = (
    "source",
    "filename",
    "format",
    "entrypoint",
    "inputs",
    "options",
    "parameters",
    "memory_bytes",
    "cpu_seconds",
)


class CompiledApart:
    """What was compiled in another process: its documents, read when they are first asked for."""

    def __init__(self, program_json: bytes, circuit_aqo: bytes | None, report: Mapping[str, Json]) -> None:
        self.program_json = program_json
        self.circuit_aqo = circuit_aqo
        self.report = report
        self._program: Program | None = None
        self._circuit: Circuit | None = None

    @property
    def program(self) -> Program:
        """The program."""
        if self._program is None:
            self._program = Program.from_json(self.program_json)
        return self._program

    @property
    def circuit(self) -> Circuit | None:
        """The main circuit."""
        if self._circuit is None and self.circuit_aqo is not None:
            self._circuit = Circuit.from_aqo(self.circuit_aqo)
        return self._circuit

    def to_document(self) -> CompiledDocument:
        """The documents as they came: nothing needs to be read for that."""
        return CompiledDocument(self.program_json, self.circuit_aqo, dict(self.report))


def dump_success(compiled: Compiled) -> bytes:
    """The answer for a program that compiles: a line of JSON, then the documents whose lengths stand in it."""
    program = compiled.program.to_json()
    circuit = None if compiled.circuit is None else compiled.circuit.to_aqo()
    head = {
        "program": len(program),
        "circuit": None if circuit is None else len(circuit),
        "report": dict(compiled.report),
    }
    return b"".join((_line(head), program, circuit or b""))


def dump_error(error: EigenError) -> bytes:
    """The answer for one that does not."""
    return _line({"error": error.to_json()})


def dump_defect(message: str, trace: str) -> bytes:
    """The answer when the compiler itself failed."""
    return _line({"error": EigenError("EIGEN_INTERNAL", message).to_json(), "trace": trace})


def load_answer(answer: bytes) -> CompiledApart:
    """What was compiled; raises the error that was answered instead, and ValueError for what is no answer."""
    line, _, documents = answer.partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    if "error" in head:
        error = EigenError.from_json(head["error"])
        if "trace" in head:
            error.add_note(f"in the process that compiled:\n{head['trace']}")
        raise error
    program, circuit = head["program"], head["circuit"]
    if len(documents) != program + (circuit or 0):
        raise ValueError(len(documents))
    return CompiledApart(documents[:program], None if circuit is None else documents[program:], head["report"])


def is_whole(answer: bytes) -> bool:
    """Whether nothing of an answer is missing: its child may end as it likes."""
    line, mark, documents = answer.partition(b"\n")
    if not mark:
        return False
    try:
        head: dict[str, Any] = json.loads(line)
        return "error" in head or len(documents) == head["program"] + (head["circuit"] or 0)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _line(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, separators=(",", ":")).encode("ascii") + b"\n"
