"""How often a program comes to its quantum stages: read off the program, held against what a run really did."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.compiler import compile_program
from eigen.errors import EigenError
from eigen.estimate.demand import demand_of
from eigen.estimate.evaluations import search_of
from eigen.ir.loops import MAX_EVALUATIONS, NATIVE
from eigen.ir.methods import METHODS, check_options
from eigen.ir.program import Node, Program, Region

LOOP = """
from eigen_lang import *

@hybrid_program(seed=3)
def main():
    ansatz = create_hea_ansatz(n_qubits=2, depth=1, rotations="ry")
    hamiltonian = create_ising_model_hamiltonian(n_spins=2, J=-1.0, h=0.7)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles{shots})

    return minimize(energy, [0.1] * ansatz.num_params, method="{method}", max_iter={iterations}).optimal_value
"""


def program(source: str) -> Program:
    return compile_program(source, filename="p.eigen.py").program


def loop(method: str, iterations: int, shots: str = "") -> Program:
    return program(LOOP.format(method=method, iterations=iterations, shots=shots))


def minimize(method: str, iterations: int, **attrs: object) -> Node:
    region = Region(("array",), (), (0,))
    return Node("minimize", (0,), {"method": method, "max_iter": iterations, **attrs}, "record:minimize", (region,))


@given(st.sampled_from(sorted(NATIVE)), st.integers(1, 6), st.integers(1, 12), st.integers(0, 2**32), st.booleans())
def test_no_search_of_the_core_asks_more_than_its_bound(
    method: str, size: int, iterations: int, seed: int, exact: bool
) -> None:
    """Answered at random, so that every way that a method can go is gone."""
    bound = search_of(minimize(method, iterations), size, None)
    row = METHODS[method]
    search = _core.Search(
        method, [0.1] * size, max_iter=iterations, options=check_options(row, None), seed=seed, exact=exact
    )
    asked = 0
    dice = _core.derive_seed
    while (question := search.question()) is not None:
        wants, points, _ = question
        asked += len(points)
        values = [math.sin(dice(seed, "value", asked, place) % 1000) for place in range(len(points))]
        slopes = [[math.cos(dice(seed, "slope", asked, i) % 1000) for i in range(size)] for _ in points]
        try:
            search.tell(values, slopes if wants != "value" else [])
        except _core.CoreError:
            break  # rotosolve finds out that the answers are no sinusoid
    assert asked <= bound.most


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_has_a_count_that_grows_with_its_iterations(method: str) -> None:
    few, many = (search_of(minimize(method, count), 3, None) for count in (5, 50))
    assert 5 <= few.usual <= few.most <= MAX_EVALUATIONS
    assert few.usual < many.usual


def test_the_job_caps_iterations_and_epochs() -> None:
    assert search_of(minimize("adam", 100), 3, 7).iterations == 7
    plan = {"count": 10, "size": 4, "epochs": 20}
    capped = search_of(minimize("sgd", 100, batches=plan), 3, 5)
    assert (capped.iterations, capped.batch) == (5, 4)
    assert 5 * 3 <= capped.most <= 5 * 3 + 2


def test_shots_of_a_loop_are_counted() -> None:
    found = demand_of(loop("spsa", 20, ", shots=200"), shots=1024)
    evaluations, most = found.evaluations
    assert evaluations >= 2 * 20
    assert found.shots == (200 * evaluations, 200 * most)


def test_exact_gradients_are_one_evaluation_and_differences_many() -> None:
    exact, sampled = (demand_of(loop("adam", 10, shots), shots=1024) for shots in ("", ", shots=100"))
    parameters = len(loop("adam", 10).circuits[0].parameters)
    assert exact.asks[0].slope
    assert not sampled.asks[0].slope
    assert sampled.evaluations[0] == exact.evaluations[0] * (2 * parameters + 1)
    assert "finite differences" in sampled.notes[0]


def test_what_a_loop_really_asks_is_within_the_bound(tmp_path: Path) -> None:
    import eigen

    source = tmp_path / "loop.eigen.py"
    for method in ("l-bfgs-b", "cobyla", "nelder-mead", "bfgs", "powell", "rotosolve", "spsa", "adam"):
        source.write_text(LOOP.format(method=method, iterations=6, shots=""))
        with eigen.connect(data_dir=tmp_path / "data") as client:
            ran = client.run(source)
        assert ran.metadata["evaluations"] <= demand_of(loop(method, 6), shots=1024).evaluations[1], method


ROWS = """
from eigen_lang import *

@hybrid_program
def main():
    circuit = create_hea_ansatz(n_qubits=2, depth=1, rotations="ry")
    ising = create_ising_model_hamiltonian(n_spins=2, J=-1.0, h=0.7)
    values = [ExpectationValue(circuit, ising, params=[0.1 * k] * circuit.num_params, shots=50) for k in range(4)]
    return sum(values)
"""


def test_stages_of_a_straight_program_are_counted_once_each() -> None:
    found = demand_of(program(ROWS), shots=1024)
    assert found.evaluations == (4, 4)
    assert found.shots == (200, 200)


def test_a_program_without_circuits_asks_nothing() -> None:
    found = demand_of(program("def main():\n    return 1 + 1\n"), shots=1024)
    assert found.asks == ()
    assert found.shots == (0, 0)


def test_the_shots_of_runs_without_their_own_are_the_jobs() -> None:
    source = "from eigen_lang import *\n\n@hybrid_program\ndef main():\n    q = QubitRegister(1)\n    h(q[0])\n"
    found = demand_of(program(source + "    return measure_all(q)\n"), shots=77)
    assert found.shots == (77, 77)


def test_a_method_that_is_none_is_refused() -> None:
    with pytest.raises((EigenError, ValueError)):
        search_of(minimize("magic", 3), 1, None)


def test_each_variant_of_a_sweep_counts_as_often_as_it_has_points() -> None:
    whole = loop("spsa", 3)
    once = demand_of(whole, shots=1)
    nodes = len(whole.body.nodes)
    plan = {"points": 7, "variants": [{"nodes": nodes, "points": 7}]}
    swept = demand_of(whole, shots=1, sweep=plan)
    assert swept.evaluations == tuple(7 * count for count in once.evaluations)
    assert "a sweep of 7 points" in swept.notes
