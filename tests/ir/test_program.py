"""`Program`: canonical JSON both ways, the rules of a well-formed one, and hostile documents."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.plan_engine import MEASURED_ROTATION, ROTATION, Z, circuit, const, expectation, minimisation, straight
from eigen._core import Counts, canonical_json
from eigen.errors import EigenError
from eigen.ir.array import Array
from eigen.ir.program import Node, Program, ProgramOptions, Region
from eigen.ir.values import Record


def everything() -> Program:
    """A program with every kind of node and attribute."""
    one = Region(("array",), (expectation(0, line=4),), (1,))
    pair = Region(("array", "array"), (Node("dot", (0, 0)),), (2,))
    state = Region(("array",), (const(False), Node("neg", (0,))), (1, 2))
    values = [1, 2.5, None, "x", 1 - 1j, (1, [2]), {(0, 1): 2}, float("inf"), 2**80, Array.of([[1, 2]]),
              Counts.from_dict({"0": 5}, 1), Record("train", {"loss": 0.5})]  # fmt: skip
    nodes = (
        const(values),
        const(Array.vector([0.5])),
        Node("run", (1,), {"circuit": 1, "shots": 50, "label": "final"}, "record:run", line=3),
        Node("probability", (1,), {"circuit": 0, "bits": "1", "shots": None}, "float"),
        Node("minimize", (1,), {"method": "adam", "options": {"learning_rate": 0.5}, "bounds": [(0.0, None)],
                                "max_iter": 5, "tolerance": 1e-3}, "record:minimize", (one,)),
        Node("minimize", (1,), {"method": "sgd", "batches": {"count": 4, "size": 2, "epochs": 1}}, "any", (pair,)),
        const(True),
        Node("branch", (6, 1), regions=(one, one)),
        Node("loop", (1,), {"carried": 1, "bound": 3}, regions=(state,)),
        Node("map", (0,), regions=(Region(("any",), (), (0,)),)),
        Node("getattr", (4,), {"name": "optimal_value"}, "float"),
    )  # fmt: skip
    program = Program(
        circuits=(ROTATION, MEASURED_ROTATION),
        observables=(Z,),
        body=Region((), nodes, (10,)),
        entrypoint="main",
        options=ProgramOptions("sim:auto", None, 2**63, 2, None, {"team": "é"}),
        source_sha256="ab" * 32,
        inputs_sha256="cd" * 32,
    )
    program.verify()
    return program


def test_json_is_canonical_and_lossless() -> None:
    program = everything()
    data = program.to_json()
    assert canonical_json(json.loads(data)) == data
    again = Program.from_json(data)
    assert again == program
    assert again.to_json() == data
    assert again.digest == program.digest


def test_digest_covers_every_field() -> None:
    program = everything()
    others = [
        replace(program, entrypoint="other"),
        replace(program, options=replace(program.options, shots=5)),
        replace(program, source_sha256=""),
        replace(program, observables=(Z * 2.0,)),
        replace(program, body=replace(program.body, results=(9,))),
    ]
    assert len({program.digest, *(other.digest for other in others)}) == len(others) + 1


def reject(program: Program) -> EigenError:
    with pytest.raises(EigenError) as caught:
        program.verify()
    assert caught.value.code == "EIGEN_PROGRAM_INVALID"
    return caught.value


def body(*nodes: Node, results: tuple[int, ...] = (0,), params: tuple[str, ...] = ()) -> Program:
    return Program((ROTATION, MEASURED_ROTATION), (Z,), Region(params, nodes, results))


ONE = Region(("any",), (), (0,))
TWO = Region(("any",), (), (0, 0))


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([Node("neg", (0,))], "not defined before"),
        ([Node("nonsense")], "unknown operation `nonsense`"),
        ([const(1), Node("neg", (0, 0))], "does not take 2 arguments"),
        ([Node("const")], "needs the attribute `value`"),
        ([Node("const", (), {"value": 1, "extra": 2})], "no attribute `extra`"),
        ([Node("const", (), {"value": 1}, regions=(ONE,))], "has no regions"),
        ([const(1), Node("run", (0,), {"circuit": 7})], "circuit `7` of 2"),
        ([const(1), Node("run", (0,), {"circuit": True})], "circuit `True` of 2"),
        ([Node("run", (), {"circuit": 0})], "one array of 1 parameter values"),
        ([const(1), Node("run", (0,), {"circuit": 1, "shots": 0})], "`shots`"),
        ([const(1), Node("run", (0,), {"circuit": 1, "shots": 10**8})], "`shots`"),
        ([const(1), Node("run", (0,), {"circuit": 1, "shoots": 5})], "no attribute `shoots`"),
        ([const(1), Node("expectation", (0,), {"circuit": 0, "observable": 3})], "observable `3`"),
        ([const(1), Node("probability", (0,), {"circuit": 0, "bits": "01"})], "1 characters"),
        ([const(1), Node("branch", (0,), regions=(ONE,))], "1 regions instead of 2"),
        ([const(1), Node("branch", (0, 0), regions=(ONE, TWO))], "gives 2 values instead of 1"),
        ([const(1), Node("loop", (0,), {"carried": 2, "bound": 2}, regions=(TWO,))], "`carried`"),
        ([const(1), Node("loop", (0,), {"carried": 1, "bound": 0}, regions=(TWO,))], "`bound`"),
        ([const(1), Node("loop", (0,), {"carried": 1, "bound": 2}, regions=(ONE,))], "gives 1 values instead of 2"),
        ([const(1), Node("map", (0, 0), regions=(ONE,))], "takes 1 values instead of 2"),
        ([const(1), Node("minimize", (0,), {"method": "cobila"}, regions=(ONE,))], "no method `cobila`"),
        ([const(1), Node("minimize", (0,), {"method": "adam", "options": {"rate": 1}}, regions=(ONE,))], "no option"),
        ([const(1), Node("minimize", (0,), {"method": "bfgs", "bounds": [(0, 1)]}, regions=(ONE,))], "bounds"),
        ([const(1), Node("minimize", (0,), {"method": "bfgs", "max_iter": 0}, regions=(ONE,))], "max_iter"),
        ([const(1), Node("minimize", (0,), {"method": "bfgs", "tolerance": -1.0}, regions=(ONE,))], "tolerance"),
    ],
)
def test_broken_rules_are_named(nodes: list[Node], message: str) -> None:
    error = reject(body(*nodes))
    assert message in error.message
    assert error.where.startswith("body.nodes[")


def test_body_has_no_parameters_and_one_result() -> None:
    reject(body(const(1), results=(0, 0)))
    reject(body(const(1), params=("any",)))
    assert "result" in reject(body(const(1), results=(4,))).message


def test_did_you_mean() -> None:
    assert reject(minimisation_with("cobila")).hint == "did you mean `cobyla`?"


def minimisation_with(method: str) -> Program:
    good = minimisation("cobyla", [0.1], expectation(0))
    node = replace(good.body.nodes[1], attrs={"method": method})
    return replace(good, body=replace(good.body, nodes=(good.body.nodes[0], node)))


def test_regions_cannot_nest_without_end() -> None:
    region = ONE
    for _ in range(40):
        region = Region(("any",), (Node("map", (0,), regions=(region,)),), (1,))
    program = body(const([]), Node("map", (0,), regions=(region,)))
    assert "nest deeper" in reject(program).message
    with pytest.raises(EigenError) as caught:
        program.to_json()
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"a":1}',
        b'{"version":"1.0","version":"1.0"}',
        b'{"a":NaN}',
        b"[" * 100_000,
        b'{"a":' * 2000,
        b'"' + b"\\" * 99_999,
    ],
)
def test_what_is_no_program_is_refused(data: bytes) -> None:
    with pytest.raises(EigenError) as caught:
        Program.from_json(data)
    assert caught.value.code in {"EIGEN_PROGRAM_INVALID", "EIGEN_LIMIT_EXCEEDED"}


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON document."""
    found = [here] if here else []
    if isinstance(value, dict):
        return found + [path for key, item in value.items() for path in paths(item, (*here, key))]
    if isinstance(value, list):
        return found + [path for key, item in enumerate(value) for path in paths(item, (*here, key))]
    return found


DOCUMENT = json.loads(everything().to_json())
PATHS = paths(DOCUMENT)
JUNK = [None, True, -1, 10**30, 1.5, "", "x", [], {}, [[]], {"int": "z"}, ["a", "b"], "0", 2]


@settings(max_examples=600)
@given(st.sampled_from(PATHS), st.sampled_from(["drop", "replace", "add"]), st.sampled_from(JUNK))
def test_damaged_documents_are_refused_or_still_programs(path: tuple[Any, ...], action: str, junk: Any) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    if action == "drop":
        del parent[path[-1]]
    elif action == "replace":
        parent[path[-1]] = junk
    elif isinstance(parent, dict):
        parent["surplus"] = junk
    else:
        parent.insert(path[-1], junk)
    with suppress(EigenError):
        program = Program.from_json(json.dumps(document).encode())
        assert Program.from_json(program.to_json()).to_json() == program.to_json()


def test_width_and_kind() -> None:
    wide = circuit(3, ("H", [0]), measured=True)
    program = straight(Node("run", (), {"circuit": 0}), circuits=[wide])
    assert (program.num_qubits, program.is_hybrid) == (3, False)
    assert minimisation("cobyla", [0.1], expectation(0)).is_hybrid
