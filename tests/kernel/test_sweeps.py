"""Sweeps: every point is what the program gives there, however often the run is interrupted, and budgets count all."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_programs import DIVISION, ENERGY, SAMPLED, SEARCH

from doubles import house
from eigen.app import make_compile
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder
from eigen.jobspec import Budget, JobSpec, ProgramRef, Submission, Timeout
from eigen.jobspec.sweep import Sweep
from eigen.kernel.agreement import agreement
from eigen.kernel.resolved import seed_at
from eigen.kernel.sessions import Sessions
from eigen.kernel.sweep.compiling import MAX_VARIANTS
from eigen.types import OPERATOR, JobState, ResumeLimits, Verdict
from strategies import examples

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.types import JobResults

COUNTED = """\
from eigen_lang import *


@hybrid_program(shots=50)
def main(n=2, theta=0.3, word="a"):
    q = QubitRegister(n)
    for i in range(n):
        ry(theta * (i + 1), q[i])
    counts = measure_all(q)
    return {"n": n, "word": word, "energy": ExpectationValue(turned(theta), pauli("Z0")), "shots": counts.shots}


@quantum_circuit
def turned(theta):
    q = QubitRegister(1)
    ry(theta, q[0])
"""


@pytest.fixture
def house_of_sweeps(bench: Bench) -> Bench:
    return bench.having(compile=make_compile(Settings()))


def job(source: str | bytes, sweep: Sweep, kind: str = "eigen-lang", **changes: Any) -> Submission:
    data = source if isinstance(source, bytes) else source.encode()
    program = ProgramRef(sha256(data).hexdigest(), kind)
    asked = {"target": "sim:statevector", "seed": 7, **changes}
    return Submission(JobSpec("swept", program, sweep=sweep, **asked), {program.artifact: data})


def submit(bench: Bench, source: str | bytes, sweep: Sweep, kind: str = "eigen-lang", **changes: Any) -> str:
    made = job(source, sweep, kind, **changes)
    return bench.kernel.submit(made.spec, made.files)


def single(bench: Bench, source: str | bytes, inputs: dict[str, Any], kind: str = "eigen-lang", **changes: Any) -> Any:
    """The job of one point alone."""
    made = job(source, Sweep({"none": [1]}), kind, inputs=inputs, **changes)
    spec = JobSpec(**{name: getattr(made.spec, name) for name in made.spec.__slots__ if name != "sweep"})
    return bench.run(bench.kernel.submit(spec, made.files))


def table(results: JobResults) -> dict[str, Any]:
    assert results.outputs is not None
    return results.outputs


def verified(bench: Bench, job_id: str) -> None:
    found = bench.kernel.verify(job_id)
    assert all(check.verdict is not Verdict.FAIL for check in found.checks), found.failures


# ---- what a point is ---------------------------------------------------------------------------------------


def test_every_point_is_that_evaluation_of_a_session(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    sweep = Sweep({"scale": {"start": -1.0, "stop": 1.0, "num": 3}, "theta": [[0.1 * k] * 8 for k in range(1, 4)]})
    job_id = submit(bench, ENERGY, sweep)
    found = bench.run(job_id)
    sessions = Sessions(bench.ports, idle_seconds=60, per_tenant=3)
    held = sessions.open(OPERATOR, single_submission(ENERGY), {"scale": 0, "theta": 8})
    columns = sweep.columns()
    for index in range(sweep.points):
        values = {name: column[index] for name, column in columns.items()}
        answer = sessions.evaluate(OPERATOR, held.session_id, values, index=index)
        assert answer.outputs == table(found)["outputs"]["value"][index]
    assert found.metadata["sweep"] == {
        "points": 9,
        "done": 9,
        "mode": "grid",
        "open": ["scale", "theta"],
        "fixed": [],
        "variants": 1,
    }
    verified(bench, job_id)


def single_submission(source: str) -> Submission:
    made = job(source, Sweep({"none": [1]}))
    spec = JobSpec(**{name: getattr(made.spec, name) for name in made.spec.__slots__ if name != "sweep"})
    return Submission(spec, made.files)


def test_sampled_points_have_seeds_of_their_own_and_counts_in_the_table(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    job_id = submit(bench, SAMPLED, Sweep({"theta": [0.3, 0.3, 1.2]}))
    found = bench.run(job_id)
    counts = table(found)["outputs"]["counts"]
    assert table(found)["outputs"].keys() == {"counts"}
    assert counts[0] != counts[1], "the same values, two seeds"
    assert [sum(each.values()) for each in counts] == [200] * 3
    for index, theta in enumerate([0.3, 0.3, 1.2]):
        alone = single(bench, SAMPLED, {"theta": theta}, seed=seed_at(7, index))
        assert sum(alone.counts.values()) == 200
    assert (found.counts, found.circuits) == (None, ())
    assert found.metadata["bit_order"] == "c[n-1] … c[0]"
    verified(bench, job_id)


@given(st.data())
@examples(6, 60)
def test_a_sweep_is_the_jobs_of_its_points(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Counts of a circuit all of whose parameters are swept, bit for bit, with the seed of each point."""
    circuit = data.draw(swept_circuits())
    axis = st.lists(st.floats(-6.0, 6.0).map(lambda x: round(x, 3)), min_size=1, max_size=3)
    sweep = Sweep({name: data.draw(axis) for name in circuit.parameters})
    root = tmp_path_factory.mktemp("law")
    bench = type(bench)(root, house.ports(root, compile=make_compile(Settings())))
    found = table(bench.run(submit(bench, circuit.to_aqo(), sweep, "aqo", shots=60)))
    columns = sweep.columns()
    assert found["parameters"] == {name: columns[name] for name in sorted(columns)}
    for index in range(sweep.points):
        inputs = {name: column[index] for name, column in columns.items()}
        alone = single(bench, circuit.to_aqo(), inputs, "aqo", shots=60, seed=seed_at(7, index))
        assert found["outputs"]["counts"][index] == dict(alone.counts)
    bench.ports.jobs.close()


