"""The recorded evaluations against exact physics: counts by a test, values within a tolerance, on small circuits.

Everything is computed again from the logical circuits by the state-vector engine, whatever ran them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir import CircuitBuilder
from eigen.ir.ordered import ordered_sum
from eigen.kernel.resolved import work_options
from eigen.kernel.split import FAILED
from eigen.kernel.statistics import FALSE_ALARM, Tested, alike, fits, widest_error
from eigen.types import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir import Circuit, Observable
    from eigen.kernel.verification.evidence import Evidence
    from eigen.kernel.verification.rerun import Asked, Asks

NAME = "physics"
MAX_QUBITS = 20
MAX_NOISY_QUBITS = 8
MAX_WORK = 1 << 31
"""Amplitudes times operations, over all evaluations: seconds. Of more evaluations an even choice is checked."""

TOLERANCES = {"f64": 1e-9, "f32": 1e-4}
"""By the precision of the engine that ran, times one and the weight of the observable."""

SMALL_TRUNCATION = 1e-12


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for all evaluations of a job: the circuits and observables by digest, the noise that was asked for,
    the tolerance of exact values, whether gradients were exact too, and the false alarms that one test may raise."""

    circuits: dict[str, Circuit]
    observables: dict[str, Observable]
    noise: str | None
    tolerance: float
    exact_slopes: bool
    false_alarm: float


def check_physics(evidence: Evidence, asks: Asks | None) -> Check:
    """Every recorded evaluation, or as many as the time allows."""
    if asks is None or not asks.evaluations:
        return Check(NAME, Verdict.NOT_CHECKED, "no evaluations are recorded")
    why = _unfit(evidence)
    if why:
        return Check(NAME, Verdict.NOT_CHECKED, why)
    chosen, skipped = _choose(asks)
    frame = _frame(evidence, asks, max(1, len(chosen)))
    faults: list[str] = []
    made = 0
    for number, asked in chosen:
        try:
            found = _check(frame, asked, number)
        except _core.CoreError as error:
            reason = f"cannot be computed again ({error.code})"
            skipped[reason] = skipped.get(reason, 0) + 1
            continue
        made += found is not None
        if found:
            faults.append(f"evaluation {number}: {found}")
    left_out = "; ".join(f"{count} {reason}" for reason, count in sorted(skipped.items()))
    if not made:
        return Check(
            NAME, Verdict.NOT_CHECKED, f"of {len(asks.evaluations)} evaluations {left_out or 'none is checked'}"
        )
    detail = (
        f"{made} of {len(asks.evaluations)} evaluations agree with exact values: counts by a G-test that is wrong about"
        f" a right job less than once in {1 / FALSE_ALARM:,.0f}, exact values within {frame.tolerance:g}"
    )
    return Check.of(NAME, faults, detail + (f"; not checked: {left_out}" if left_out else ""))


def _unfit(evidence: Evidence) -> str:
    """Why the physics of this job cannot be said to be that of its circuits; empty when it can."""
    kind = evidence.run.get("backend_type", "simulator")
    if kind != "simulator":
        return f"the device is {kind}: what its noise does to a circuit is not known exactly"
    for engine in evidence.engines:
        for name, value in engine.items():
            loose = "truncation" in name or "infidelity" in name
            if loose and isinstance(value, float) and value > SMALL_TRUNCATION:
                return f"the engine approximates: its `{name}` is {value:g}"
    return ""


