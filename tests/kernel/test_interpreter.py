"""The interpreter over the real simulator: physics, seeds, control flow, errors with lines, and resuming."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi, sin
from typing import Any

import pytest

from doubles.plan_engine import (
    MEASURED_ROTATION,
    ROTATION,
    Listener,
    Z,
    circuit,
    const,
    expectation,
    minimisation,
    run_program,
    straight,
)
from eigen._core import Observable
from eigen.errors import EigenError
from eigen.ir import autodiff
from eigen.ir.array import Array
from eigen.ir.methods import METHODS
from eigen.ir.program import Node, Program, Region
from eigen.ir.values import type_of
from eigen.kernel import interpreter

X = Observable.from_terms(1, [("X0", 1.0)])
PAIR = circuit(2, ("RY", [0], "a"), ("RY", [1], "b"), ("CX", [0, 1]), ("RY", [0], "c"), ("RY", [1], "d"))
ISING = Observable.from_terms(2, [("Z0 Z1", 1.0), ("X0", 0.5), ("X1", 0.5)])
GROUND = -(2**0.5)  # of Z0 Z1 + (X0 + X1) / 2


def failure(program: Program, **given: Any) -> EigenError:
    with pytest.raises(EigenError) as caught:
        run_program(program, **given)
    return caught.value


def test_run_gives_its_record() -> None:
    program = straight(
        const(Array.vector([pi])), Node("run", (0,), {"circuit": 0, "label": "flip"}, "record:run"),
        circuits=[MEASURED_ROTATION],
    )  # fmt: skip
    ran = run_program(program, shots=50)
    assert type_of(ran.output) == "record:run"
    assert ran.output.fields["counts"].to_dict() == {"1": 50}
    assert ran.output.fields["probabilities"] == {"1": 1.0}
    assert ran.output.fields["most_common"] == "1"
    (kept,) = ran.interpreter.circuits
    assert (kept.label, kept.counts, kept.shots, kept.num_clbits) == ("flip", {"1": 50}, 50, 1)


def test_shots_of_stage_job_and_default() -> None:
    def shots_used(given: int | None, job: int | None) -> int:
        program = straight(
            const([0.3]), Node("run", (0,), {"circuit": 0, "shots": given}), circuits=[MEASURED_ROTATION]
        )
        return run_program(program, shots=job).output.fields["shots"]

    assert shots_used(7, 50) == 7
    assert shots_used(None, 50) == 50
    assert shots_used(None, None) == 1024


def test_expectation_without_shots_is_exact() -> None:
    program = straight(const([0.7]), expectation(0), circuits=[ROTATION], observables=[Z])
    assert run_program(program, shots=10).output == pytest.approx(cos(0.7), abs=1e-15)


def test_expectation_from_shots_is_near() -> None:
    """1e5 shots: within 6 standard errors (false alarm below 1e-8)."""
    program = straight(const([0.7]), expectation(0, shots=100_000), circuits=[ROTATION], observables=[Z])
    ran = run_program(program)
    assert ran.output != cos(0.7)
    assert abs(ran.output - cos(0.7)) < 6 * sin(0.7) / 100_000**0.5
    assert ran.interpreter.evaluator.shots_used == 100_000


def test_probability() -> None:
    program = straight(const([0.7]), Node("probability", (0,), {"circuit": 0, "bits": "1"}), circuits=[ROTATION])
    assert run_program(program).output == pytest.approx(sin(0.35) ** 2)


def test_seeds_depend_on_job_place_and_count() -> None:
    run = Node("run", (0,), {"circuit": 0})
    counts = Node("list", (1, 2))
    program = straight(const([1.3]), run, run, counts, circuits=[MEASURED_ROTATION])

    def seeds(seed: int) -> list[int]:
        return [kept.seed for kept in run_program(program, seed=seed).interpreter.circuits]

    assert seeds(1) == seeds(1)
    assert len({*seeds(1), *seeds(2)}) == 4


def test_repeated_rounds_use_fresh_seeds() -> None:
    body = Region(("int",), (const([1.3]), Node("run", (1,), {"circuit": 0}), const(1), Node("add", (0, 3)), const(4),
                             Node("lt", (4, 5))), (6, 4))  # fmt: skip
    program = straight(
        const(0), Node("loop", (0,), {"carried": 1, "bound": 9}, regions=(body,)), circuits=[MEASURED_ROTATION]
    )
    ran = run_program(program)
    assert ran.output == (4,)
    assert len({kept.seed for kept in ran.interpreter.circuits}) == 4


def test_branch_takes_one_side() -> None:
    sides = tuple(Region(("any",), (const(name),), (1, 0)) for name in ("then", "else"))
    for condition, expected in ((True, "then"), (0, "else")):
        program = straight(const(condition), const(5), Node("branch", (0, 1), regions=sides))
        assert run_program(program).output == (expected, 5)


def test_loop_reaches_its_bound() -> None:
    body = Region(("any",), (const(True),), (1, 0))
    program = straight(const(1), Node("loop", (0,), {"carried": 1, "bound": 5}, regions=(body,), line=8))
    error = failure(program)
    assert (error.code, error.where) == ("EIGEN_SIM_LOOP_BOUND", "line 8")


def test_map_of_floats_is_an_array() -> None:
    scan = Region(("float",), (Node("list", (0,)), expectation(1)), (2,))
    angles = Array.vector([0.0, 0.5, 1.0])
    program = straight(const(angles), Node("map", (0,), regions=(scan,)), circuits=[ROTATION], observables=[Z])
    assert run_program(program).output.data == pytest.approx([cos(x) for x in angles.data])
    texts = Region(("float",), (Node("str", (0,)),), (1,))
    assert run_program(straight(const(angles), Node("map", (0,), regions=(texts,)))).output == ["0.0", "0.5", "1.0"]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_single_qubit_vqe_in_closed_form(method: str) -> None:
    """<Z> after RY(t) is cos(t): smallest -1 at pi."""
    ran = run_program(minimisation(method, [0.4], expectation(0)))
    fields = ran.output.fields
    assert fields["optimal_value"] == pytest.approx(-1.0, abs=1e-5)
    assert fields["optimal_value"] == cos(fields["optimal_parameters"].data[0]) or fields[
        "optimal_value"
    ] == pytest.approx(cos(fields["optimal_parameters"].data[0]), abs=1e-14)
    assert fields["success"] is True
    assert fields["iterations"] == len(fields["history"].data) == len(ran.control.iterations)
    assert fields["method"] == method
    assert ran.interpreter.minimizations[0] == ("minimize0", ran.output)


def test_vqe_reaches_the_ground_state_of_two_spins() -> None:
    ran = run_program(
        minimisation("l-bfgs-b", [0.3, 0.1, -0.2, 0.4], expectation(0), circuits=[PAIR], observables=[ISING])
    )
    assert ran.output.fields["optimal_value"] == pytest.approx(GROUND, abs=1e-6)
    assert "gradients: exact" in ran.output.fields["message"]
    assert {kind for kind, _ in ran.engine.asked} == {"gradient"}


def test_without_device_gradients_differences_are_used_and_named() -> None:
    program = minimisation("l-bfgs-b", [0.4], expectation(0, line=4))
    ran = run_program(program, gradients=False)
    assert ran.output.fields["optimal_value"] == pytest.approx(-1.0, abs=1e-9)
    assert "finite differences, because the expectation value in line 4" in ran.output.fields["message"]
    assert ran.output.fields["evaluations"] == len(ran.engine.asked)
    assert ran.interpreter.warnings == []


def test_differences_of_noisy_values_warn() -> None:
    ran = run_program(minimisation("adam", [0.4], expectation(0, shots=2000), max_iter=60))
    assert "imprecise" in ran.interpreter.warnings[0]
    assert cos(ran.output.fields["optimal_parameters"].data[0]) < -0.9


def test_cost_of_several_expectations_has_an_exact_gradient() -> None:
    """(<Z> + 1/2)^2 + <X>/4 over one angle, against a fine scan."""
    objective = (
        expectation(0, 0, 0), const(0.5), Node("add", (1, 2)), Node("square", (3,)),
        expectation(0, 0, 1), const(4.0), Node("truediv", (5, 6)), Node("add", (4, 7)),
    )  # fmt: skip
    ran = run_program(minimisation("bfgs", [-1.0], *objective, observables=[Z, X]))
    best = min((cos(t) + 0.5) ** 2 + sin(t) / 4 for t in (k * 2 * pi / 200_000 for k in range(200_000)))
    assert ran.output.fields["optimal_value"] == pytest.approx(best, abs=1e-9)
    assert "gradients: exact" in ran.output.fields["message"]


def test_captures_and_warm_starts() -> None:
    """The optimum of one minimisation starts the next, whose objective also sees a captured weight."""
    first = Region(("array",), (expectation(0),), (1,))
    second = Region(("array", "float"), (expectation(0), Node("mul", (2, 1))), (3,))
    program = straight(
        const(Array.vector([0.4])),
        Node("minimize", (0,), {"method": "rotosolve", "label": "coarse"}, regions=(first,)),
        Node("getattr", (1,), {"name": "optimal_parameters"}),
        const(2.0),
        Node("minimize", (2, 3), {"method": "bfgs", "label": "fine"}, regions=(second,)),
        circuits=[ROTATION],
        observables=[Z],
    )
    ran = run_program(program)
    assert ran.output.fields["optimal_value"] == pytest.approx(-2.0)
    assert ran.output.fields["iterations"] <= 1
    assert [label for label, _ in ran.interpreter.minimizations] == ["coarse", "fine"]
    assert {stage for stage, *_ in ran.control.iterations} <= {"coarse", "fine"}


def test_deflation_by_overlap_finds_the_excited_state() -> None:
    """Minimise <Z> + 3 |<0|psi>|^2 … with the ground state |1> penalised the optimum is |0>."""
    penalty = Node("probability", (0,), {"circuit": 0, "bits": "1"})
    program = minimisation(
        "nelder-mead", [1.0], expectation(0), penalty, const(3.0), Node("mul", (2, 3)), Node("add", (1, 4))
    )
    ran = run_program(program)
    assert ran.output.fields["optimal_value"] == pytest.approx(1.0, abs=1e-6)


def test_training_with_mini_batches() -> None:
    """Fit t in <Z>(t + x_k) = cos(1 + x_k) from samples; gradients through map, captures and batches."""
    inputs = Array.vector([0.1 * k for k in range(12)])
    targets = Array.vector([cos(1.0 + x) for x in inputs.data])
    model = Region(("float", "array"), (Node("add", (0, 1)), expectation(2)), (3,))
    objective = Region(
        ("array", "array", "array", "array"),
        (Node("index", (2, 1)), Node("index", (3, 1)), Node("map", (4, 0), regions=(model,)), Node("mse", (6, 5))),
        (7,),
    )
    attrs = {"method": "adam", "options": {"learning_rate": 0.1}, "batches": {"count": 12, "size": 4, "epochs": 40}}
    program = straight(
        const(Array.vector([0.2])), const(inputs), const(targets),
        Node("minimize", (0, 1, 2), attrs, regions=(objective,)), circuits=[ROTATION], observables=[Z],
    )  # fmt: skip
    ran = run_program(program)
    fields = ran.output.fields
    assert fields["optimal_parameters"].data[0] == pytest.approx(1.0, abs=0.02)
    assert fields["iterations"] == 40 * 3
    assert "gradients: exact" in fields["message"]
    assert ran.output == run_program(program).output


def test_runs_inside_a_search_are_not_kept() -> None:
    objective = (Node("run", (0,), {"circuit": 0, "shots": 100}), Node("counts_expectation", (1,)))
    ran = run_program(minimisation("cobyla", [0.4], *objective, circuits=[MEASURED_ROTATION], max_iter=10))
    assert ran.interpreter.circuits == []
    assert ran.interpreter.evaluator.shots_used == 100 * len(ran.engine.asked)


def test_print_says_each_line_once() -> None:
    program = straight(
        const("before"), Node("print", (0,)), const([0.3]), expectation(2), Node("str", (3,)), Node("print", (4,)),
        circuits=[ROTATION], observables=[Z],
    )  # fmt: skip
    ran = run_program(program)
    assert ran.control.said == ["before", str(ran.engine._plans[0].expectation([0.3], [Z])[0])]
    assert run_program(program, recorded=ran.stored).control.said == ran.control.said[1:]


def test_endless_printing_is_cut_with_a_warning() -> None:
    body = Region(
        ("int",),
        (const("x"), Node("print", (1,)), const(1), Node("add", (0, 3)), const(10_005), Node("lt", (4, 5))),
        (6, 4),
    )
    ran = run_program(straight(const(0), Node("loop", (0,), {"carried": 1, "bound": 20_000}, regions=(body,))))
    assert len(ran.control.said) == 10_000
    assert "left out" in ran.interpreter.warnings[0]


# ---- errors ------------------------------------------------------------------------------------------------


def test_mistakes_name_their_line() -> None:
    error = failure(straight(const(1.0), const(0.0), Node("truediv", (0, 1), line=12)))
    assert (error.code, error.where) == ("EIGEN_RUN_FAILED", "line 12")
    assert error.details["kind"] == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.1, 0.2], "has 1 parameters, but 2 values"),
        ([float("nan")], "`t` is `nan`"),
        (["a"], "real numbers"),
        ([1j], "real numbers"),
    ],
)
def test_circuit_parameters_are_checked(values: list[Any], message: str) -> None:
    program = straight(const(values), expectation(0, line=3), circuits=[ROTATION], observables=[Z])
    error = failure(program)
    assert message in error.message
    assert error.where == "line 3"


def test_an_objective_must_be_a_real_number() -> None:
    error = failure(minimisation("cobyla", [0.1], const("x")))
    assert "not a `str`" in error.message
    assert error.where == "line 9"


def test_an_objective_that_is_not_a_number_fails() -> None:
    nodes = (expectation(0), const(float("nan")), Node("mul", (1, 2)))
    assert "`nan`" in failure(minimisation("bfgs", [0.1], *nodes)).message


def test_initial_parameters_are_checked() -> None:
    program = straight(
        const(["a"]), Node("minimize", (0,), {"method": "cobyla"}, regions=(Region(("any",), (), (0,)),))
    )
    assert "real numbers" in failure(program).message


def test_fuel_bounds_compute_only_programs() -> None:
    body = Region(("any",), (const(True),), (1, 0))
    program = straight(const(1), Node("loop", (0,), {"carried": 1, "bound": 1_000_000}, regions=(body,)))
    assert failure(program, fuel=10_000).code == "EIGEN_LIMIT_EXCEEDED"


def test_kept_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of one region live together; those of finished rounds do not count."""
    monkeypatch.setattr(interpreter, "MAX_HELD", 800)
    ends = (const(0.0), const(1.0), const(100))
    assert failure(straight(*ends, *[Node("linspace", (0, 1, 2))] * 9)).code == "EIGEN_LIMIT_EXCEEDED"
    body = Region(
        ("int",),
        (*ends, Node("linspace", (1, 2, 3)), const(1), Node("add", (0, 5)), const(12), Node("lt", (6, 7))),
        (8, 6),
    )
    loop = straight(const(0), Node("loop", (0,), {"carried": 1, "bound": 20}, regions=(body,)))
    assert run_program(loop).output == (12,)
    rows = Region(("int",), (*ends, Node("linspace", (1, 2, 3))), (4,))
    mapped = straight(const([1] * 9), Node("map", (0,), regions=(rows,)))
    assert failure(mapped).code == "EIGEN_LIMIT_EXCEEDED"


