"""What a program asks of a device is computed from the program alone."""

from __future__ import annotations

from eigen import _core
from eigen.ir.program import Node, Program, ProgramOptions, Region
from eigen.router import Features


def bell() -> _core.Circuit:
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    return builder.build()


def corrected() -> _core.Circuit:
    builder = _core.CircuitBuilder(3, 1)
    builder.gate("RX", [0], ["a"])
    builder.measure([0], [0])
    builder.begin_if(_core.Condition.bit(0))
    builder.gate("CCX", [0, 1, 2])
    builder.end()
    return builder.build()


def program(*nodes: Node, options: ProgramOptions | None = None) -> Program:
    body = Region((), nodes, (len(nodes) - 1,))
    observable = _core.Observable.from_terms(2, [("Z0", 1.0)])
    return Program((bell(), corrected()), (observable,), body, options=options or ProgramOptions())


RUN = Node("run", attrs={"circuit": 0, "shots": None})
EXACT = Node("expectation", attrs={"circuit": 0, "observable": 0, "shots": None})
SAMPLED = Node("expectation", attrs={"circuit": 0, "observable": 0, "shots": 500})


def test_a_run_takes_the_jobs_shots_over_the_programs() -> None:
    asked = program(RUN, options=ProgramOptions(shots=10, seed=1))
    assert Features.of(asked).shots == 10
    assert Features.of(asked, 20).shots == 20
    assert Features.of(program(RUN)).shots is None
    assert not Features.of(asked, 20).exact


def test_only_circuits_that_are_used_count() -> None:
    features = Features.of(program(RUN))
    assert (features.num_qubits, features.num_operations, features.dynamic) == (2, 3, False)
    assert features.gates == {"H", "CX"}
    assert features.circuits == (bell(),)


def test_expectation_values_are_exact_without_shots() -> None:
    assert Features.of(program(EXACT), 100).exact
    sampled = Features.of(program(SAMPLED), 100)
    assert (sampled.exact, sampled.expectation, sampled.shots) == (False, True, 500)


def test_stages_inside_regions_count() -> None:
    inner = Node("run", (0,), {"circuit": 1, "shots": 7})
    values = Node("constant", attrs={"value": [0.1]})
    loop = Node("loop", (0,), {"carried": 1, "bound": 3}, regions=(Region(("array",), (inner,), (1, 0)),))
    minimise = Node("minimize", (0,), {"method": "cobyla"}, regions=(Region(("array",), (EXACT,), (1,)),))
    features = Features.of(program(values, loop, minimise))
    assert features.dynamic
    assert features.gradient
    assert features.exact
    assert features.shots == 7
    assert features.num_qubits == 3
    assert features.gates == {"H", "CX", "RX", "CCX"}


def test_seed_and_noise_model_of_the_job_win() -> None:
    options = ProgramOptions(seed=4, noise_model="program")
    assert Features.of(program(RUN, options=options)).noise_model == "program"
    features = Features.of(program(RUN, options=options), noise_model="job")
    assert (features.seed, features.noise_model) == (True, "job")
    assert Features.of(program(RUN), seed=0).seed
    assert not Features.of(program(RUN)).seed
