"""`modes:gaussian`: photonic programs that stay Gaussian, exactly, by means and covariances.

It prepares, squeezes, mixes, loses and displaces, measures quadratures and feeds outcomes forward. It counts no
photons.
"""

from __future__ import annotations

from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING

from eigen import _core
from eigen._core import Affine
from eigen.drivers.gaussian_state import GaussianState
from eigen.drivers.in_process import InProcessDriver, check_modes
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.ir.modes.modes import check_value
from eigen.types import Device, ModesWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir import Modes
    from eigen.ir.modes import ModeOperation
    from eigen.types import Json, Work

PREPARATIONS = ("VACUUM", "COHERENT", "SQUEEZED", "THERMAL")
GATES = ("ROTATE", "DISPLACE", "SQUEEZE", "TWO_MODE_SQUEEZE", "BEAMSPLITTER", "LOSS")
MEASUREMENTS = ("HOMODYNE", "HETERODYNE")
MOST_SQUEEZED = 8.0
"""In nepers, about 70 dB: beyond it doubles lose the small variances beside the large ones."""
MOST_WORK = 2_000_000_000
"""Numbers that the shots of one run may touch, where an operation waits for outcomes and each shot is run by itself."""
GAUSSIAN = Device(
    id="modes:gaussian",
    name="Gaussian states of modes",
    backend_type="simulator",
    num_qubits=128,
    gates=(*PREPARATIONS, *GATES, *MEASUREMENTS),
    features=frozenset({"modes", "dynamic", "exact", "expectation", "seed", "deduplicates"}),
    max_shots=1_000_000,
    properties={
        "engine": "gaussian",
        "precision": "f64",
        "options": [],
        "observables": ["photons", "quadrature", "variance"],
        "default": True,
        "version": _core.__version__,
    },
)


