"""The same source gives the same bytes, whatever the process, its hash seed, locale and working directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sample_programs import VQE, Run, RunJson, Write

EXAMPLES = Path(__file__).parents[2] / "examples"

WIDE = '''"""A wide, long program."""

from eigen_lang import QubitRegister, cx, hybrid_program, measure_all, ry, rz


@hybrid_program(target="auto", shots=1)
def main():
    q = QubitRegister(1000)
    for layer in range(10):
        for i in range(1000):
            ry(0.1 * i + layer, q[i])
            rz(0.2 * i, q[i])
        for i in range(999):
            cx(q[i], q[i + 1])
    return measure_all(q)
'''


@pytest.mark.parametrize("emit", ["aqo", "program"])
def test_the_bytes_depend_on_the_source_alone(emit: str, eigen: Run, write: Write, tmp_path: Path) -> None:
    program = EXAMPLES / "h2_vqe" / "program.eigen.py"
    found: set[bytes] = set()
    for number, env in enumerate(
        (
            {"PYTHONHASHSEED": "1", "LC_ALL": "C"},
            {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "HOME": str(tmp_path)},
            {"PYTHONHASHSEED": "random", "LANG": "tr_TR.UTF-8", "USER": "nobody", "COLUMNS": "40"},
        )
    ):
        output = tmp_path / f"{number}.json"
        copy = write(f"{number}/elsewhere/program.eigen.py", program.read_text())
        eigen("compile", copy, "-o", str(output), "--emit", emit, env=env)
        found.add(output.read_bytes())
    assert len(found) == 1


def test_a_thousand_qubits_compile_and_say_how_long_it_took(eigen_json: RunJson, write: Write) -> None:
    report = eigen_json("compile", write("wide.eigen.py", WIDE))
    assert report["compile_seconds"] > 0


def test_the_seed_fixes_every_draw(eigen_json: RunJson, write: Write) -> None:
    program = write("vqe.eigen.py", VQE)
    words = ("run", program, "--set", "rounds=5")
    first = eigen_json(*words)["outputs"]
    assert eigen_json(*words, env={"PYTHONHASHSEED": "5", "EIGEN_THREADS": "1"})["outputs"] == first
    assert eigen_json(*words, "--seed", "12")["outputs"] != first


def test_aqo_can_be_written_and_run_again(eigen: Run, eigen_json: RunJson, tmp_path: Path) -> None:
    output = tmp_path / "bell.aqo.json"
    source = str(EXAMPLES / "bell" / "program.eigen.py")
    eigen("compile", source, "-o", str(output), "--aqo-version", "1.0.0")
    counts = eigen_json("run", str(output), "--seed", "7", "--shots", "1024")["counts"]
    assert counts == eigen_json("run", source)["counts"]
    assert os.path.getsize(output) > 0
