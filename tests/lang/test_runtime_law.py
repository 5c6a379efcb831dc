"""Law: a program over run-time values gives what CPython gives for the same numbers, or is refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from evaluation import checked, main
from hypothesis import given
from test_python_law import in_python, normal, programs

from doubles.plan_engine import run_program
from eigen.errors import EigenError

STATIC = "a, b, c = 1, 2.5, -3"
LATER = """@quantum_circuit
def ones():
    q = QubitRegister(1)
    x(q[0])
    measure_all(q)
n = run(ones()).shots
a, b, c = n - 99, n / 40, 97 - n"""

REFUSALS = {"E0302", "E0501", "E0502", "E0503", "E0504", "E0508", "E0402", "E0403", "E0404", "E0405"}
"""What may stand between a run-time program and its meaning: what cannot wait for the run (E05xx, E0302), and
mistakes on a side of a run-time condition that this run would not have taken (E04xx)."""


@given(programs())
def test_run_time_programs_mean_what_they_mean_in_python(body: str) -> None:
    later = checked(main(body.replace(STATIC, LATER)))
    try:
        expected: Any = in_python(body)
    except (ZeroDivisionError, TypeError, ValueError, OverflowError, IndexError, KeyError, NameError):
        if later.program is not None:
            with pytest.raises(EigenError):
                run_program(later.program, seed=1, shots=100)
        return
    if later.program is None:
        assert {item.code for item in later.errors} <= REFUSALS
        return
    found = run_program(later.program, seed=1, shots=100).output
    assert repr(normal(found)) == repr(normal(expected))
