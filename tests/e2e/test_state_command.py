"""`eigen state`: the state of a circuit on the screen, as a document, and packed beside one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sample_programs import BELL, Run, RunJson, Write

from eigen.ir import states

QASM = """OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
x q[0];
h q[2];
c = measure q;
"""


def test_a_state_is_shown_and_given_as_a_document(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("bell.eigen.py", BELL)
    document = eigen_json("state", program)
    assert (document["kind"], document["qubits"], sorted(document["amplitudes"])) == ("state", 2, ["00", "11"])
    lines = eigen("state", program).stdout.splitlines()
    assert lines[0].split() == ["STATE", "AMPLITUDE", "PROBABILITY"]
    assert [line.split()[0] for line in lines[1:]] == ["00", "11"]
    assert [line.split()[-1] for line in lines[1:]] == ["0.500000"] * 2


def test_a_document_is_written_and_read(eigen: Run, write: Write, tmp_path: Path) -> None:
    circuit = write("circuit.qasm", QASM)
    sparse, packed = tmp_path / "sparse.json", tmp_path / "packed.json"
    eigen("state", circuit, "-o", str(sparse))
    eigen("state", circuit, "-o", str(packed), "--packed")
    assert set(json.loads(sparse.read_bytes())["amplitudes"]) == {"001", "101"}
    assert json.loads(packed.read_bytes())["array"]["ref"] == "packed.json.c16"
    beside = (tmp_path / "packed.json.c16").read_bytes()
    assert np.array_equal(states.load(sparse.read_bytes()), states.load(packed.read_bytes(), lambda _: beside))


def test_what_cannot_be_is_said(eigen: Run, write: Write) -> None:
    program = write("bell.eigen.py", BELL)
    assert "name the first with `--output`" in eigen("state", program, "--packed", expect=2).stderr
    assert "there is no circuit `7`" in eigen("state", program, "--circuit", "7", expect=2).stderr
