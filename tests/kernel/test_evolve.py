"""Programs that evolve: on the native device, from a document, inside a minimisation; mistakes and their place."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

import eigen
from eigen.compiler.compile import compile_program
from eigen.errors import EigenError
from eigen.ir import Evolution, Observable
from eigen.ir.program import Program
from eigen.jobspec import submission

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from eigen_lang import *\n\n\n@hybrid_program(seed=5)\ndef main():\n"


def outputs(body: str, tmp_path: Path, **fields: Any) -> Any:
    text = HEAD + "".join(f"    {line}\n" for line in body.splitlines())
    with eigen.connect(data_dir=tmp_path / "data") as client:
        return client.run(submission(text.encode(), filename="e.eigen.py", **fields))


def test_values_counts_and_how_they_were_made(tmp_path: Path) -> None:
    results = outputs(
        "r = evolve(0.5 * pauli('X0'), 3.0, times=[0.0, 1.0, 3.0], observables=[pauli('Z0'), pauli('Y0')], shots=500)\n"
        "return {'values': r.values, 'final': r.final, 'times': r.times, 'shots': sum(r.counts.values())}",
        tmp_path,
    )
    expected = [[math.cos(t), -math.sin(t)] for t in (0.0, 1.0, 3.0)]
    assert results.outputs["values"] == [pytest.approx(row, abs=1e-9) for row in expected]
    assert results.outputs["final"] == results.outputs["values"][-1]
    assert results.outputs["shots"] == 500
    (engine,) = results.metadata["engines"]
    assert engine["method"] in {"krylov", "chebyshev"}
    assert engine["error_estimate"] <= 1e-10


def test_run_time_numbers_drives_circuits_and_collapse(tmp_path: Path) -> None:
    results = outputs(
        "@quantum_circuit\n"
        "def start(angle):\n"
        "    q = QubitRegister(2)\n"
        "    rx(angle, q[1])\n"
        "g = ExpectationValue(start(0.0), pauli('Z0'))\n"
        "h = [(pauli('Z0 Z1'), g), (pauli('X0'), 0.3 * cosine_drive(2.0) + 0.1), (pauli('X1'), -g)]\n"
        "r = evolve(h, 1.5, observables=[pauli('Z0')], initial=start(g), collapse=[('S-1', 0.2 * g)])\n"
        "return r.final[0]",
        tmp_path,
    )
    drive = 0.3 * eigen.ir.Coefficient.cos(2.0) + 0.1
    builder = eigen.ir.CircuitBuilder(2)
    builder.gate("RX", [1], [1.0])
    exact = Evolution(
        [("Z0 Z1", 1.0), ("X0", drive), ("X1", -1.0)],
        1.5,
        observables=[Observable.from_terms(2, [("Z0", 1.0)])],
        initial=builder.build(),
        collapse=[("S-1", 0.2)],
    )
    assert results.outputs == pytest.approx(eigen.ir.Propagation(exact).run()[0][0, 0], abs=1e-9)


def test_a_minimisation_shapes_a_pulse(tmp_path: Path) -> None:
    results = outputs(
        "area = Param('area')\n"
        "@cost_function\n"
        "def infidelity(v):\n"
        "    return evolve([(pauli('X0'), area)], 1.0, observables=[pauli('Z0')]).final[0]\n"
        "return minimize(infidelity, [1.0], method='cobyla').optimal_parameters[0]",
        tmp_path,
    )
    assert results.outputs == pytest.approx(math.pi / 2, abs=1e-2)


def test_documents_of_evolutions_run(tmp_path: Path) -> None:
    evolution = Evolution([("X0", "a")], 1.0, observables=[Observable.pauli("Z")], num_qubits=1, name="turn")
    compiled = compile_program(evolution.to_aqo(), format="aqo", inputs={"a": 0.3})
    assert Program.from_json(compiled.program.to_json()) == compiled.program
    with eigen.connect(data_dir=tmp_path / "data") as client:
        results = client.run(submission(evolution.to_aqo(), kind="aqo", filename="turn.aqo.json"), inputs={"a": 0.3})
    assert results.outputs["final"] == pytest.approx([math.cos(0.6)], abs=1e-9)
    with pytest.raises(EigenError) as caught:
        compile_program(evolution.to_aqo(), format="aqo")
    assert caught.value.code == "EIGEN_CIRCUIT_PARAMETERS"


def test_malformed_evolve_stages_are_refused() -> None:
    evolution = Evolution([("X0", "a")], 1.0, observables=[Observable.pauli("Z")], num_qubits=1)
    document = json.loads(compile_program(evolution.to_aqo(), format="aqo", inputs={"a": 0.3}).program.to_json())
    (place,) = [n for n, node in enumerate(document["body"]["nodes"]) if node["op"] == "evolve"]
    for change in (
        {"attrs": {"evolution": 1}},
        {"attrs": {"evolution": 0, "settings": {"dt": 0.1}}},
        {"attrs": {"evolution": 0, "settings": {"order": "two"}}},
        {"attrs": {"evolution": 0, "shots": 0}},
        {"args": []},
    ):
        broken = json.loads(json.dumps(document))
        broken["body"]["nodes"][place].update(change)
        with pytest.raises(EigenError) as caught:
            Program.from_json(json.dumps(broken).encode())
        assert caught.value.code == "EIGEN_PROGRAM_INVALID"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return evolve(pauli('X0'), -1.0)", "time"),
        ("return evolve(pauli('X0'), 1.0, collapse=[('Q0', 1.0)])", "Pauli"),
        ("return evolve(pauli('X0'), 1.0, method='euler')", "method"),
        ("return evolve([(pauli('X0'), Param('a'))], 1.0)", "free parameters"),
        ("return evolve(pauli('X0'), 1.0, initial='0a')", "0 or 1"),
        ("return evolve(pauli('X0'), 1.0, collapse=[('S-0', cosine_drive(1.0))])", "rate"),
    ],
)
def test_mistakes_are_told_at_the_call(body: str, words: str) -> None:
    with pytest.raises(EigenError) as caught:
        compile_program(HEAD + f"    {body}\n")
    (diagnostic, *_) = caught.value.details["diagnostics"]
    assert words in diagnostic["message"]
    assert caught.value.where.startswith("program.eigen.py:6:")