def test_the_tape_of_a_gradient_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autodiff, "MAX_TAPE", 2_000)
    body = Region(
        ("int", "any"),
        (const(1), Node("add", (0, 2)), Node("sin", (1,)), const(10**6), Node("lt", (3, 5))),
        (6, 3, 4),
    )
    loop = Node("loop", (1, 0), {"carried": 2, "bound": 10**6}, regions=(body,))
    nodes = (const(0), loop, const(1), Node("index", (2, 3)), Node("array_sum", (4,)))
    error = failure(minimisation("bfgs", [0.1], *nodes))
    assert "differentiate" in error.message


# ---- control and resuming ----------------------------------------------------------------------------------


def test_control_is_asked_before_every_evaluation() -> None:
    program = minimisation("cobyla", [0.4], expectation(0, shots=500), max_iter=8)
    ran = run_program(program)
    assert ran.control.checks == [(500, False)] * len(ran.engine.asked)
    again = run_program(program, recorded=ran.stored)
    assert again.control.checks == [(500, True)] * len(ran.engine.asked)
    assert again.engine.asked == []


def test_cancelling_stops_between_evaluations() -> None:
    stop = EigenError("EIGEN_RUN_CANCELLED", "the job was cancelled")
    control = Listener(stop=lambda count: stop if count == 4 else None)
    with pytest.raises(EigenError) as caught:
        run_program(minimisation("cobyla", [0.4], expectation(0)), control=control)
    assert caught.value.code == "EIGEN_RUN_CANCELLED"


