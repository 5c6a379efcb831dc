"""Strawberry Fields' simulators of modes of light: `photonic:gaussian`, `photonic:fock` and `photonic:bosonic`.

`photonic:fock` holds amplitudes of less than `cutoff` photons in each mode, and says how much of the state is left of
that. The bosonic simulator holds sums of Gaussians, and prepares what is not Gaussian at its beginning only. What is
asked of backends is hbar-free or in the convention hbar = 2, which is Strawberry Fields' own.
"""

# Strawberry Fields has hints for some of its names only, and is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false, reportUnusedExpression=false

from __future__ import annotations

import warnings
from copy import deepcopy
from importlib.metadata import version
from math import pi
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, Engine, RefusedError, Samples, Series
from eigen_driver.modes import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen_driver import ModeObservable, ModeOperation, RunModes

PREPARED = ("VACUUM", "COHERENT", "SQUEEZED", "THERMAL")
PLAIN = ("ROTATE", "DISPLACE", "SQUEEZE", "TWO_MODE_SQUEEZE", "BEAMSPLITTER", "LOSS")
GATES = {
    "gaussian": (*PREPARED, *PLAIN, "HOMODYNE", "HETERODYNE", "PHOTONS", "THRESHOLD"),
    "fock": (*PREPARED, "FOCK", "CAT", *PLAIN, "KERR", "CROSS_KERR", "CUBIC_PHASE", "HOMODYNE", "PHOTONS"),
    "bosonic": (*PREPARED, "FOCK", "CAT", *PLAIN, "HOMODYNE", "HETERODYNE"),
}
OBSERVABLES = {
    "gaussian": ["photons", "quadrature", "variance", "pattern"],
    "fock": ["photons", "quadrature", "variance", "pattern"],
    "bosonic": ["photons", "quadrature", "variance"],
}
MOST_MODES = {"gaussian": 64, "fock": 6, "bosonic": 16}
CUTOFF, MOST_CUTOFF = 8, 64
MOST_AMPLITUDES = 1 << 22
"""Of a state vector, or entries of a density matrix: 64 MiB."""
APPROXIMATE = ("FOCK",)
"""Of the bosonic simulator: photons are differences of Gaussians, values are off by some 0.003 a photon."""
COUNTED = ("PHOTONS", "THRESHOLD")
RARE = 1e-9
"""The probability with which a mode holds more photons than are counted, and the shot is drawn again."""
MOST_COUNTED = 100
ODD = frozenset({"FOCK", "CAT"})
SEED_BITS = 32  # of a word of NumPy's global generator, which Strawberry Fields draws from


