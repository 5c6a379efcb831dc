"""Photonic programs for tests, drawn and hand-made."""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from eigen.ir import Affine, ModeObservable, ModeOperation, Modes
from eigen.ir.modes import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

GAUSSIAN = ("VACUUM", "COHERENT", "SQUEEZED", "THERMAL", "ROTATE", "DISPLACE", "SQUEEZE", "TWO_MODE_SQUEEZE")
GAUSSIAN += ("BEAMSPLITTER", "LOSS")
PASSIVE = ("ROTATE", "BEAMSPLITTER")
SMALL = {"r": 0.12, "n": 0.05, "kappa": 0.3, "gamma": 0.05}


def asked(num_modes: int) -> list[ModeObservable]:
    """Photons, and each quadrature at an odd angle with its variance, of every mode."""
    found: list[ModeObservable] = []
    for mode in range(num_modes):
        found.append(ModeObservable("photons", (mode,)))
        found += [ModeObservable(kind, (mode,), 0.4 + mode) for kind in ("quadrature", "variance")]
    return found


@st.composite
def programs(
    draw: st.DrawFn,
    names: Sequence[str],
    *,
    num_modes: int = 2,
    most: int = 5,
    observables: Sequence[Any] | None = None,
) -> Modes:
    """Programs of small parameters, so that few photons suffice."""
    operations: list[ModeOperation] = []
    for name in draw(st.lists(st.sampled_from(list(names)), min_size=1, max_size=most)):
        row = OPERATIONS[name]
        order = draw(st.permutations(range(num_modes)))
        params: dict[str, float] = {}
        for param in row.params:
            if param in {"phi", "theta"}:
                params[param] = draw(st.floats(-pi, pi))
            elif param == "transmissivity":
                params[param] = draw(st.floats(0.0, 1.0))
            else:
                params[param] = draw(st.floats(0.0 if param == "n" else -SMALL[param], SMALL[param]))
        operations.append(ModeOperation(name, tuple(order[: row.num_modes]), params))
    return Modes(num_modes, operations, asked(num_modes) if observables is None else observables)


def teleportation(r: float, phi: float, squeezing: float) -> Modes:
    """The coherent state r exp(i phi) goes from mode 0 to mode 2, which is measured in both quadratures at once."""
    half = 1 / sqrt(2)
    return Modes(
        3,
        [
            ModeOperation("DISPLACE", (0,), {"r": r, "phi": phi}),
            ModeOperation("TWO_MODE_SQUEEZE", (1, 2), {"r": squeezing}),
            ModeOperation("BEAMSPLITTER", (0, 1)),
            ModeOperation("HOMODYNE", (0,)),
            ModeOperation("HOMODYNE", (1,), {"phi": pi / 2}),
            ModeOperation("DISPLACE", (2,), {"r": Affine.symbol("#0") * half}),
            ModeOperation("DISPLACE", (2,), {"r": Affine.symbol("#1") * half, "phi": pi / 2}),
            ModeOperation("HETERODYNE", (2,)),
        ],
    )