@st.composite
def swept_circuits(draw: st.DrawFn) -> Circuit:
    """A few rotations by two parameters between entangling gates, measured."""
    builder = CircuitBuilder(3, 3)
    for _ in range(draw(st.integers(1, 4))):
        gate, qubit = draw(st.sampled_from(["RX", "RY", "RZ", "H"])), draw(st.integers(0, 2))
        builder.gate(gate, [qubit], [] if gate == "H" else [draw(st.sampled_from(["a", "b"]))])
        builder.gate("CX", [qubit, (qubit + 1) % 3])
    builder.gate("RY", [0], ["a"])
    builder.measure([0, 1, 2], [0, 1, 2])
    return builder.build()


def test_what_shapes_the_program_is_compiled_for_each_of_its_values(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    sweep = Sweep({"n": [1, 3], "theta": [0.3, 0.9], "word": ["a", "b"]})
    job_id = submit(bench, COUNTED, sweep)
    found = bench.run(job_id)
    said = found.metadata["sweep"]
    assert (said["open"], said["fixed"], said["variants"]) == (["theta"], ["n", "word"], 4)
    columns, outputs = sweep.columns(), table(found)["outputs"]
    assert outputs["output.n"] == columns["n"]
    assert outputs["output.word"] == columns["word"]
    for index in range(sweep.points):
        inputs = {name: column[index] for name, column in columns.items()}
        alone = single(bench, COUNTED, inputs, seed=seed_at(7, index))
        assert outputs["energy"][index] == pytest.approx(alone.outputs["energy"], abs=1e-12)
        assert {len(bits) for bits in outputs["counts"][index]} == {inputs["n"]}
    verified(bench, job_id)


def test_a_real_parameter_that_cannot_stay_open_is_fixed(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    source = COUNTED.replace("range(n)", "range(int(theta) + 1)").replace("QubitRegister(n)", "QubitRegister(4)")
    found = bench.run(submit(bench, source, Sweep({"theta": [0.5, 1.5]})))
    assert found.metadata["sweep"]["fixed"] == ["theta"]
    assert found.metadata["sweep"]["variants"] == 2


def test_compilations_are_bounded(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    found = bench.run(submit(bench, COUNTED, Sweep({"n": {"start": 1, "stop": MAX_VARIANTS + 1, "step": 1}})))
    assert found.state is JobState.ERROR
    assert (found.error or {})["code"] == "EIGEN_LIMIT_EXCEEDED"
    assert "`sweep_variants`" in (found.error or {})["message"]


@pytest.mark.parametrize(
    ("sweep", "code"),
    [({"thta": [0.1, 0.2]}, "EIGEN_LANG_REJECTED"), ({"n": [0, -1]}, "EIGEN_LANG_REJECTED")],
)
def test_what_does_not_compile_says_why(house_of_sweeps: Bench, sweep: dict[str, Any], code: str) -> None:
    found = house_of_sweeps.run(submit(house_of_sweeps, COUNTED, Sweep(sweep)))
    assert (found.error or {})["code"] == code


def test_minimisations_and_lines_of_all_points_are_kept(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    job_id = submit(bench, SEARCH, Sweep({"start": [0.1, 0.2]}))
    found = bench.run(job_id)
    assert [each["label"] for each in found.metadata["minimizations"]] == ["minimize0[0]", "minimize0[1]"]
    verified(bench, job_id)
    printed = bench.run(submit(bench, DIVISION, Sweep({"x": [1.0, 2.0]}))).metadata["printed"]
    assert printed == ["x is 1.0", "x is 2.0"]


def test_a_session_takes_no_sweep(house_of_sweeps: Bench) -> None:
    sessions = Sessions(house_of_sweeps.ports, idle_seconds=60, per_tenant=3)
    with pytest.raises(EigenError, match="one by one"):
        sessions.open(OPERATOR, job(SAMPLED, Sweep({"theta": [0.1]})), {"theta": 0})


# ---- ends before the end -----------------------------------------------------------------------------------


def test_a_failing_point_is_named_and_the_others_are_there(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    job_id = submit(bench, DIVISION, Sweep({"x": [2.0, 0.0, 1.0]}))
    found = bench.run(job_id)
    assert found.state is JobState.ERROR
    assert (found.error or {})["where"].startswith("point 1 (x=0.0), line")
    assert (table(found)["done"], table(found)["points"]) == (1, 3)
    assert table(found)["parameters"] == {"x": [2.0]}
    assert table(found)["outputs"] == {"inverse": [0.5], "output.x": [2.0]}
    verified(bench, job_id)


@pytest.mark.parametrize("reached", [0, 1, 5])
def test_a_budget_counts_over_all_points_and_what_stopped_goes_on(house_of_sweeps: Bench, reached: int) -> None:
    bench = house_of_sweeps
    sweep = Sweep({"theta": {"start": 0.0, "stop": 3.0, "num": 6}})
    whole = bench.run(submit(bench, SAMPLED, sweep))
    stopped = submit(bench, SAMPLED, sweep, budget=Budget(max_shots=200 * reached + 100))
    short = bench.run(stopped)
    assert (short.error or {})["code"] == "EIGEN_RUN_BUDGET"
    assert table(short)["done"] == reached
    assert table(short)["parameters"]["theta"] == table(whole)["parameters"]["theta"][:reached]
    assert table(short)["outputs"].get("counts", []) == table(whole)["outputs"]["counts"][:reached]
    verified(bench, stopped)
    ended = bench.run(bench.kernel.resume(stopped, ResumeLimits(max_shots=0)))
    assert ended.state is JobState.DONE
    assert ended.outputs == whole.outputs
    assert ended.metadata["shots_used"] == 1200


def test_a_cancelled_sweep_has_the_points_it_reached(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen.kernel.effects.control import RunControl

    job_id = bench.submit("turned")
    told = RunControl.point

    def point(self: RunControl, done: int, *, of: int) -> None:
        told(self, done, of=of)
        if done == 4:
            bench.ports.jobs.request_cancel(job_id)
            self._lease._next_poll = 0.0

    monkeypatch.setattr(RunControl, "point", point)
    found = bench.run(job_id)
    assert found.state is JobState.CANCELLED
    assert table(found)["done"] == 4
    monkeypatch.undo()
    ended = bench.run(bench.kernel.resume(job_id))
    assert ended.outputs == bench.run(bench.submit("turned")).outputs


def test_time_runs_out_between_two_points(bench: Bench) -> None:
    found = bench.run(bench.submit("turned", timeout=Timeout(execution_seconds=1e-9)))
    assert found.state is JobState.TIMEOUT
    assert table(found)["done"] == 0


def test_a_replay_agrees_point_by_point(bench: Bench) -> None:
    first = bench.submit("turned")
    bench.run(first)
    again = bench.run(bench.kernel.replay(first))
    assert again.metadata["replay"]["verdict"] == "identical"


def test_progress_tells_of_points(bench: Bench) -> None:
    job_id = bench.submit("turned")
    bench.run(job_id)
    told = [event for event in bench.kernel.events(job_id) if event.stage == "sweep"]
    assert told
    assert told[0].data == {"done": 1, "points": 12}
    assert told[0].message == "1 of 12 points"
    assert told[0].progress == pytest.approx(1 / 12)


def test_other_engines_are_held_against_each_other_point_by_point(house_of_sweeps: Bench) -> None:
    bench = house_of_sweeps
    sweep = Sweep({"theta": {"start": 0.0, "stop": 3.0, "num": 5}})
    ours = bench.kernel.results(_done(bench, SAMPLED, sweep, target="sim:statevector"))
    theirs = bench.kernel.results(_done(bench, SAMPLED, sweep, target="sim:mps"))
    found = agreement(ours, theirs)
    assert (found["verdict"], "5 circuits" in str(found["detail"])) == ("agrees", True)
    other = bench.kernel.results(_done(bench, SAMPLED, Sweep({"theta": [0.0, 0.7, 3.0, 0.1, 3.0]}), target="sim:mps"))
    found = agreement(ours, other)
    assert found["verdict"] == "differs"
    assert "point 3" in str(found["detail"])
    faults = agreement(ours, replace(other, metadata=ours.metadata))
    assert "first at point" in str(faults["detail"])


def _done(bench: Bench, source: str, sweep: Sweep, **changes: Any) -> str:
    job_id = submit(bench, source, sweep, **changes)
    bench.run(job_id)
    return job_id


def test_shots_of_all_points_count_in_quotas(bench: Bench) -> None:
    row = bench.ports.jobs.get(bench.submit("turned", shots=50))
    assert row is not None
    assert row.shots == 12 * 50
