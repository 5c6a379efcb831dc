"""Time to compile a large program: 30,000 gates on 1,000 qubits, written in loops, parser process included."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.report import print_table, save

EIGEN = Path(sys.executable).with_name("eigen")
ROUNDS = 9
PROGRAM = """from eigen_lang import QubitRegister, cx, hybrid_program, measure_all, ry


@hybrid_program(shots=1)
def main():
    q = QubitRegister(1000)
    for layer in range(15):
        for i in range(1000):
            ry(0.01 * i + layer, q[i])
        for i in range(999):
            cx(q[i], q[i + 1])
    return measure_all(q)
"""


def main() -> None:
    """Compile the program some times, each in a process of its own; print what the compiler and the clock say."""
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "large.eigen.py"
        program.write_text(PROGRAM, "utf-8")
        for _ in range(ROUNDS):
            done = subprocess.run([EIGEN, "compile", program, "--json"], stdout=subprocess.PIPE, text=True, check=True)
            reports.append(json.loads(done.stdout))
    seconds = [report["compile_seconds"] for report in reports]
    rows = [
        (
            f"{reports[0]['num_qubits']:,}",
            f"{reports[0]['operations']:,}",
            f"{median(seconds):.3f}",
            f"{min(seconds):.3f}",
            f"{max(seconds):.3f}",
        )
    ]
    print_table("Compiling, in seconds", ("qubits", "operations", "median", "least", "most"), rows)
    save("programs", {"seconds": seconds, "operations": reports[0]["operations"]})


if __name__ == "__main__":
    main()