class KilledError(Exception):
    """The process dies here."""


PROGRAMS = {
    method: minimisation(
        method, [0.3, 0.1, -0.2, 0.4], expectation(0), circuits=[PAIR], observables=[ISING], max_iter=4
    )
    for method in sorted(METHODS)
} | {
    "cobyla from shots": minimisation(
        "cobyla", [0.3, 0.1, -0.2, 0.4], expectation(0, shots=200), circuits=[PAIR], observables=[ISING], max_iter=8
    ),
    "spsa from shots": minimisation(
        "spsa", [0.3, 0.1, -0.2, 0.4], expectation(0, shots=200), circuits=[PAIR], observables=[ISING], max_iter=4
    ),
}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_kill_at_any_evaluation_leaves_no_trace(name: str) -> None:
    """For every k: the store dies at the k-th append, the run starts again, and all is as if undisturbed."""
    program = PROGRAMS[name]
    calm = run_program(program)
    total = len(calm.stored)
    assert total >= 4
    for k in range(total):
        stored: list[Any] = []

        def append(entries: Any, stored: list[Any] = stored, k: int = k) -> None:
            if len(stored) >= k:
                raise KilledError
            stored.extend(entries)

        with pytest.raises(KilledError):
            run_program(program, append=append)
        assert len(stored) == k
        resumed = run_program(program, recorded=stored)
        assert resumed.output == calm.output
        assert resumed.stored == calm.stored
        assert resumed.control.iterations == calm.control.iterations
        assert len(resumed.engine.asked) == total - k


