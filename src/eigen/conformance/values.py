"""Expectation values, probabilities, gradients and evolutions against exact values."""

from __future__ import annotations

from math import cos, exp, pi, sin, sqrt
from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance import oracle
from eigen.conformance.check import NIELSEN_CHUANG, BrokenError, Check, InapplicableError, RefusalError
from eigen.conformance.statistics import SIGMAS
from eigen.conformance.subject import UNSUPPORTED, builder
from eigen.errors import EigenError
from eigen.ir import Evolution, Observable
from eigen.types import EvolutionWork, ExpectationWork, GradientWork, ProbabilityWork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "values"
EXACT = frozenset({"expectation", "exact"})
TERMS = [("", 0.25), ("Z0", 0.5), ("Z0 Z2", -1.5), ("X1", 2.0), ("Y0 X1", 0.75), ("Y0 Y1 Z2", -0.6), ("X2 Z1", 1.1)]
ANGLES = (0.4, 1.1, -0.7)


def prepared(subject: Subject) -> tuple[Circuit, tuple[float, ...]]:
    """An entangled state of three qubits that no exchange of them leaves as it is, and its values."""
    build = builder(3)
    build.gate("RX", [0], ["a"])
    build.gate("RY", [1], ["b"])
    build.gate("CX", [0, 1])
    build.gate("RX", [2], [_core.Affine.symbol("c") * 2.0 + 0.3])
    build.gate("CX", [2, 0])
    circuit = build.build()
    if subject.can(circuit, ANGLES):
        return circuit, ANGLES
    build = builder(3)
    for name, qubits in (("H", [0]), ("CX", [0, 1]), ("S", [1]), ("X", [2]), ("H", [2]), ("S", [2])):
        build.gate(name, qubits)
    if subject.can(build.build()):
        return build.build(), ()
    build = builder(3)
    build.gate("X", [2])
    return build.build(), ()


def _bare(subject: Subject) -> tuple[Circuit, tuple[float, ...]]:
    circuit, values = prepared(subject)
    return subject.lower(circuit, values).circuit, values


def expectation(subject: Subject) -> str:
    circuit, values = prepared(subject)
    for label, weight in TERMS:
        subject.exact(circuit, Observable.from_terms(3, [(label, weight)]), values, what=f"<{label or 'I'}>")
    subject.exact(circuit, Observable.from_terms(3, TERMS), values, what="a sum of Pauli strings")
    return ""


def expectation_refused(subject: Subject) -> str:
    circuit, values = _bare(subject)
    observable = Observable.from_terms(3, TERMS)
    work = ExpectationWork(circuit, values, observable, None, 1)
    return subject.refusal(work, *UNSUPPORTED, what="an exact expectation value").message


def estimate(subject: Subject) -> str:
    circuit, values = prepared(subject)
    observable = Observable.from_terms(3, TERMS)
    expected = oracle.expectation(circuit, observable, values)
    found = subject.expectation(circuit, observable, values, shots=8000)
    if subject.is_noisy:
        return "it makes errors, so the value is not compared"
    subject.within(found, expected, "a sum of Pauli strings")
    spread = sum(abs(weight) for label, weight in TERMS if label)
    if found.standard_error is not None and found.standard_error > 5 * spread / sqrt(8000):
        raise BrokenError(f"the standard error {found.standard_error:.3g} is larger than 8000 shots can leave")
    return ""


def estimate_refused(subject: Subject) -> str:
    circuit, values = _bare(subject)
    observable = Observable.from_terms(3, TERMS)
    work = ExpectationWork(circuit, values, observable, 100, 1)
    return subject.refusal(work, *UNSUPPORTED, what="an estimate of an expectation value").message


def probability(subject: Subject) -> str:
    circuit, values = prepared(subject)
    state, _ = oracle.run(circuit, values)
    total = 0.0
    for index, weight in enumerate((abs(state) ** 2).tolist()):
        found = subject.probability(circuit, f"{index:03b}", values).value
        subject.close(found, weight, 1.0, f"the probability of `{index:03b}`")
        total += found or 0.0
    subject.close(total, 1.0, 8.0, "the sum of all probabilities")
    return ""


def probability_refused(subject: Subject) -> str:
    circuit, values = _bare(subject)
    work = ProbabilityWork(circuit, values, "0" * circuit.num_qubits, None, 1)
    return subject.refusal(work, *UNSUPPORTED, what="an exact probability").message


