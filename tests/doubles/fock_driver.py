"""A device of one or two modes with photons, slow and plain: the truncated Fock space of the definitions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from doubles.fock_space import FockSpace
from eigen._core import Affine
from eigen.drivers.gaussian import GAUSSIAN
from eigen.drivers.in_process import InProcessDriver, check_modes
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.ir.modes import OPERATIONS, ModeOperation
from eigen.ir.modes.modes import check_value
from eigen.types import ModesWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json, Work

ROOM = 24
"""Photons beyond the cutoff in which a single mode is computed, so that what is cut off is known."""
FOCK = replace(
    GAUSSIAN,
    id="fock:plain",
    num_qubits=2,
    gates=tuple(name for name, row in OPERATIONS.items() if row.columns == 0 or name in {"PHOTONS", "THRESHOLD"}),
    features=frozenset({"modes", "exact", "expectation", "seed", "deduplicates"}),
    properties={
        "precision": "f64",
        "options": ["cutoff"],
        "observables": ["photons", "quadrature", "variance", "pattern"],
    },
)


class FockDriver(InProcessDriver):
    """See the module; photons are measured at the end."""

    name = "fock"
    version = "1"

    def __init__(self) -> None:
        super().__init__()
        self.devices = (FOCK,)

    def initialize(self, config: Mapping[str, Json]) -> None:
        refuse_unknown(config, (), where=self.name)

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.known(device_id)
        refuse_unknown(work.options, ("cutoff",), where=device_id)
        if not isinstance(work, ModesWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", "no circuits")
        check_modes(FOCK, work)
        cutoff: Any = work.options.get("cutoff", 8)
        if type(cutoff) is not int or not 2 <= cutoff <= 64:
            raise EigenError("EIGEN_DEVICE_OPTION", f"`cutoff` is no `{cutoff}`")
        bound = dict(zip(work.modes.parameters, work.values, strict=True))
        space = FockSpace(work.modes.num_modes, cutoff + (ROOM if work.modes.num_modes == 1 else 0))
        counted: list[tuple[int, bool]] = []
        for item in work.modes.operations:
            params = {n: v.value(bound) if isinstance(v, Affine) else v for n, v in item.params.items()}
            for name, value in params.items():
                check_value(item.name, name, value)
            if OPERATIONS[item.name].columns:
                counted += [(mode, item.name == "THRESHOLD") for mode in item.modes]
                continue
            if item.name == "FOCK" and params["n"] >= cutoff:
                raise EigenError("EIGEN_SIM_UNSUPPORTED", "beyond the cutoff")
            space.apply(ModeOperation(item.name, item.modes, params))
        if any(max(one.pattern, default=0) >= cutoff for one in work.modes.observables):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", "beyond the cutoff")
        odds = np.diag(space.state).real.clip(0.0)
        norm = float(odds[:cutoff].sum()) if work.modes.num_modes == 1 else 1.0
        told = {"engine": "fock", "version": "1", "precision": "f64", "seed": work.seed, "cutoff": cutoff, "norm": norm}
        if work.shots is None:
            return WorkResult(series=tuple(space.value(one) for one in work.modes.observables), metadata=told)
        drawn = np.random.default_rng(work.seed).choice(len(odds), size=work.shots, p=odds / odds.sum())
        rows = np.array(np.unravel_index(drawn, (space.cutoff,) * space.num_modes)).T
        found = [float(min(1, row[mode]) if clicks else row[mode]) for row in rows for mode, clicks in counted]
        return WorkResult(samples=tuple(found), metadata=told)