IN_PIECES = sorted(set(METHODS) - {"bfgs", "cg", "powell", "slsqp"})


@pytest.mark.parametrize("method", IN_PIECES)
def test_a_loop_in_pieces_is_the_loop_step_by_step(method: str) -> None:
    """And a kill between any two pieces leaves no trace, whatever the pieces of the next attempt."""
    program = PROGRAMS[method]
    steps, pieces = run_program(program), run_program(program, piece=3)
    assert pieces.output == steps.output
    assert {kind for kind, _ in pieces.engine.asked} == {"loop"}
    evaluations = steps.interpreter.evaluator.evaluations
    assert pieces.interpreter.evaluator.evaluations == evaluations
    for k in range(len(pieces.stored) + 1):
        for piece in (2, None):  # a device with other pieces, and one without loops
            resumed = run_program(program, recorded=pieces.stored[:k], piece=piece)
            assert resumed.output == steps.output
            assert resumed.interpreter.evaluator.evaluations == evaluations
            assert resumed.stored[:k] == pieces.stored[:k]


def test_a_journal_of_steps_goes_on_in_pieces() -> None:
    steps = run_program(PROGRAMS["spsa"])
    resumed = run_program(PROGRAMS["spsa"], recorded=steps.stored[:12], piece=3)
    assert resumed.output == steps.output
    assert {kind for kind, _ in resumed.engine.asked} == {"loop"}