def gradient(subject: Subject) -> str:
    circuit, values = prepared(subject)
    if not circuit.parameters:
        raise InapplicableError("its gates turn by no parameter")
    observable = Observable.from_terms(3, TERMS)
    found = subject.gradient(circuit, observable, values)
    scale = sum(abs(weight) for _, weight in observable.terms)
    subject.close(found.value, oracle.expectation(circuit, observable, values), scale, "the value beside the gradient")
    if found.gradient is None or len(found.gradient) != len(values):
        raise BrokenError(f"{len(values)} parameters have as many derivatives, got {found.gradient}")
    for place, slope in enumerate(found.gradient):
        subject.close(slope, slope_of(circuit, observable, values, place), 10 * scale, f"derivative {place + 1}")
    return ""


def shared_gradient(subject: Subject) -> str:
    """A parameter that turns several gates, by different factors, and one without effect on the observable."""
    t = _core.Affine.symbol("t")
    build = builder(2)
    build.gate("RX", [0], [t])
    build.gate("RX", [0], [t * -3.0 + 0.2])
    build.gate("RY", [1], ["u"])
    circuit = build.build()
    values = (0.37, 0.9)
    found = subject.gradient(circuit, Observable.from_terms(2, [("Z0", 1.0)]), values)
    if found.gradient is None or len(found.gradient) != 2:
        raise BrokenError(f"two parameters have two derivatives, got {found.gradient}")
    subject.close(found.gradient[0], 2 * sin(-2 * 0.37 + 0.2), 10.0, "the derivative by a shared parameter")
    subject.close(found.gradient[1], 0.0, 10.0, "the derivative by a parameter without effect")
    return ""


def slope_of(circuit: Circuit, observable: Observable, values: Sequence[float], place: int) -> float:
    """A derivative by differences of sixth order, exact to about 1e-12."""
    step = 0.02
    total = 0.0
    for weight, times in ((3 / 4, 1), (-3 / 20, 2), (1 / 60, 3)):
        for sign in (1, -1):
            moved = [value + sign * times * step * (k == place) for k, value in enumerate(values)]
            total += sign * weight * oracle.expectation(circuit, observable, moved)
    return total / step


def gradient_refused(subject: Subject) -> str:
    circuit, values = _bare(subject)
    work = GradientWork(circuit, values, Observable.from_terms(3, TERMS))
    return subject.refusal(work, *UNSUPPORTED, what="a gradient").message


def wide_observable(subject: Subject) -> str:
    circuit, values = _bare(subject)
    wide = Observable.from_terms(circuit.num_qubits + 1, [(f"Z{circuit.num_qubits}", 1.0)])
    work = ExpectationWork(circuit, values, wide, None, 1)
    subject.refusal(work, *UNSUPPORTED, what="an observable wider than its circuit")
    return ""


def no_final_state(subject: Subject) -> str:
    """A device that keeps mixed states may answer, and then with the average over the outcomes."""
    build = builder(1, 1)
    build.gate("H", [0])
    build.measure([0], [0])
    circuit = subject.lower(build.build()).circuit
    work = ExpectationWork(circuit, (), Observable.from_terms(circuit.num_qubits, [("X0", 1.0)]), None, 1)
    try:
        value = subject.ask(work).value
    except EigenError as error:
        if error.code not in UNSUPPORTED:
            raise
        return ""
    subject.close(value, 0.0, 1.0, "<X> after a measurement of Z")
    return "it answers with the average over the outcomes"


def _series(
    subject: Subject,
    evolution: Evolution,
    values: Sequence[float],
    expected: Sequence[float],
    *,
    optional: bool = False,
) -> None:
    """The series is the expected one; where that is `optional`, a device may refuse the evolution."""
    try:
        found = subject.ask(EvolutionWork(evolution, tuple(values), None, 3))
    except EigenError as error:
        if not optional or error.code not in UNSUPPORTED:
            raise
        raise RefusalError(error.message) from error
    if found.series is None or len(found.series) != len(expected):
        raise BrokenError(f"{len(expected)} values of observables are expected, got {found.series}")
    errors = found.series_errors or [0.0] * len(expected)
    for place, (value, wanted, error) in enumerate(zip(found.series, expected, errors, strict=True)):
        subject.comparisons += error > 0.0
        if not abs(value - wanted) <= SIGMAS * error + 1e-5:
            raise BrokenError(f"value {place + 1} of the series is {wanted:.8g}, got {value:.8g}")


def evolution(subject: Subject) -> str:
    """Rabi oscillations with an open rate, and two qubits that the terms tell apart."""
    z = Observable.pauli("Z")
    rabi = Evolution([("X0", "rate")], 1.0, times=[0.0, 0.5, 1.0], observables=[z], num_qubits=1)
    for rate in (pi / 2, 0.3):
        _series(subject, rabi, [rate], [cos(2 * rate * time) for time in (0.0, 0.5, 1.0)])
    terms = [("Z0 Z1", 0.7), ("X0", 0.9), ("Y1", -0.4), ("Z1", 0.2)]
    seen = [Observable.from_terms(2, [(label, 1.0)]) for label in ("Z0", "Z1", "X0", "Y0 Z1")]
    pair = Evolution(terms, 1.3, observables=seen, initial="01", num_qubits=2)
    _series(subject, pair, [], _dense(terms, 1.3, seen))
    return ""