def _choose(asks: Asks) -> tuple[list[tuple[int, Asked]], dict[str, int]]:
    """The evaluations that are small enough, evenly thinned to the work that is allowed; and how many are not."""
    sizes = {circuit.digest: circuit for circuit in asks.program.circuits}
    noisy = work_options(asks.spec, asks.program).get("noise_model") is not None
    fit: list[tuple[int, Asked, int]] = []
    skipped: dict[str, int] = {}
    for number, asked in enumerate(asks.evaluations):
        circuit = sizes.get(str(asked.request.get("circuit")))
        width = 0 if circuit is None else circuit.num_qubits * (2 if noisy else 1)
        reason = ""
        if circuit is None:
            reason = "are time evolutions or photonic programs"
        elif circuit.num_qubits > (MAX_NOISY_QUBITS if noisy else MAX_QUBITS):
            reason = f"are wider than {MAX_NOISY_QUBITS if noisy else MAX_QUBITS} qubits"
        elif noisy and asked.request["kind"] in {"gradient", "loop"}:
            reason = "are loops with noise"
        if reason or circuit is None:
            skipped[reason] = skipped.get(reason, 0) + 1
        else:
            fit.append((number, asked, (len(circuit) + 1) << width))
    total = sum(work for *_, work in fit)
    step = max(1, -(-total // MAX_WORK))
    chosen = [(number, asked) for number, asked, _ in fit[::step]]
    if len(fit) > len(chosen):
        skipped["for the time it takes"] = len(fit) - len(chosen)
    return chosen, skipped


def _frame(evidence: Evidence, asks: Asks, tests: int) -> Frame:
    single = any(engine.get("precision") == "f32" for engine in evidence.engines)
    noise: Any = work_options(asks.spec, asks.program).get("noise_model")
    return Frame(
        circuits={circuit.digest: circuit for circuit in asks.program.circuits},
        observables={observable.digest: observable for observable in asks.program.observables},
        noise=noise,
        tolerance=TOLERANCES["f32" if single else "f64"],
        exact_slopes="approximations" not in evidence.metadata,
        false_alarm=FALSE_ALARM / tests,
    )


def _check(frame: Frame, asked: Asked, number: int) -> str | None:
    """What is wrong with an evaluation; empty when nothing is, None when its kind is not checked."""
    request, answer = asked.request, asked.answer
    circuit = frame.circuits[request["circuit"]]
    values: Sequence[float] = request.get("values", ())
    match request["kind"]:
        case "run" if FAILED in answer:
            return None
        case "run":
            return _check_counts(frame, circuit, values, answer, number)
        case "gradient":
            observable = frame.observables[request["observable"]]
            exact, slopes = _plan(frame, circuit).gradient(values, observable)
            weight = ordered_sum(abs(weight) for label, weight in observable.terms if label)
            wrong = [
                _check_value(frame, told, slope, weight * len(circuit), None)
                for told, slope in zip(answer[1] if frame.exact_slopes else (), slopes, strict=False)
            ]
            return next(filter(None, [_check_value(frame, answer[0], exact, weight, None), *wrong]), "")
        case "expectation":
            observable = frame.observables[request["observable"]]
            exact = _plan(frame, circuit).expectation(values, [observable])[0]
            weight = ordered_sum(abs(weight) for label, weight in observable.terms if label)
            return _check_value(frame, answer[0], exact, weight, request.get("shots"))
        case "probability":
            exact = _plan(frame, circuit).probability(values, request["bits"])
            shots: int | None = request["shots"]
            if shots is None:
                return _check_value(frame, answer[0], exact, 1.0, None)
            hits = round(answer[0] * shots)
            return _failed(fits({1: hits, 0: shots - hits}, (1.0 - exact, exact)), frame)
        case "loop":
            observable = frame.observables[request["observable"]]
            best = _core.Search.resume(answer["search"]).best()
            if best is None:
                return None
            exact = _plan(frame, circuit).expectation(best[1], [observable])[0]
            weight = ordered_sum(abs(weight) for _, weight in observable.terms)
            scale, offset = request["scale"], request["offset"]
            return _check_value(frame, best[0], scale * exact + offset, abs(scale) * weight + abs(offset), None)
        case _:
            return None


def _check_value(frame: Frame, value: float, exact: float, weight: float, shots: int | None) -> str:
    """An exact value within the tolerance; one from shots within what chance allows."""
    bound = frame.tolerance * (1.0 + weight)
    if shots is not None:
        bound += widest_error(weight, shots, frame.false_alarm)
    if abs(value - exact) <= bound:
        return ""
    return f"the value is {value!r}, exact is {exact!r}, which is further than {bound:.3g}"


def _check_counts(frame: Frame, circuit: Circuit, values: Sequence[float], answer: Any, number: int) -> str:
    counts: dict[str, int] = answer["counts"]
    last = None if frame.noise is not None or circuit.is_dynamic or not circuit.is_flat else _final(circuit)
    if last is None:
        shots = sum(counts.values())
        again = _plan(frame, circuit).sample(values, shots=shots, seed=_core.derive_seed(shots, "verify", number))
        return _failed(alike(counts, again.to_dict()), frame)
    bare, measured = last
    qubits = sorted(set(measured.values()))
    place = {qubit: index for index, qubit in enumerate(qubits)}
    folded: dict[int, int] = {}
    for bits, count in counts.items():
        index = _index(bits, measured, place)
        if index is None:
            return f"the outcome `{bits}` cannot occur"
        folded[index] = folded.get(index, 0) + count
    probabilities = _plan(frame, bare).probabilities(values, qubits).tolist() if qubits else [1.0]
    return _failed(fits(folded, probabilities), frame)


def _index(bits: str, measured: dict[int, int], place: dict[str, int] | dict[int, int]) -> int | None:
    """The outcome of the measured qubits that a key stands for; None for a key that says two things of one qubit."""
    found: dict[int, str] = {}
    for bit, value in enumerate(reversed(bits)):
        qubit = measured.get(bit)
        if qubit is None:
            if value != "0":
                return None
        elif found.setdefault(qubit, value) != value:
            return None
    return sum(1 << place[qubit] for qubit, value in found.items() if value == "1")  # type: ignore[index]


def _final(circuit: Circuit) -> tuple[Circuit, dict[int, int]] | None:
    """The circuit before its last measurements, turned into their bases, and which qubit each classical bit measures;
    None when a qubit is measured in two ways."""
    bases: dict[int, str] = {}
    measured: dict[int, int] = {}
    for instruction in circuit.instructions():
        if instruction.name != "MEASURE":
            continue
        for qubit, bit in zip(instruction.qubits, instruction.clbits, strict=True):
            if bases.setdefault(qubit, instruction.basis) != instruction.basis:
                return None
            measured[bit] = qubit
    bare = circuit.without_measurements()
    builder = CircuitBuilder(bare.num_qubits, 0, parameters=list(bare.parameters))
    builder.append(bare, list(range(bare.num_qubits)))
    for qubit, basis in bases.items():
        if basis == "Y":
            builder.gate("SDG", [qubit])
        if basis in {"X", "Y"}:
            builder.gate("H", [qubit])
    return builder.build(), measured


def _plan(frame: Frame, circuit: Circuit) -> _core.Plan:
    if frame.noise is None:
        return _core.Plan(circuit)
    return _core.Plan(circuit, engine="density", options={"noise": frame.noise})


def _failed(tested: Tested, frame: Frame) -> str:
    if tested.p_value >= frame.false_alarm:
        return ""
    found = f"{tested.statistic:.4g} nats over {tested.bins} bins, p <= {tested.p_value:.3g}"
    return f"the counts do not fit the circuit: {found}"