def test_a_record_of_a_piece_that_was_changed_is_refused() -> None:
    first, *rest = run_program(PROGRAMS["spsa"], piece=3).stored
    changed = replace(first, value={**first.value, "search": first.value["search"].replace("1", "2", 1)})
    with pytest.raises(EigenError) as caught:
        run_program(PROGRAMS["spsa"], recorded=[changed, *rest], piece=3)
    assert caught.value.code == "EIGEN_RUN_JOURNAL_MISMATCH"


def test_pieces_are_stopped_between_them() -> None:
    stop = EigenError("EIGEN_RUN_CANCELLED", "the job was cancelled")
    control = Listener(stop=lambda count: stop if count == 4 else None)
    with pytest.raises(EigenError) as caught:
        run_program(PROGRAMS["nelder-mead"], control=control, piece=2)
    assert caught.value.code == "EIGEN_RUN_CANCELLED"
    assert len(control.checks) == 4


@pytest.mark.parametrize(
    ("nodes", "scale", "offset"),
    [
        ((expectation(0), const(2.0), Node("mul", (1, 2)), const(3), Node("add", (3, 4))), 2.0, 3.0),
        ((const(1.5), expectation(0), Node("sub", (1, 2)), Node("neg", (3,))), 1.0, -1.5),
        ((expectation(0), const(4.0), Node("truediv", (1, 2))), 0.25, 0.0),
    ],
)
def test_factors_and_constants_stay_in_the_loop(nodes: tuple[Node, ...], scale: float, offset: float) -> None:
    ran = run_program(minimisation("l-bfgs-b", [0.4], *nodes), piece=100)
    assert {kind for kind, _ in ran.engine.asked} == {"loop"}
    assert ran.output.fields["optimal_value"] == pytest.approx(offset - abs(scale), abs=1e-9)