class StrawberryFieldsEngine(Engine):
    """See the module."""

    name = "strawberryfields"
    options = frozenset({"cutoff"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Strawberry Fields."""
        super().start(config, threads)
        global np, sf
        import numpy as np

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it imports: pkg_resources is deprecated
            import strawberryfields as sf

        self.version = version("strawberryfields")
        self._devices = tuple(_device(method, self.version) for method in GATES)

    def devices(self) -> Sequence[Device]:
        """The three simulators."""
        return self._devices

    def run_modes(self, device: Device, ask: RunModes) -> Samples | Series:
        """Values of the final state, or shot after shot."""
        method = str(device.properties["method"])
        told: dict[str, Any] = {"method": method, "precision": "f64", "seed": ask.seed}
        cutoff = _cutoff(ask, method)
        if method == "fock":
            told["cutoff"] = cutoff
        if method == "bosonic" and any(item.name in APPROXIMATE for item in ask.modes.operations):
            told["approximate"] = "photon numbers are prepared as sums of Gaussians"
        np.random.seed([ask.seed % (1 << SEED_BITS), ask.seed >> SEED_BITS])
        run = _Run(method, ask, cutoff)
        if ask.shots is None:
            values = run.values()
            if method == "fock":
                told["norm"] = run.norm
            return Series(values, metadata=told)
        rows = list(run.shots(ask.shots))
        if method == "fock":
            told["norm"] = run.norm
        if run.below is not None:
            told |= {"photons_below": run.below, "photons_beyond": RARE}
        return Samples(rows, told)


class _Run:
    """One photonic program at its values. What comes before the first measurement is done once."""

    def __init__(self, method: str, ask: RunModes, cutoff: int) -> None:
        self._method = method
        self._cutoff = cutoff
        self._modes = ask.modes
        self._bound = ask.modes.bound(ask.values)
        operations = ask.modes.operations
        first = next((k for k, item in enumerate(operations) if item.name in MEASURES), len(operations))
        self._rest = operations[first:]
        self._start = self._begun(operations[:first])
        self.norm = 1.0
        self.below: int | None = None

    def values(self) -> tuple[float, ...]:
        """The values of the observables in the final state."""
        state = self._state(self._start)
        return tuple(float(self._value(state, observable)) for observable in self._modes.observables)

    def shots(self, count: int) -> Iterator[Sequence[float]]:
        """So many rows of outcomes. Modes that are measured do not come again, so that photons of Gaussian states are
        counted together and last: what they leave of the other modes is not Gaussian."""
        self._state(self._start)
        counted = [item for item in self._rest if item.name in COUNTED] if self._method == "gaussian" else []
        if counted and len(counted) == len(self._rest):
            yield from self._counted(self._start, counted, count)
            return
        columns, width = self._columns(counted), self._modes.num_columns
        for _ in range(count):
            backend, row = self._shot(counted)
            if counted:
                (found,) = self._counted(backend, counted, 1)
                row |= dict(zip(columns, found, strict=True))
            yield [row[place] for place in range(width)]

    def _shot(self, later: Sequence[ModeOperation]) -> tuple[Any, dict[int, float]]:
        """The state after a shot, and its outcomes by their columns, without those that are found later."""
        backend, row, known, place = deepcopy(self._start), dict[int, float](), dict(self._bound), 0
        for item in self._rest:
            width = WIDTHS.get(item.name, 0) * len(item.modes)
            if not width:
                _operate(backend, item, known)
            elif item not in later:
                for k, value in enumerate(MEASURES[item.name](backend, item, known)):
                    row[place + k] = known[f"#{place + k}"] = float(value)
            place += width
        return backend, row

    def _columns(self, counted: Sequence[ModeOperation]) -> list[int]:
        """The columns of what is counted, in order. RefusedError where something waits for one of them."""
        found, place = list[int](), 0
        for item in self._rest:
            width = WIDTHS.get(item.name, 0) * len(item.modes)
            found += range(place, place + width) if item in counted else ()
            place += width
        if any(item.waits_for(column) for item in self._rest for column in found):
            message = "`photonic:gaussian` has no operations that wait for a number of photons"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="`photonic:fock` has")
        return found

    def _counted(self, backend: Any, items: Sequence[ModeOperation], count: int) -> list[list[float]]:
        """Photons and clicks of a Gaussian state."""
        modes = [mode for item in items for mode in item.modes]
        if all(item.name == "THRESHOLD" for item in items):
            return [[float(value) for value in row] for row in backend.measure_threshold(modes, shots=count)]
        clicks = [item.name == "THRESHOLD" for item in items for _ in item.modes]
        rows, self.below = draw_photons(backend, modes, count)
        return [[float(min(1, n) if one else n) for n, one in zip(row, clicks, strict=True)] for row in rows]

    def _begun(self, operations: Sequence[ModeOperation]) -> Any:
        """A backend after these operations."""
        number = self._modes.num_modes
        if self._method == "bosonic":
            backend, operations = self._bosonic(operations)
        else:
            backend = sf.backends.load_backend(self._method)
            given = {"cutoff_dim": self._cutoff} if self._method == "fock" else {}
            backend.begin_circuit(number, **given)
        for item in operations:
            _operate(backend, item, self._bound)
        return backend

    def _bosonic(self, operations: Sequence[ModeOperation]) -> tuple[Any, Sequence[ModeOperation]]:
        """A backend after the preparations that are no Gaussians, which must be the first on their modes, and the
        operations that are left."""
        program, touched, left = sf.Program(self._modes.num_modes), set[int](), list[Any]()
        with program.context as q:
            for item in operations:
                if item.name in ODD:
                    if touched & set(item.modes):
                        message = f"`photonic:bosonic` prepares `{item.name}` first of all on a mode"
                        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="`photonic:fock` does it any time")
                    params = item.at(self._bound)
                    if item.name == "FOCK":
                        sf.ops.Fock(int(params["n"])) | q[item.modes[0]]
                    else:
                        sf.ops.Catstate(params["r"], params["phi"], params["parity"]) | q[item.modes[0]]
                else:
                    left.append(item)
                touched |= set(item.modes)
            if not len(program):
                sf.ops.Vacuum() | q[0]
        engine = sf.Engine("bosonic")
        engine.run(program)
        return engine.backend, left

    def _state(self, backend: Any) -> Any:
        """The state, if it is one: a cutoff may have lost too much of it."""
        state = backend.state()
        if self._method == "fock":
            self.norm = float(state.trace())
        return state

    def _value(self, state: Any, observable: ModeObservable) -> float:
        if observable.kind == "photons":
            return state.mean_photon(observable.mode)[0]
        if observable.kind == "pattern":
            return self._probability(state, observable)
        mean, variance = state.quad_expectation(observable.mode, observable.phi)
        return mean if observable.kind == "quadrature" else variance

    def _probability(self, state: Any, observable: ModeObservable) -> float:
        if self._method == "fock" and max(observable.pattern) >= self._cutoff:
            message = (
                f"`photonic:fock` holds less than {self._cutoff} photons in a mode, asked were {observable.pattern}"
            )
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="give the option `cutoff`")
        if self._method == "gaussian":
            return state.fock_prob(list(observable.pattern), cutoff=sum(observable.pattern) + 1)
        return state.fock_prob(list(observable.pattern))


def _operate(backend: Any, item: ModeOperation, bound: Mapping[str, float]) -> None:
    params = item.checked(bound)
    modes = item.modes
    if item.name == "TWO_MODE_SQUEEZE":
        # Between two beamsplitters it is one squeezer on each mode, as in Strawberry Fields' own S2gate.
        backend.beamsplitter(pi / 4, 0.0, *modes)
        backend.squeeze(params["r"], params["phi"], modes[0])
        backend.squeeze(-params["r"], params["phi"], modes[1])
        backend.beamsplitter(-pi / 4, 0.0, *modes)
    elif item.name == "BEAMSPLITTER" and modes[0] > modes[1]:
        # The Fock backend takes modes in ascending order only (0.23); seen from the other mode both angles turn round.
        backend.beamsplitter(-params["theta"], -params["phi"], modes[1], modes[0])
    elif item.name == "CAT":
        _cat(backend, params, modes[0])
    elif item.name == "FOCK":
        backend.prepare_fock_state(int(params["n"]), modes[0])
    else:
        method, words = CALLS[item.name]
        getattr(backend, method)(*(params[word] for word in words), *modes)


def _cat(backend: Any, params: Mapping[str, float], mode: int) -> None:
    size = backend.get_cutoff_dim()
    amplitude, parity = params["r"] * np.exp(1j * params["phi"]), int(params["parity"])
    vector, term = np.zeros(size, dtype=complex), 1.0 + 0.0j
    for count in range(size):
        vector[count] = term if count % 2 == parity else 0.0
        term *= amplitude / np.sqrt(count + 1)
    length = np.linalg.norm(vector)
    if not length > 0.0:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "a cat state of parity 1 needs an amplitude that is not 0")
    backend.prepare_ket_state(vector / length, mode)


def _homodyne(backend: Any, item: ModeOperation, known: Mapping[str, float]) -> list[float]:
    return [np.ravel(backend.measure_homodyne(item.at(known)["phi"], item.modes[0]))[0].real]


def _heterodyne(backend: Any, item: ModeOperation, known: Mapping[str, float]) -> list[float]:
    alpha = complex(np.ravel(backend.measure_heterodyne(item.modes[0]))[0])
    return [alpha.real, alpha.imag]


def draw_photons(backend: Any, modes: Sequence[int], count: int) -> tuple[list[list[int]], int]:
    """Numbers of photons of a Gaussian state, and the number below which all of them are but for one in `1 / RARE`.
    Strawberry Fields' own measurement drops those of five and more in a mode (The Walrus 0.22 by default)."""
    from thewalrus.samples import hafnian_sample_state

    state, size = backend.state(), len(modes)
    places = [*modes, *(mode + state.num_modes for mode in modes)]
    mean, spread = state.means()[places], state.cov()[np.ix_(places, places)]
    below = max(_below(mean[[k, k + size]], spread[np.ix_([k, k + size], [k, k + size])]) for k in range(size))
    if below > MOST_COUNTED:
        message = f"a mode holds up to `{below}` photons, `photonic:gaussian` counts less than {MOST_COUNTED}"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message)
    drawn = hafnian_sample_state(spread, count, mean=mean, hbar=2, cutoff=below, max_photons=below * size)
    return [[int(value) for value in row] for row in drawn], below


def _below(mean: Any, spread: Any) -> int:
    """The least number that a mode's photons reach with a probability of at most `RARE`, by Chernoff's bound: of
    a Gaussian state the mean of s^n is det(M)^(-1/2) exp(-(1-s) m M^-1 m / 4), M = ((1+s) + (1-s) V) / 2."""
    widest = max(float(np.linalg.eigvalsh(spread)[-1]), 1.0 + 1e-9)
    found = float(MOST_COUNTED + 1)
    # 1 < s < (V + 1) / (V - 1), beyond which there is no mean.
    for share in np.linspace(0.02, 0.98, 49):
        for s in (1 + share * 2 / (widest - 1), 1 + 20 * share):
            matrix = ((1 + s) * np.eye(2) + (1 - s) * spread) / 2
            if np.linalg.eigvalsh(matrix)[0] > 0:
                power = -np.log(np.linalg.det(matrix)) / 2 - (1 - s) * mean @ np.linalg.solve(matrix, mean) / 4
                found = min(found, (power - np.log(RARE)) / np.log(s))
    return max(2, int(np.ceil(found)))


def _photons(backend: Any, item: ModeOperation, known: Mapping[str, float]) -> list[float]:
    return [float(value) for value in np.ravel(backend.measure_fock(list(item.modes)))]


def _threshold(backend: Any, item: ModeOperation, known: Mapping[str, float]) -> list[float]:
    return [float(value) for value in np.ravel(backend.measure_threshold(list(item.modes)))]


MEASURES: Mapping[str, Any] = {
    "HOMODYNE": _homodyne,
    "HETERODYNE": _heterodyne,
    "PHOTONS": _photons,
    "THRESHOLD": _threshold,
}
CALLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "VACUUM": ("prepare_vacuum_state", ()),
    "COHERENT": ("prepare_coherent_state", ("r", "phi")),
    "SQUEEZED": ("prepare_squeezed_state", ("r", "phi")),
    "THERMAL": ("prepare_thermal_state", ("n",)),
    "ROTATE": ("rotation", ("phi",)),
    "DISPLACE": ("displacement", ("r", "phi")),
    "SQUEEZE": ("squeeze", ("r", "phi")),
    "BEAMSPLITTER": ("beamsplitter", ("theta", "phi")),
    "KERR": ("kerr_interaction", ("kappa",)),
    "CROSS_KERR": ("cross_kerr_interaction", ("kappa",)),
    "CUBIC_PHASE": ("cubic_phase", ("gamma",)),
    "LOSS": ("loss", ("transmissivity",)),
}
"""What backends call the operations, and the parameters in their order."""


