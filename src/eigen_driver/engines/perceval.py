"""Perceval's simulators of photons in linear optics: `perceval:slos`, `perceval:naive` and `perceval:clicl`.

Numbers of photons go in, beamsplitters, rotations and loss mix them, and photons are counted. All of a program is one
unitary: a mode that loses light shares it with an empty mode that nobody looks at, and a mode that is prepared again is
a new one. `slos` computes all outcomes at once (Heurtel et al., Comput. Phys. Commun. 291, 108848 (2023)), `naive` a
permanent for each that is asked for, and `clicl` draws without computing probabilities (Clifford and Clifford,
arXiv:1706.01260).
"""

# Perceval is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from itertools import combinations
from math import comb, cos, sin, sqrt
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, Engine, RefusedError, Samples, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen_driver import ModeObservable, ModeOperation, RunModes

OPTICS = ("VACUUM", "FOCK", "ROTATE", "BEAMSPLITTER", "LOSS")
COUNTING = ("PHOTONS", "THRESHOLD")
GATES = {"slos": (*OPTICS, *COUNTING), "naive": OPTICS, "clicl": (*OPTICS, *COUNTING)}
OBSERVABLES = {"slos": ["photons", "pattern"], "naive": ["pattern"], "clicl": []}
CALLED = {"slos": "SLOS", "naive": "Naive", "clicl": "CliffordClifford2017"}
MOST_MODES = {"slos": 32, "naive": 64, "clicl": 64}
MOST_PHOTONS = {"slos": 64, "naive": 20, "clicl": 20}
MOST_INNER = 256
"""Modes with those that only hold what was lost."""
MOST_OUTCOMES = 200_000
"""Of `slos`, which holds a number for each."""
MOST_PERMANENTS = 20_000
"""Of one observable of `naive`, where light was lost."""


class PercevalEngine(Engine):
    """See the module."""

    name = "perceval"

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Perceval."""
        super().start(config, threads)
        global np, pcvl
        # Perceval makes a folder for settings and logs in the home directory of who imports it, unless told where.
        self._folder = TemporaryDirectory(prefix="perceval-")
        os.environ["PCVL_PERSISTENT_PATH"] = self._folder.name
        import numpy as np
        import perceval as pcvl

        self.version = version("perceval-quandela")
        self._devices = tuple(_device(method, self.version) for method in GATES)

    def devices(self) -> Sequence[Device]:
        """The three simulators."""
        return self._devices

    def run_modes(self, device: Device, ask: RunModes) -> Samples | Series:
        """Values of the final state, or shots."""
        method = str(device.properties["method"])
        optics = _Optics.of(method, ask)
        told = {"method": method, "precision": "f64", "seed": ask.seed, "photons": sum(optics.photons)}
        if ask.shots is None:
            return Series(_values(method, optics, ask.modes.observables), metadata=told)
        drawn = _drawn_all(optics, ask) if method == "slos" else _drawn_each(optics, ask)
        wanted = [(optics.column(place), clicks) for place, clicks in optics.measured]
        rows = [tuple(float(min(1, row[k]) if clicks else row[k]) for k, clicks in wanted) for row in drawn]
        return Samples(rows, told)


@dataclass
class _Optics:
    """A program as one unitary: amplitude [k, j] is that of a photon of place j that leaves at place k. Places are the
    modes first; `places` says where each of them is now, `measured` what is counted where, with whether it only
    clicks. Places that no light reaches are left out of `kept`."""

    unitary: Any
    photons: list[int]
    places: list[int]
    touched: set[int]
    measured: list[tuple[int, bool]]
    kept: list[int]

    @classmethod
    def of(cls, method: str, ask: RunModes) -> _Optics:
        """The optics of a program at its values; RefusedError where they are too large for the method."""
        number, bound = ask.modes.num_modes, ask.modes.bound(ask.values)
        made = cls(np.eye(number, dtype=complex), [0] * number, list(range(number)), set(), [], [])
        for item in ask.modes.operations:
            made._operate(item, item.checked(bound))
        made.kept = sorted(made.touched | {place for place, count in enumerate(made.photons) if count})
        made._check(method)
        return made

    def column(self, place: int) -> int:
        """Where a place is in what the simulator tells."""
        return self.kept.index(place) if place in self.kept else len(self.kept)

    def _operate(self, item: ModeOperation, params: Mapping[str, float]) -> None:
        places = [self.places[mode] for mode in item.modes]
        if item.name in COUNTING:
            self.measured += [(place, item.name == "THRESHOLD") for place in places]
        elif item.name in {"VACUUM", "FOCK"}:
            if places[0] in self.touched:
                places[0] = self.places[item.modes[0]] = self._another()
            self.photons[places[0]] = int(params.get("n", 0))
        elif item.name == "ROTATE":
            self._mix(places, [[complex(cos(params["phi"]), sin(params["phi"]))]])
        elif item.name == "LOSS":
            stays, goes = sqrt(params["transmissivity"]), sqrt(1.0 - params["transmissivity"])
            self._mix([*places, self._another()], [[stays, -goes], [goes, stays]])
        else:
            stays, goes = cos(params["theta"]), sin(params["theta"])
            turn = complex(cos(params["phi"]), sin(params["phi"]))
            self._mix(places, [[stays, -goes * turn.conjugate()], [goes * turn, stays]])

    def _mix(self, places: Sequence[int], matrix: Sequence[Sequence[complex]]) -> None:
        self.touched |= set(places)
        self.unitary[list(places)] = np.array(matrix) @ self.unitary[list(places)]

    def _another(self) -> int:
        size = len(self.photons)
        if size >= MOST_INNER:
            message = f"modes that lose light or are prepared again make more than `{MOST_INNER}` modes"
            raise RefusedError("EIGEN_SIM_MEMORY", message)
        wider = np.eye(size + 1, dtype=complex)
        wider[:size, :size] = self.unitary
        self.unitary = wider
        self.photons.append(0)
        return size

    def _check(self, method: str) -> None:
        photons, size = sum(self.photons), max(1, len(self.kept))
        if photons > MOST_PHOTONS[method]:
            message = f"`{photons}` photons are more than `perceval:{method}` follows: {MOST_PHOTONS[method]}"
            raise RefusedError("EIGEN_SIM_MEMORY", message)
        outcomes = comb(photons + size - 1, photons)
        if method == "slos" and outcomes > MOST_OUTCOMES:
            message = (
                f"{photons} photons in {size} modes have `{outcomes}` outcomes, more than `perceval:slos` holds: "
                f"{MOST_OUTCOMES}"
            )
            hint = "`perceval:clicl` draws without holding them, `perceval:naive` computes single ones"
            raise RefusedError("EIGEN_SIM_MEMORY", message, hint=hint)

    def simulator(self, method: str) -> Any:
        """Perceval's simulator of it, ready to answer. One place is there even where there is no light."""
        kept = self.kept or [0]
        made = pcvl.BackendFactory.get_backend(CALLED[method])
        made.set_circuit(pcvl.Unitary(pcvl.Matrix(self.unitary[np.ix_(kept, kept)])))
        made.set_input_state(pcvl.BasicState([self.photons[place] for place in kept]))
        return made


