"""An evolution on a device without time evolution of its own: a product formula in its terms, on the record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from doubles.restricted import CHIP, RestrictedDriver
from eigen.compiler.lower import lower
from eigen.drivers.null import CLASSICAL
from eigen.errors import EigenError
from eigen.ir import Coefficient, Evolution, Observable, Propagation
from eigen.ir.program import Node, Program, Region
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.effects.formula import FormulaPlan
from eigen.kernel.effects.submission import Submission
from eigen.router.capability import refusal
from eigen.router.features import Features
from eigen.router.policy import POLICIES

TERMS = [("Z0 Z1", 1.0), ("X0", 0.7), ("X1", 0.7), ("Y2", 0.4), ("X1 Z2", 0.3)]


class Freely:
    """A lease that nothing ends."""

    def check(self) -> None:
        """Go on."""


OBSERVABLES = [Observable.from_terms(3, [("Z0", 1.0)]), Observable.from_terms(3, [("X1", 0.5), ("Z1 Z2", 1.0)])]


def evolution(**changes: object) -> Evolution:
    return Evolution(TERMS, 1.0, times=[0.4, 1.0], observables=OBSERVABLES, initial="010", **changes)  # type: ignore[arg-type]


def program(item: Evolution, shots: int | None = 1000) -> Program:
    node = Node("evolve", (), {"evolution": 0, "shots": shots}, "record:evolution")
    return Program((), (), Region((), (node,), (0,)), evolutions=(item,))


def test_a_chip_runs_a_product_formula_and_says_so() -> None:
    driver = RestrictedDriver()
    driver.initialize({})
    face = DeviceEngine(
        program(evolution()),
        CHIP,
        (),
        Submission(driver, CHIP, Freely(), name="job"),  # type: ignore[arg-type]
        lower=lower,
        level=1,
        options={},
    )
    result = face.evolve(0, (), 20_000, 7, settings={}, key="0")
    exact, _, _ = Propagation(evolution()).run()
    assert result.series is not None
    assert result.series_errors is not None
    off = np.abs(np.array(result.series) - exact.ravel())
    # Six standard errors (a chance of 4 in 10^9 each to fail) and what the formula itself may be off.
    assert np.all(off < 6 * np.array(result.series_errors) + 0.02 * 1.5)
    assert result.counts is not None
    assert result.counts.shots == 20_000
    (sentence,) = face.metadata()["approximations"]
    assert "product formula of order 2" in sentence
    assert "error is at most" in sentence


def test_steps_follow_from_the_bound() -> None:
    plan = FormulaPlan(evolution(), {})
    bound = evolution().formula_bound(order=2, steps=plan.steps)
    assert bound is not None
    assert bound <= 1e-2
    assert plan.steps == 1 or evolution().formula_bound(order=2, steps=plan.steps - 1) > 1e-2  # type: ignore[operator]
    driven = Evolution([("X0", Coefficient.cos(1.0))], 1.0, num_qubits=1)
    assert "not bounded" in FormulaPlan(driven, {}).sentence
    assert FormulaPlan(driven, {"method": "trotter", "order": 4, "steps": 3}).steps == 3


def test_what_has_no_formula_is_refused() -> None:
    with pytest.raises(EigenError) as caught:
        FormulaPlan(evolution(), {"method": "krylov"})
    assert caught.value.code == "EIGEN_DEVICE_OPTION"
    policy = next(iter(POLICIES.values()))
    noisy = Features.of(program(evolution(collapse=[("S-0", 0.1)])))
    plain = Features.of(program(evolution()))
    assert "collapse" in (refusal(noisy, CHIP, policy, named=True) or "")
    assert refusal(plain, CHIP, policy, named=True) is None
    classical = replace(CLASSICAL, num_qubits=5)
    assert "product formula" in (refusal(plain, classical, policy, named=True) or "")
    exactly = Features.of(program(evolution(), shots=None))
    assert "exact" in (refusal(exactly, CHIP, policy, named=True) or "")
