"""Parameters of an entry point that stay open: what they are in the program, and where they may be used."""

from __future__ import annotations

from typing import Any

import pytest
from evaluation import checked, codes, main

from doubles.plan_engine import run_program
from eigen.compiler import compile_program
from eigen.errors import EigenError
from eigen.ir.program import Program

SOURCE = """\
from eigen_lang import *


@hybrid_program()
def main(angle=0.1, weights=(1.0, 2.0), n=2):
    q = QubitRegister(n)
    for i in range(n):
        ry(angle * weights[i], q[i])
    if angle > 1.0:
        return {"large": angle, "sum": sum(weights)}
    return {"small": [w * 2 for w in weights], "count": len(weights)}
"""


def test_open_parameters_are_those_of_the_program_in_its_own_order() -> None:
    program = checked(SOURCE, parameters={"weights": 2, "angle": 0}).program
    assert program is not None
    assert program.parameters == (("angle", 0), ("weights", 2))
    assert program.body.params == ("float", "array")
    same = checked(SOURCE, parameters={"angle": 0, "weights": 2}).program
    assert same is not None
    assert same.digest == program.digest


def test_a_program_without_open_parameters_is_what_it_was() -> None:
    plain, none_open = checked(SOURCE).program, checked(SOURCE, parameters={}).program
    assert plain is not None
    assert none_open is not None
    assert plain.to_json() == none_open.to_json()
    assert b'"parameters":[],"results"' not in plain.to_json()
    assert b'"parameters":[[' not in plain.to_json()


def test_the_json_of_a_program_keeps_its_open_parameters() -> None:
    program = checked(SOURCE, parameters={"weights": 2, "angle": 0}).program
    assert program is not None
    again = Program.from_json(program.to_json())
    assert again == program
    assert again.to_json() == program.to_json()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],["angle",2]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],["weights",0]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],["weights",-2]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],["weights",true]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],[3,2]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],["weights"]]'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":{"angle":0}'),
        (b'"parameters":[["angle",0],["weights",2]]', b'"parameters":[["angle",0],["weights",20000]]'),
    ],
)
def test_foreign_json_with_bad_parameters_is_refused(old: bytes, new: bytes) -> None:
    program = checked(SOURCE, parameters={"weights": 2, "angle": 0}).program
    assert program is not None
    data = program.to_json()
    assert old in data
    with pytest.raises(EigenError) as error:
        Program.from_json(data.replace(old, new))
    assert error.value.code == "EIGEN_PROGRAM_INVALID"


def test_they_decide_branches_when_the_program_runs() -> None:
    from eigen.ir.array import Array

    program = checked(SOURCE, parameters={"weights": 2, "angle": 0}).program
    assert program is not None
    weights = Array.vector([1.0, 3.0])

    def run(angle: float) -> Any:
        return run_program(program, seed=1, shots=10, arguments=(angle, weights)).output

    assert run(2.0) == {"large": 2.0, "sum": 4.0}
    assert run(0.5) == {"small": [2.0, 6.0], "count": 2}


def test_a_size_cannot_stay_open() -> None:
    found = checked(SOURCE, parameters={"n": 0}).errors
    assert {item.code for item in found} == {"E0501"}
    assert any("the open parameter `n`" in text for _, text in found[0].secondary)


def test_names_and_inputs_are_checked() -> None:
    assert codes(SOURCE, parameters={"angel": 0}) == ["E0703"]
    assert codes(SOURCE, parameters={"angle": 0}, inputs={"angle": 2}) == ["E0705"]
    assert codes(main("return 1"), parameters={"x": 0}) == ["E0703"]


@pytest.mark.parametrize("length", [-1, 10_001, 1.5, True, "3"])
def test_lengths_are_whole_numbers(length: Any) -> None:
    with pytest.raises(EigenError) as error:
        compile_program(SOURCE, parameters={"angle": length})
    assert error.value.code == "EIGEN_REQUEST_INVALID"
    assert error.value.where == "parameters.angle"


@pytest.mark.parametrize("name", ["x" * 129, "\ud800", "a\nb"])
def test_names_are_short_and_printable(name: str) -> None:
    with pytest.raises(EigenError) as error:
        compile_program(SOURCE, parameters={name: 0})
    assert error.value.code == "EIGEN_REQUEST_INVALID"
    assert error.value.message.isascii()
    assert len(error.value.message) < 300