def _cutoff(ask: RunModes, method: str) -> int:
    """The photons below which amplitudes are kept; refused for devices that have no cutoff, and where the state would
    be too large."""
    given = ask.options.get("cutoff")
    if method != "fock":
        if given is not None:
            message = f"`photonic:{method}` has no option `cutoff`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where="cutoff")
        return 0
    cutoff = CUTOFF if given is None else given
    if type(cutoff) is not int or not 2 <= cutoff <= MOST_CUTOFF:
        message = f"`cutoff` is a whole number from 2 to {MOST_CUTOFF}, not `{cutoff!r:.40}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="cutoff")
    pure = {*PLAIN, "KERR", "CROSS_KERR", "CUBIC_PHASE"} - {"LOSS"}
    mixed = any(item.name not in pure for item in ask.modes.operations)
    size = cutoff ** (ask.modes.num_modes * (2 if mixed else 1))
    if size > MOST_AMPLITUDES:
        message = f"`{size}` numbers of a state are more than `photonic:fock` holds: {MOST_AMPLITUDES}"
        raise RefusedError("EIGEN_SIM_MEMORY", message, hint="give a smaller `cutoff`")
    most = max((item.at({})["n"] for item in ask.modes.operations if item.name == "FOCK"), default=0.0)
    if most >= cutoff:
        message = f"`photonic:fock` holds less than {cutoff} photons in a mode, `{most:g}` are prepared"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="give the option `cutoff`")
    return cutoff


def _device(method: str, found: str) -> Device:
    title = {"gaussian": "Gaussian states", "fock": "Fock space", "bosonic": "sums of Gaussians"}[method]
    features = {"modes", "dynamic", "expectation", "exact", "seed"}
    return Device(
        f"photonic:{method}",
        f"Strawberry Fields, {title}",
        MOST_MODES[method],
        GATES[method],
        frozenset(features),
        max_shots=100_000,
        properties={
            "engine": "strawberryfields",
            "method": method,
            "precision": "f64",
            "observables": OBSERVABLES[method],
            "options": ["cutoff"] if method == "fock" else [],
            **({"approximate": list(APPROXIMATE)} if method == "bosonic" else {}),
            "version": found,
        },
    )