def _dense(terms: Sequence[tuple[str, float]], time: float, seen: Sequence[Observable]) -> list[float]:
    """Values after exp(-i H t) on |01>, from the eigenvectors of H."""
    import numpy as np

    energies, vectors = np.linalg.eigh(Observable.from_terms(2, list(terms)).matrix())
    state = vectors @ (np.exp(-1j * energies * time) * vectors.conj().T[:, 1])
    return [float(np.vdot(state, one.matrix() @ state).real) for one in seen]


def driven_evolution(subject: Subject) -> str:
    """A phase that a drive g cos(w t) Z turns: <X> is cos(2 g sin(w t) / w)."""
    build = builder(1)
    build.gate("H", [0])
    drive = _core.Coefficient.cos(2.0) * 1.3
    asked = Evolution(
        [("Z0", drive)], 2.0, times=[1.0, 2.0], observables=[Observable.pauli("X")], initial=build.build(), num_qubits=1
    )
    _series(subject, asked, [], [cos(1.3 * sin(2.0 * time)) for time in (1.0, 2.0)], optional=True)
    return ""


def damped_evolution(subject: Subject) -> str:
    """An excited qubit decays: <Z> is 1 - 2 exp(-rate t). A device that says `closed_only` must refuse it."""
    times = [0.0, 0.7, 2.0]
    asked = Evolution(
        [("Z0", 0.5)],
        2.0,
        times=times,
        observables=[Observable.pauli("Z")],
        initial="1",
        collapse=[("S-0", 0.8)],
        num_qubits=1,
    )
    if subject.device.properties.get("closed_only") is True:
        message = subject.refusal(EvolutionWork(asked, (), None, 3), *UNSUPPORTED, what="collapse operators").message
        raise RefusalError(message)
    _series(subject, asked, [], [1 - 2 * exp(-0.8 * time) for time in times])
    return ""


def evolution_counts(subject: Subject) -> str:
    flip = Evolution([("X0", pi / 2)], 1.0, num_qubits=2)
    found = subject.ask(EvolutionWork(flip, (), 100, 3)).counts
    if found is None or found.to_dict() != {"01": 100}:
        raise BrokenError(f"every shot of the final state must give `01`, got {found and found.to_dict()}")
    return ""


def evolution_refused(subject: Subject) -> str:
    asked = Evolution([("X0", 1.0)], 1.0, observables=[Observable.pauli("Z")], num_qubits=1)
    return subject.refusal(EvolutionWork(asked, (), None, 0), *UNSUPPORTED, what="time evolution").message


EXPECTATION, GRADIENT, EVOLUTION = frozenset({"expectation"}), EXACT | {"gradient"}, frozenset({"evolution"})
LINDBLAD = "Lindblad, Communications in Mathematical Physics 48 (1976)"
CHECKS = (
    Check("expectation", NOUN, "exact expectation values of Pauli strings and their sums", expectation, EXACT,
          expectation_refused, NIELSEN_CHUANG),
    Check("estimate", NOUN, "estimates from shots lie within their standard errors", estimate, EXPECTATION,
          estimate_refused),
    Check("probability", NOUN, "exact probabilities of outcomes of all qubits", probability, frozenset({"exact"}),
          probability_refused, NIELSEN_CHUANG),
    Check("gradient", NOUN, "exact gradients", gradient, GRADIENT, gradient_refused),
    Check("shared_gradient", NOUN, "the gradient by a parameter in several angles, and by one without effect",
          shared_gradient, GRADIENT, gradient_refused),
    Check("wide_observable", NOUN, "an observable wider than its circuit is refused", wide_observable, EXACT),
    Check("no_final_state", NOUN, "an exact value after a measurement is refused, or is the average", no_final_state,
          EXACT),
    Check("evolution", NOUN, "time evolution under Hamiltonians, with open parameters", evolution, EVOLUTION,
          evolution_refused, NIELSEN_CHUANG, circuits=False),
    Check("driven_evolution", NOUN, "coefficients that depend on time", driven_evolution, EVOLUTION,
          evolution_refused, circuits=False),
    Check("damped_evolution", NOUN, "collapse operators", damped_evolution, EVOLUTION, evolution_refused, LINDBLAD,
          circuits=False),
    Check("evolution_counts", NOUN, "shots of the state at the end of an evolution", evolution_counts, EVOLUTION,
          evolution_refused, circuits=False),
)  # fmt: skip
