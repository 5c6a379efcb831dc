"""Noise models: each channel by its own formula, on the gates that the device runs; readout errors; refusal by name."""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance import oracle
from eigen.conformance.check import NIELSEN_CHUANG, BrokenError, Check, InapplicableError
from eigen.conformance.subject import OPTION, UNSUPPORTED, builder
from eigen.errors import EigenError
from eigen.ir import Observable
from eigen.types import ExpectationWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.conformance.oracle import Array
    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "noise"
NEEDS = frozenset({"noise"})
SHOTS = 20_000
PAULI_MODELS = ("depolarizing(0.2)", "bit_flip(0.15)", "phase_flip(0.3)", "pauli(0.05, 0.1, 0.2)")
DAMPING_MODELS = ("amplitude_damping(0.35)", "phase_damping(0.4)")


def channel(model: str) -> list[Array]:
    """The Kraus operators of a named noise on one qubit."""
    import numpy as np

    name, _, rest = model.partition("(")
    given = [float(part) for part in rest.rstrip(")").split(",")]
    if name == "amplitude_damping":
        found = [[[1, 0], [0, sqrt(1 - given[0])]], [[0, sqrt(given[0])], [0, 0]]]
    elif name == "phase_damping":
        found = [[[1, 0], [0, sqrt(1 - given[0])]], [[0, 0], [0, sqrt(given[0])]]]
    else:
        share = given[0]
        weights = {"depolarizing": [share / 3] * 3, "bit_flip": [share, 0, 0], "phase_flip": [0, 0, share]}
        letters = weights.get(name, given)
        every = zip([1 - sum(letters), *letters], "IXYZ", strict=True)
        return [sqrt(weight) * np.array(_core.gate_matrix(letter), np.complex128) for weight, letter in every]
    return [np.array(rows, dtype=np.complex128) for rows in found]


def noisy(circuit: Circuit, model: str) -> Array:
    """The density matrix after a circuit without measurements, with the channel after each gate on each of its
    qubits, as the guide on noise says."""
    import numpy as np

    size = 1 << circuit.num_qubits
    rho = np.zeros((size, size), dtype=complex)
    rho[0, 0] = 1.0
    for item in circuit.instructions():
        if item.name in {"BARRIER", "DELAY", "GPHASE"}:
            continue
        rho = _sides(rho, oracle.matrix_of(item), item.qubits)
        for qubit in item.qubits:
            rho = sum((_sides(rho, kraus, (qubit,)) for kraus in channel(model)), np.zeros_like(rho))
    return rho


def _sides(rho: Array, matrix: Array, qubits: Sequence[int]) -> Array:
    """matrix rho matrix^dagger."""
    import numpy as np

    left = np.array([oracle.applied(column, matrix, qubits) for column in rho.T]).T
    return np.array([oracle.applied(row, matrix.conj(), qubits) for row in left])


def _circuit(subject: Subject) -> Circuit:
    build = builder(2)
    build.gate("H", [0])
    build.gate("CX", [0, 1])
    build.gate("S", [1])
    build.gate("RX", [0], [pi / 2 if subject.is_clifford else 0.7])
    build.gate("H", [1])
    return build.build()


def _channels(subject: Subject, models: Sequence[str]) -> str:
    circuit = _circuit(subject)
    lowered = subject.lower(circuit).circuit
    if lowered.num_qubits > 4:
        raise InapplicableError("lowered circuits are too wide for the reference")
    done = 0
    for model in models:
        rho = noisy(lowered, model)
        asked = [_answered(lambda: _counts(subject, lowered, model, rho))]  # noqa: B023
        if subject.is_exact:
            asked.append(_answered(lambda: _exact(subject, lowered, model, rho)))  # noqa: B023
        done += any(asked)
    if not done:
        raise BrokenError(f"it declares `noise` and refuses {', '.join(models)}, in counts and in exact values")
    return f"{done} of {len(models)} models" if done < len(models) else ""


def _answered(ask: Callable[[], None]) -> bool:
    """Whether a model is taken: a device may take some, or take them in counts or in exact values alone."""
    try:
        ask()
    except EigenError as error:
        if error.code not in UNSUPPORTED:
            raise
        return False
    return True