def _drawn_all(optics: _Optics, ask: RunModes) -> Iterator[tuple[int, ...]]:
    """Shots from the probabilities of all outcomes."""
    found = optics.simulator("slos").prob_distribution()
    states, odds = list(found.keys()), np.array(list(found.values()))
    chosen = np.random.default_rng(ask.seed).choice(len(states), size=ask.shots, p=odds / odds.sum())
    rows = {int(k): (*states[k], 0) for k in np.unique(chosen)}
    return (rows[int(k)] for k in chosen)


def _drawn_each(optics: _Optics, ask: RunModes) -> Iterator[tuple[int, ...]]:
    """Shots one by one: several at once do not repeat themselves from a seed (exqalibur 1.4)."""
    simulator = optics.simulator("clicl")
    pcvl.random_seed(int(np.random.SeedSequence(ask.seed).generate_state(1)[0]))
    return ((*simulator.sample(), 0) for _ in range(ask.shots or 0))


def _values(method: str, optics: _Optics, observables: Sequence[ModeObservable]) -> tuple[float, ...]:
    simulator = optics.simulator(method)
    found: list[float] = []
    for observable in observables:
        if observable.kind == "photons":
            place = optics.column(optics.places[observable.mode])
            rows = simulator.prob_distribution().items()
            found.append(sum(odds * state[place] for state, odds in rows) if place < len(optics.kept) else 0.0)
        else:
            found.append(sum(simulator.probability(pcvl.BasicState(state)) for state in _seen(optics, observable)))
    return tuple(float(value) for value in found)


def _seen(optics: _Optics, observable: ModeObservable) -> Iterator[list[int]]:
    """The states of all places in which the modes hold a pattern: what is missing of the photons was lost."""
    wanted = dict(zip(optics.places, observable.pattern, strict=True))
    kept = optics.kept or [0]
    lost, dark = sum(optics.photons) - sum(observable.pattern), [place for place in kept if place not in wanted]
    if lost < 0 or (lost and not dark) or any(count and place not in kept for place, count in wanted.items()):
        return
    ways = comb(lost + len(dark) - 1, lost) if dark else 1
    if ways > MOST_PERMANENTS:
        message = f"`{lost}` photons were lost in {len(dark)} places, in more ways than are added up: {MOST_PERMANENTS}"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="count shots instead")
    for gone in _shared(lost, len(dark)):
        whole = wanted | dict(zip(dark, gone, strict=True))
        yield [whole[place] for place in kept]


def _shared(count: int, places: int) -> Iterator[tuple[int, ...]]:
    """All ways to share so many photons out over so many places, by bars between them."""
    if not places:
        yield ()
        return
    for bars in combinations(range(count + places - 1), places - 1):
        ends = (-1, *bars, count + places - 1)
        yield tuple(ends[k + 1] - ends[k] - 1 for k in range(places))


def _device(method: str, found: str) -> Device:
    title = {"slos": "all outcomes", "naive": "single outcomes", "clicl": "samples"}[method]
    answers = {"expectation", "exact"} if OBSERVABLES[method] else set[str]()
    return Device(
        f"perceval:{method}",
        f"Perceval, {title} of photons in linear optics",
        MOST_MODES[method],
        GATES[method],
        frozenset({"modes", "seed", *answers}),
        max_shots=100_000,
        properties={
            "engine": "perceval",
            "method": method,
            "precision": "f64",
            "observables": OBSERVABLES[method],
            "options": [],
            "version": found,
        },
    )
