"""Diagnostic codes of values that are known only at run time (E05xx)."""

from __future__ import annotations

from eigen.lang.codes.code import Code

_BELL = (
    "from eigen_lang import *\n\n\n"
    "@quantum_circuit\ndef bell():\n    q = QubitRegister(2)\n    h(q[0])\n    cx(q[0], q[1])\n    measure_all(q)\n\n\n"
)


def _main(*lines: str) -> str:
    body = "\n".join("    " + line for line in lines)
    return f"{_BELL}@hybrid_program(shots=100)\ndef main():\n    r = run(bell())\n{body}\n"


RUNTIME_CODES: tuple[Code, ...] = (
    Code(
        "E0501",
        "value must be known at compile time",
        "Numbers of qubits, loop bounds of circuits, names and options shape the program itself, so they cannot "
        "depend on what only a run will tell.",
        _main("return [0] * r.shots, range(r.shots)"),
    ),
    Code(
        "E0502",
        "branches do not fit together",
        "After an `if` on a run-time value a variable holds a value from either branch: both must be values a "
        "run can choose between. After an `if` on a measured bit both branches must agree.",
        _main("if r.shots > 10:", "    f = len", "else:", "    f = sum", "return f([1])"),
    ),
    Code(
        "E0503",
        "control flow cannot depend on a run-time value here",
        "`return`, `break` and `continue` under a run-time condition are possible only where the rest of the "
        "function or loop can be put into the other branch.",
        _main("for name in r.counts:", "    if r.counts[name] > 10:", "        return name", "return ''"),
    ),
    Code(
        "E0504",
        "value cannot be changed under a run-time condition",
        "A list or dict made outside a run-time loop, or outside a function that runs many times, cannot be changed "
        "in place there: assign a new value to the variable. (`x.append(y)` and `x[i] = y` work in a "
        "run-time loop when `x` is a local list or dict that nothing else names.)",
        _main("x = {}", "y = [x]", "for k in r.counts:", "    x['a'] = 1", "return y"),
    ),
    Code(
        "E0505",
        "circuit parameters allow only affine arithmetic",
        "A gate angle may be a sum of parameters times numbers. Products and functions of parameters are computed "
        "from run-time values instead.",
        _main("t = Param('t')", "return t * t"),
    ),
    Code(
        "E0506",
        "value cannot be part of a result",
        "Results are made of numbers, strings, lists, tuples, dicts, arrays, counts and run results.",
        _main("return len"),
    ),
    Code(
        "E0508",
        "loop variable changes its type",
        "A variable carried through a run-time loop keeps one type: number, string, list, …",
        _main("x = 1", "n = r.shots", "while n > 10:", "    n = n // 2", "    x = 'a'", "return x"),
    ),
)