@pytest.mark.parametrize(
    "nodes",
    [
        (expectation(0), Node("square", (1,))),
        (expectation(0), expectation(0), Node("add", (1, 2))),
        (expectation(0, shots=100),),
        (const([0.1]), expectation(1), const(0), Node("index", (0, 3)), Node("add", (2, 4))),
    ],
)
def test_other_objectives_are_answered_step_by_step(nodes: tuple[Node, ...]) -> None:
    ran = run_program(minimisation("cobyla", [0.4], *nodes, max_iter=5), piece=100)
    assert "loop" not in {kind for kind, _ in ran.engine.asked}


def test_a_journal_of_another_program_is_refused() -> None:
    stored = run_program(PROGRAMS["cobyla"]).stored
    for other, seed in ((PROGRAMS["spsa"], 11), (PROGRAMS["cobyla from shots"], 11)):
        assert failure(other, recorded=stored, seed=seed).code == "EIGEN_RUN_JOURNAL_MISMATCH"
    noisy = run_program(PROGRAMS["cobyla from shots"], seed=1).stored
    assert failure(PROGRAMS["cobyla from shots"], recorded=noisy, seed=2).code == "EIGEN_RUN_JOURNAL_MISMATCH"


def test_evaluation_keys_are_unique_and_repeatable() -> None:
    keys = [key for _, key in run_program(PROGRAMS["spsa from shots"]).engine.asked]
    assert len(set(keys)) == len(keys)
    assert keys == [key for _, key in run_program(PROGRAMS["spsa from shots"]).engine.asked]
