"""Compiling whole programs: the same bytes everywhere, inputs, reports, AQO documents, and how fast it is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eigen.compiler import compile_program
from eigen.errors import EigenError
from eigen.ir import Circuit

EXAMPLES = Path(__file__).parents[2] / "examples"
LOGISTICS = (EXAMPLES / "logistics" / "program.eigen.py").read_text(encoding="utf-8")

RANDOM = """
import numpy as np
from eigen_lang import *

@quantum_circuit
def layered(angles, pairs):
    q = QubitRegister(4)
    for i, angle in enumerate(angles):
        ry(np.sin(angle) ** 2 + np.exp(-angle) / 3, q[i])
    for a, b in sorted({(0, 1), (2, 3), (1, 2)}):
        cx(q[a], q[b])
    measure_all(q)

@hybrid_program(shots=10, metadata={"b": "2", "a": "1"})
def main(scale=0.5, names=("x", "y")):
    angles = np.random.randn(4) * scale
    table = {name: run(layered(angles * (i + 1), None)).counts for i, name in enumerate(names)}
    return table, set(names) == {"y", "x"}, f"{angles[0]:.6f}"
"""

SCRIPT = """
import sys
from hashlib import sha256
from eigen.compiler import compile_program
made = compile_program(sys.stdin.buffer.read(), filename="p.py")
print(sha256(made.program.to_json()).hexdigest(), *(c.digest for c in made.program.circuits))
"""


def compiled_elsewhere(source: str, folder: Path, **environment: str) -> str:
    given = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=source.encode(), capture_output=True, cwd=folder, env=given, check=True
    )
    return done.stdout.decode()


@pytest.mark.parametrize("source", [LOGISTICS, RANDOM], ids=["logistics", "random"])
def test_the_same_bytes_in_any_process(source: str, tmp_path: Path) -> None:
    seen = {
        compiled_elsewhere(source, tmp_path, PYTHONHASHSEED="0"),
        compiled_elsewhere(source, Path("/"), PYTHONHASHSEED="12345", LC_ALL="C", TZ="Asia/Tokyo"),
        compiled_elsewhere(source, tmp_path, PYTHONHASHSEED="7", LC_ALL="tr_TR.UTF-8", LANG="de_DE.UTF-8", HOME="/x"),
        compiled_elsewhere(source, tmp_path, PYTHONOPTIMIZE="2", PYTHONUTF8="0", PYTHONINTMAXSTRDIGITS="640"),
    }
    assert len(seen) == 1


def failure(source: str | bytes, **settings: Any) -> EigenError:
    with pytest.raises(EigenError) as caught:
        compile_program(source, **settings)
    return caught.value


def test_draws_follow_the_seed_of_the_job() -> None:
    first = compile_program(RANDOM, options={"seed": 1})
    assert first.program.digest == compile_program(RANDOM, options={"seed": 1}).program.digest
    assert first.program.digest != compile_program(RANDOM, options={"seed": 2}).program.digest
    assert first.report["draws"] == [{"site": "16:13", "kind": "random_normal"}]


def test_inputs_bind_the_parameters() -> None:
    made = compile_program(RANDOM, inputs={"names": ["a", "b", "c"], "scale": 1})
    assert len(made.program.circuits) == 3
    assert made.program.inputs_sha256
    assert made.program.inputs_sha256 != compile_program(RANDOM, inputs={"scale": 2}).program.inputs_sha256


def test_input_complaints_come_together() -> None:
    error = failure("@hybrid_program()\ndef main(n, m):\n    return n\n", inputs={"k": 1, "m": float("nan")})
    found = [item["code"] for item in error.details["diagnostics"] if item["severity"] == "error"]
    assert error.code == "EIGEN_LANG_REJECTED"
    assert sorted(found) == ["E0703", "E0704", "E0705"]


def test_options_of_the_decorator() -> None:
    options = compile_program(RANDOM).program.options
    assert (options.shots, options.metadata) == (10, {"a": "1", "b": "2"})


def test_main_circuit_is_the_one_sampled_last() -> None:
    made = compile_program(RANDOM)
    assert made.circuit is not None
    assert made.circuit.digest == made.program.circuits[1].digest


def test_report_names_circuits_and_stages() -> None:
    report = compile_program(LOGISTICS, filename="logistics.py").report
    assert report["stages"]["minimize"] == 1
    assert report["circuits"][0]["num_qubits"] == 5
    assert [item["code"] for item in report["diagnostics"]] == ["W001", "W014"]
    assert report["diagnostics"][0]["file"] == "logistics.py"


def test_rejection_names_the_place() -> None:
    error = failure("@hybrid_program()\ndef main():\n    return 1 / 0\n", filename="x.py")
    assert error.where == "x.py:3:12"
    assert "E0405" in error.message


def test_large_circuits_compile() -> None:
    made = compile_program(
        """
from eigen_lang import *

@hybrid_program(shots=100)
def main():
    q = QubitRegister(1000)
    for layer in range(10):
        for i in range(1000):
            ry(0.01 * i + layer, q[i])
            h(q[i])
        for i in range(999):
            cx(q[i], q[i + 1])
    return measure_all(q)
"""
    )
    assert made.report["operations"] >= 29_990
    assert made.report["num_qubits"] == 1000
    assert made.report["steps"] < 1_000_000


AQO = '{"version":"0.1","qubits":2,"operations":[{"op":"RY","q":[0],"params":{"theta":"p0"}},{"op":"CX","q":[0,1]}]}'


def test_aqo_document_becomes_a_program() -> None:
    made = compile_program(AQO, format="aqo", inputs={"p0": 0.5})
    assert [node.op for node in made.program.body.nodes] == ["const", "run", "getattr"]
    assert made.circuit is not None
    assert made.circuit.has_measurements
    assert Circuit.from_aqo(made.circuit.to_aqo()) == made.circuit


@pytest.mark.parametrize(
    ("inputs", "message"),
    [({}, "p0"), ({"p0": "x"}, "must be a number"), ({"p0": 1, "q": 2}, "no parameter `q`"), ({"p0": True}, "number")],
)
def test_aqo_parameters_must_fit(inputs: dict[str, Any], message: str) -> None:
    error = failure(AQO, format="aqo", inputs=inputs)
    assert error.code == "EIGEN_CIRCUIT_PARAMETERS"
    assert message in error.message


def test_unknown_format_is_refused() -> None:
    assert failure("x", format="fortran").code == "EIGEN_JOBSPEC_INVALID"