def _counts(subject: Subject, lowered: Circuit, model: str, rho: Array) -> None:
    width = lowered.num_qubits
    build = builder(width, width)
    build.append(lowered, range(width))
    build.measure(range(width), range(width))
    expected = oracle.read_out(rho.diagonal().real.tolist(), {qubit: qubit for qubit in range(width)}, width)
    counts = subject.ask(SampleWork(build.build(), (), SHOTS, 9, {"noise_model": model})).counts
    if counts is None:
        raise BrokenError("no counts came for shots")
    subject.compare(counts.to_dict(), expected, what=model)


def _exact(subject: Subject, lowered: Circuit, model: str, rho: Array) -> None:
    for label in ("Z0", "X1", "Y0 Z1"):
        observable = Observable.from_terms(lowered.num_qubits, [(label, 1.0)])
        exact = float((rho @ observable.matrix()).trace().real)
        found = subject.ask(ExpectationWork(lowered, (), observable, None, 1, {"noise_model": model})).value
        subject.close(found, exact, 1.0, f"{model}: <{label}>")


def _samples(subject: Subject) -> bool:
    """Whether it gives counts with noise: a device may take it in exact values alone."""
    build = builder(1, 1)
    build.gate("X", [0])
    build.measure([0], [0])
    try:
        subject.ask(SampleWork(subject.lower(build.build()).circuit, (), 1, 1, {"noise_model": "bit_flip(0.1)"}))
    except EigenError as error:
        if error.code != "EIGEN_SIM_UNSUPPORTED" or not subject.is_exact:
            raise
        return False
    return True


def pauli_channels(subject: Subject) -> str:
    return _channels(subject, PAULI_MODELS)


def damping_channels(subject: Subject) -> str:
    if subject.is_clifford:
        work = SampleWork(_flipped(subject), (), 10, 1, {"noise_model": DAMPING_MODELS[0]})
        raise InapplicableError(subject.refusal(work, what="a channel that is no mixture of Pauli strings").message)
    return _channels(subject, DAMPING_MODELS)


def _flipped(subject: Subject) -> Circuit:
    build = builder(2, 2)
    build.gate("X", [0])
    build.measure([0, 1], [0, 1])
    return subject.lower(build.build()).circuit


def readout(subject: Subject) -> str:
    if not _samples(subject):
        raise InapplicableError("it takes noise in exact values alone")
    circuit = _flipped(subject)
    certain = subject.ask(SampleWork(circuit, (), 20, 1, {"noise_model": "readout(1.0)"})).counts
    if certain is None or certain.to_dict() != {"10": 20}:
        raise BrokenError(f"with readout(1.0) every bit is the other one: `10`, got {certain and certain.to_dict()}")
    for zero, one in ((0.1, 0.3), (0.2, 0.2)):
        model = f"readout({zero}, {one})"
        try:
            found = subject.ask(SampleWork(circuit, (), SHOTS, 4, {"noise_model": model}))
        except EigenError as error:
            if error.code not in UNSUPPORTED or zero == one:
                raise
            continue
        expected = {"01": (1 - one) * (1 - zero), "00": one * (1 - zero), "11": (1 - one) * zero, "10": one * zero}
        subject.compare(found.counts.to_dict() if found.counts else {}, expected, what=model)
        if found.metadata.get("noise_model") != model:
            raise BrokenError(f"the metadata do not tell the noise model, but {found.metadata.get('noise_model')}")
        return "" if zero != one else "errors that are the same for 0 and 1 alone"
    return ""


def wrong_models(subject: Subject) -> str:
    for model in ("readout(1.5)", "no_such_noise(0.1)"):
        work = SampleWork(_flipped(subject), (), 5, 1, {"noise_model": model})
        subject.refusal(work, "EIGEN_NOISE_INVALID", what=f"the noise model `{model}`")
    return ""


def refused(subject: Subject) -> str:
    work = SampleWork(_flipped(subject), (), 20, 1, {"noise_model": "readout(1.0)"})
    return subject.refusal(work, *OPTION, naming="noise_model", what="a noise model").message


CHECKS = (
    Check("pauli_channels", NOUN, "channels of Pauli strings after each gate", pauli_channels, NEEDS, refused,
          NIELSEN_CHUANG),
    Check("damping_channels", NOUN, "damping of amplitudes and phases after each gate", damping_channels, NEEDS,
          refused, NIELSEN_CHUANG),
    Check("readout_errors", NOUN, "errors of readout, different for 0 and 1, told in the metadata", readout, NEEDS,
          refused),
    Check("wrong_models", NOUN, "a noise model that is none is refused", wrong_models, NEEDS, refused),
)  # fmt: skip
