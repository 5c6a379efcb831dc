"""Seconds on engines of other makers, by the cost models that were measured on this host."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eigen.compiler import compile_program
from eigen.compiler.lower import lower
from eigen.estimate import estimate
from eigen.estimate.candidate import Candidate
from eigen.estimate.confidence import FITTED
from eigen.types import Device
from eigen.types.cost_model import PROPERTY, TERMS, CostModel

SOURCE = """
from eigen_lang import *

@hybrid_program(seed=3)
def main():
    ansatz = create_hea_ansatz(n_qubits=2, depth=1, rotations="ry")
    hamiltonian = create_ising_model_hamiltonian(n_spins=2, J=-1.0, h=0.7)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles{shots})

    return minimize(energy, [0.1] * ansatz.num_params, method="{method}", max_iter=10).optimal_value
"""
GATES, MEMBERS, GROUPS, EVALUATIONS = 3, 3, 2, 10
"""Two rotations and a CX; Z Z and two X, which are measured in two bases."""


def model(**weights: float) -> CostModel:
    return CostModel("qubits", tuple(weights.get(name, 0.0) for name in TERMS), 1.5, 12, 0.25, 1.0, "1", "2026-01-02")


def judged(
    known: CostModel, *, method: str = "cobyla", shots: str = "", gradient: bool = False, noise: str | None = None
) -> Candidate:
    features = {"exact", "expectation", "dynamic", "noise"} | ({"gradient"} if gradient else set())
    device = Device("toy:one", "toy", "simulator", 14, features=frozenset(features))
    device = replace(device, properties={PROPERTY: known.to_json()})
    program = compile_program(SOURCE.format(shots=shots, method=method), filename="p.eigen.py").program
    return estimate(program, [device], shots=100, lower=lower, noise=noise).candidates[0]


@pytest.mark.parametrize(
    ("weights", "shots", "once"),
    [
        ({"call": 1.0}, "", 1.0),
        ({"gate": 1.0}, "", GATES),
        ({"gate_state": 1.0}, "", 2 * GATES),
        ({"term": 1.0}, "", MEMBERS),
        ({"shot": 1.0}, "", 0.0),
        ({"call": 1.0}, ", shots=50", GROUPS),
        ({"shot": 1.0}, ", shots=50", 50.0),
        ({"term": 1.0}, ", shots=50", 0.0),
    ],
)
def test_an_evaluation_is_what_the_model_says(weights: dict[str, float], shots: str, once: float) -> None:
    found = judged(model(**weights), shots=shots)
    first = 0.25 * (GROUPS if shots else 1)
    assert found.seconds is not None
    assert found.seconds.usual == pytest.approx(first + EVALUATIONS * once)
    assert found.seconds.high == pytest.approx(found.seconds.usual * FITTED * 1.5)
    assert found.seconds.low == pytest.approx(found.seconds.usual / FITTED / 1.5)
    why = dict(found.why)["seconds"]
    assert "measured on this host at 2026-01-02 (version 1) up to 12 qubits, to within a factor of 1.5" in why
    assert "1 s to start its process come to it" in why


def test_a_gradient_is_by_the_adjoint_method_or_by_shifts() -> None:
    first = 0.25
    for gradient, factor in ((True, 4.0), (False, 5.0)):
        found = judged(model(call=1.0), method="adam", gradient=gradient).seconds
        assert found is not None
        assert found.usual == pytest.approx(first + factor * (EVALUATIONS + 1))


def test_what_was_not_measured_is_not_predicted() -> None:
    found = judged(model(call=1.0), noise="depolarizing(0.01)")
    assert found.seconds is None
    assert dict(found.why)["seconds"] == "what was measured on this host says nothing of noise"