class GaussianDriver(InProcessDriver):
    """The QDriver of `modes:gaussian`. It takes no configuration and no options."""

    name = "modes"
    version = _core.__version__

    def __init__(self) -> None:
        super().__init__()
        self.devices = (GAUSSIAN,)

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Refuse every key."""
        refuse_unknown(config, (), where=self.name)

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run the work here and now."""
        self.known(device_id)
        refuse_unknown(work.options, (), where=device_id)
        if not isinstance(work, ModesWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` has modes, and runs no circuits of qubits")
        check_modes(GAUSSIAN, work)
        started = perf_counter()
        bound = dict(zip(work.modes.parameters, work.values, strict=True))
        series = samples = None
        if work.shots is None:
            series = _observed(work.modes, bound)
        elif work.modes.is_dynamic:
            samples = _followed(work.modes, bound, work.shots, work.seed)
        else:
            samples = _drawn(work.modes, bound, work.shots, work.seed)
        return WorkResult(
            series=series,
            samples=samples,
            execution_time_sec=perf_counter() - started,
            metadata={"engine": "gaussian", "version": self.version, "precision": "f64", "seed": work.seed},
        )


def _observed(modes: Modes, bound: Mapping[str, float]) -> tuple[float, ...]:
    """The values of the observables in the final state."""
    state = GaussianState(modes.num_modes)
    for operation in modes.operations:
        _operate(state, operation, bound)
    found: list[float] = []
    for observable in modes.observables:
        if observable.kind == "photons":
            found.append(state.photons(observable.modes[0]))
            continue
        part = state.along(observable.modes[0], observable.phi)
        is_mean = observable.kind == "quadrature"
        found.append(state.mean_of(part) if is_mean else state.covariance_of(part, part))
    return _finite(found)


def _drawn(modes: Modes, bound: Mapping[str, float], shots: int, seed: int) -> tuple[float, ...]:
    """All shots at once. A mode that was measured is not touched again, so that everything can be measured at the end:
    what is measured is one vector, normally distributed."""
    state = GaussianState(modes.num_modes)
    parts: list[tuple[dict[int, float], float]] = []
    for operation in modes.operations:
        if operation.name in MEASUREMENTS:
            parts += _measured(state, operation, bound)
        else:
            _operate(state, operation, bound)
    means = [state.mean_of(part) for part, _ in parts]
    rows = [[state.covariance_of(left, right) for right, _ in parts] for left, _ in parts]
    for place, (_, noise) in enumerate(parts):
        rows[place][place] += noise
    factor = _cholesky(rows)
    normal = _core.Philox(seed).normal(shots * len(parts))
    found: list[float] = []
    for start in range(0, len(normal), len(parts)):
        drawn = normal[start : start + len(parts)]
        for mean, row in zip(means, factor, strict=True):
            found.append(mean + sum(a * b for a, b in zip(row, drawn, strict=False)))
    return _finite(found)


def _followed(modes: Modes, bound: Mapping[str, float], shots: int, seed: int) -> tuple[float, ...]:
    """Each shot by itself, from the first measurement on."""
    size = 4 * modes.num_modes**2
    if size * len(modes.operations) * shots > MOST_WORK:
        message = f"`{shots}` shots that wait for outcomes are more than `{GAUSSIAN.id}` follows"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="take fewer shots")
    first = next(k for k, operation in enumerate(modes.operations) if operation.name in MEASUREMENTS)
    start = GaussianState(modes.num_modes)
    for operation in modes.operations[:first]:
        _operate(start, operation, bound)
    normal = iter(_core.Philox(seed).normal(shots * len(modes.columns)))
    found: list[float] = []
    for _ in range(shots):
        state, known, row = start.copy(), dict(bound), list[float]()
        for operation in modes.operations[first:]:
            if operation.name not in MEASUREMENTS:
                _operate(state, operation, known)
                continue
            for part, noise in _measured(state, operation, known):
                spread = max(0.0, state.covariance_of(part, part) + noise)
                value = state.mean_of(part) + spread**0.5 * next(normal)
                if spread > 0.0:
                    state.condition(part, noise, value)
                known[f"#{len(row)}"] = value
                row.append(value)
        found += row
    return _finite(found)


def _measured(
    state: GaussianState, operation: ModeOperation, bound: Mapping[str, float]
) -> list[tuple[dict[int, float], float]]:
    """The combinations of quadratures that are measured, and the variance of the noise that comes with each. Heterodyne
    detection halves the mode with a vacuum: of alpha = (x + i p) / 2, each part has the vacuum's 1/4 besides."""
    (mode,) = operation.modes
    if operation.name == "HETERODYNE":
        return [({2 * mode: 0.5}, 0.25), ({2 * mode + 1: 0.5}, 0.25)]
    return [(state.along(mode, _values(operation, bound)["phi"]), 0.0)]


def _operate(state: GaussianState, operation: ModeOperation, bound: Mapping[str, float]) -> None:
    params = _values(operation, bound)
    if abs(params.get("r", 0.0)) > MOST_SQUEEZED and "SQUEEZE" in operation.name:
        message = f"`r` of `{operation.name}` is at most {MOST_SQUEEZED:g} on `{GAUSSIAN.id}`, not `{params['r']:g}`"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)
    state.operate(operation.name, operation.modes, params)


def _values(operation: ModeOperation, bound: Mapping[str, float]) -> dict[str, float]:
    found = {
        name: value.value(bound) if isinstance(value, Affine) else value for name, value in operation.params.items()
    }
    for name, value in found.items():
        check_value(operation.name, name, value)
    return found


def _cholesky(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """The lower triangle L of L L^T; what has no variance left gets zeros."""
    found: list[list[float]] = []
    for place, row in enumerate(rows):
        line: list[float] = []
        for column in range(place):
            other = found[column]
            rest = row[column] - sum(a * b for a, b in zip(line, other, strict=False))
            line.append(rest / other[column] if other[column] else 0.0)
        rest = row[place] - sum(a * a for a in line)
        line.append(rest**0.5 if rest > 1e-14 * row[place] else 0.0)
        found.append(line)
    return found


def _finite(values: list[float]) -> tuple[float, ...]:
    if not all(map(isfinite, values)):
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"the state is too large for the numbers of `{GAUSSIAN.id}`")
    return tuple(values)
