"""The worst documents that we know, each read in a process of its own: what it ends in, seconds, and memory.

`python -m bench.parse.hostile NAME` is that process; it may have 512 MiB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

from bench.report import ROOT

MOST_BYTES = 512 * 1024 * 1024
FULL = 16 * 1024 * 1024 - 200  # bytes, nearly as many as a document may have
QASM2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4]; creg c[4];\n'
QASM3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[4] q; bit[4] c;\n'


@dataclass(frozen=True, slots=True)
class Outcome:
    """How reading a document ended: an error's code, or nothing; peak memory of the whole process."""

    name: str
    code: str
    seconds: float
    mebibytes: float


def documents() -> dict[str, str]:
    """`format: what is wrong` and the text."""
    doubled = "gate d0 a { h a; h a; }" + "".join(f"gate d{k} a {{ d{k - 1} a; d{k - 1} a; }}" for k in range(1, 64))
    empty = "gate n0 a { }" + "".join(f"gate n{k} a {{ n{k - 1} a; n{k - 1} a; }}" for k in range(1, 64))
    circuits = "DEFCIRCUIT C0 a:\n    H a\n" + "".join(
        f"DEFCIRCUIT C{k} a:\n    C{k - 1} a\n    C{k - 1} a\n" for k in range(1, 64)
    )
    row = "    " + ",".join(["0"] * 63)
    matrix = "DEFGATE G AS PERMUTATION:\n    " + ",".join(map(str, range(64))) + "\n"
    angles = "DEFGATE G(%a):\n" + "".join(
        "    " + ",".join("cis(%a)" if i == j else "0*%a" for j in range(64)) + "\n" for i in range(64)
    )
    reals = "DECLARE t REAL[200000]\n"
    total = "+".join(f"t[{k}]" for k in range(200_000))
    return {
        "qasm2: one gate a statement to the limit": QASM2 + _filled("h q[0];"),
        "qasm2: doubling definitions": f"{QASM2}{doubled} d63 q[0];",
        "qasm2: doubling definitions of nothing": f"{QASM2}{empty} n63 q[0];",
        "qasm2: conditions on wide registers": f"{QASM2}creg r[4000]; " + "if (r == 0) x q[0];" * 10_000,
        "qasm2: wide registers": f"{QASM2}qreg r[900000]; " + "h r; " * 10,
        "qasm2: an open definition": QASM2 + "gate g a { " + _filled("h a;"),
        "qasm3: one gate a statement to the limit": QASM3 + _filled("h q[0];"),
        "qasm3: doubling definitions": f"{QASM3}{doubled} d63 q[0];",
        "qasm3: doubling definitions of nothing": f"{QASM3}{empty} n63 q[0];",
        "qasm3: an endless loop": QASM3 + "int n = 0; while (true) { n += 1; }",
        "qasm3: endless gates": QASM3 + "while (true) { h q; }",
        "qasm3: recursion": QASM3 + "def f(int n) -> int { return f(n + 1); } int x = f(0);",
        "qasm3: one expression to the limit": QASM3 + "float x = 1" + _filled("+1") + ";",
        "qasm3: a wide array": QASM3 + "array[int, 1000, 1000] a; " + "a[0] = a[1]; " * 1_000,
        "qasm3: roots of controlled gates": QASM3
        + "qubit[7] r; gate g a, b { cx a, b; h a; } "
        + "pow(0.5) @ ctrl(5) @ g r[0], r[1], r[2], r[3], r[4], r[5], r[6]; " * 300,
        "qasm3: branches inside branches": QASM3 + "c = measure q; " + "if (c[0]) { " * 60 + "h q;" + " }" * 60,
        "stim: one gate a line to the limit": _filled("H 0\n"),
        "stim: one line of targets to the limit": "M" + _filled(" 0"),
        "stim: one tag to the limit": "H[" + _filled("x"),
        "stim: repetitions of repetitions": "REPEAT 1000000 {\n" * 90 + "M 0\n" + "}\n" * 90,
        "stim: repeated coordinates": "REPEAT 200000 {\nSHIFT_COORDS(" + "1," * 8 + "1)\n}\n",
        "stim: barriers on a million qubits": "H 999999\n" + _filled("TICK\n"),
        "stim: detectors to the limit": "M 0\n" + "DETECTOR(0.1, 0.2) rec[-1]\n" * 400_000,
        "quil: one gate a line to the limit": _filled("H 0\n"),
        "quil: one statement to the limit": "FENCE" + _filled(" 0"),
        "quil: statements on one line": _filled("X;"),
        "quil: doubling circuits": f"{circuits}C63 0",
        "quil: matrices on six qubits": f"{matrix}" + "G 0 1 2 3 4 5\n" * 500_000,
        "quil: matrices with a parameter": angles + "G(0.1) 0 1 2 3 4 5\n" * 100_000,
        "quil: rows without end": "DEFGATE G:\n" + f"{row}\n" * 100_000 + "G 0",
        "quil: a sum of all parameters": f"{reals}RX({total}) 0",
        "quil: a sum passed on": f"{reals}DEFCIRCUIT C(%a) q:\n" + "    RX(%a) q\n" * 100_000 + f"C({total}) 0",
        "quil: jumps inside jumps": "DECLARE b BIT\n"
        + "".join(f"JUMP-WHEN @a{k} b\nH 0\n" for k in range(100_000))
        + "".join(f"LABEL @a{k}\n" for k in reversed(range(100_000))),
        "quil: parameters to the limit": "".join(f"DECLARE t{k} REAL[1000000]\n" for k in range(100)) + "H 0",
        "aqo: nesting to the limit": "[" * FULL,
        "aqo: one list to the limit": '{"operations":[' + _filled("0,"),
    }


def _filled(unit: str) -> str:
    return unit * (FULL // len(unit) - 100)


def outcomes() -> list[Outcome]:
    """Every document, one after the other."""
    found: list[Outcome] = []
    for name in documents():
        command = [sys.executable, "-m", "bench.parse.hostile", name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            found.append(Outcome(name, f"died: {last[:80]}", 0.0, 0.0))
            continue
        found.append(Outcome(name, **json.loads(done.stdout)))
    return found


def main(name: str) -> None:
    """Read one document and say how it ended."""
    from eigen.errors import EigenError
    from eigen.ir import load

    form, text = name.partition(":")[0], documents()[name].encode()
    load(b"H 0", "stim")  # what the first document of all costs
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # forget the peak of making the document
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    code, started = "", time.perf_counter()
    try:
        load(text, form)
    except EigenError as error:
        code = error.code
    seconds = time.perf_counter() - started
    with open("/proc/self/status", encoding="ascii") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    print(json.dumps({"code": code, "seconds": seconds, "mebibytes": peak / 1024}))


if __name__ == "__main__":
    main(sys.argv[1])
