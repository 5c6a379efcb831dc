"""Exact values of a cut circuit: a tensor for each part, contracted over the cuts.

Each part runs once, with its ends open (`Fragment.circuit`). Its tensor holds the expectation values of all Pauli
strings on its ends together with its share of the observable. With rho the state at the cut, a gate's end holds in I,
Z, X and Y the maps (rho + Z rho Z)/2, (rho - Z rho Z)/2, (Z rho + rho Z)/2 and -i(Z rho - rho Z)/2. Equation (3) of
Mitarai and Fujii, New J. Phys. 23, 023021 (2021), is a sum of these, so that `exp(-i theta/2 Z Z)` joins two ends by

    II + ZZ + cos(theta) (IZ + ZI) + sin(theta) (XY + YX),

and a wire, the sum of P tr(P rho)/2 over P (Peng et al., Phys. Rev. Lett. 125, 150504 (2020)), by II + XX - YY + ZZ,
since half of a Bell pair shows the transpose. That is 2^ends amplitudes for each amplitude of a part, in place of the
4^ends circuits that a machine without ancillas would run.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import core_errors
from eigen.ir.observable import Observable
from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.cutting.engine import Engine
    from eigen.cutting.fragments import Fragment, Split

    Letters = tuple[tuple[int, str], ...]  # (wire, letter), ascending

MOST_EXPECTATIONS = 1 << 16
MOST_ENDS = 10
KEPT_WIDTH = 20  # qubits up to which a part stays prepared
CHUNK = 1 << 15  # amplitudes that are worked on at a time
BATCH = 256  # terms
TILE, DEPTH = 16, 128  # OpenBLAS multiplies complex matrices with one thread up to 2^15 products


class Exact:
    """All parts with open ends, and what of an observable lies in each."""

    def __init__(self, split: Split, observable: Observable, engine: Engine) -> None:
        self.split = split
        self.parts = [OpenPart(fragment, engine) for fragment in split.fragments]
        self.terms = [(_shares(label, split), weight) for label, weight in observable.terms]
        self.wanted = [sorted({shares[part] for shares, _ in self.terms}) for part in range(len(self.parts))]

    def value(self, values: NDArray[np.float64]) -> float:
        """The expectation value. Raises what `OpenPart.tensors` raises."""
        found = [part.tensors(values, wanted) for part, wanted in zip(self.parts, self.wanted, strict=True)]
        links = [link(angle) for angle in self.split.angles(values)]
        cuts = [[end.cut for end in fragment.ends] for fragment in self.split.fragments]
        return ordered_sum(
            weight
            * contract([(own, tensors[key]) for own, tensors, key in zip(cuts, found, shares, strict=True)], links)
            for shares, weight in self.terms
        )


def _shares(label: str, split: Split) -> tuple[Letters, ...]:
    """A term's letters in each part."""
    shares: list[list[tuple[int, str]]] = [[] for _ in split.fragments]
    for factor in label.split():
        part, wire = split.where[int(factor[1:])]
        shares[part].append((wire, factor[0]))
    return tuple(tuple(sorted(share)) for share in shares)


class OpenPart:
    """A part with its ends open. The state vector is read once for each set of values; other engines, and a state that
    fits into the memory only once, are asked for the expectation values one by one."""

    def __init__(self, fragment: Fragment, engine: Engine) -> None:
        self.fragment = fragment
        self.engine = engine
        self.facts: dict[str, str | float | int] = {}
        self._plan: _core.Plan | None = None

    def plan(self) -> _core.Plan:
        """The part prepared; small ones are kept, since a plan keeps its buffers."""
        if self._plan is not None:
            return self._plan
        plan = self.engine.plan(self.fragment.circuit())
        if self.fragment.exact_width <= KEPT_WIDTH:
            self._plan = plan
        return plan

    def tensors(self, values: NDArray[np.float64], wanted: Sequence[Letters]) -> dict[Letters, NDArray[np.float64]]:
        """For each share of the observable its tensor, an index of length 4 (I, X, Y, Z) for each end.

        Raises EigenError EIGEN_SIM_MEMORY where the state does not fit, EIGEN_LIMIT_EXCEEDED beyond 65,536
        expectation values.
        """
        ends = len(self.fragment.ends)
        if ends > MOST_ENDS:
            message = (
                f"a part of {self.fragment.width} qubits has `{ends}` ends, a tensor of 4^{ends}: at most {MOST_ENDS}"
            )
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="`estimate` takes any number of ends")
        if self.engine.name != "statevector":
            return self._asked(values, wanted)
        try:
            return self._read(values, wanted)
        except EigenError as refusal:
            few = len(wanted) << 2 * ends <= MOST_EXPECTATIONS
            if refusal.code != "EIGEN_SIM_MEMORY" or not few:
                raise
        return self._asked(values, wanted)  # without a copy of the state, which takes half the memory

    def _read(self, values: NDArray[np.float64], wanted: Sequence[Letters]) -> dict[Letters, NDArray[np.float64]]:
        ends = len(self.fragment.ends)
        with core_errors():
            plan = self.plan()
            state = plan.state(values).reshape(1 << ends, -1)
        self.facts = plan.facts()
        found: dict[Letters, NDArray[np.float64]] = {}
        for first in range(0, len(wanted), BATCH):
            batch = wanted[first : first + BATCH]
            overlaps = _overlaps(state, batch)
            found.update((letters, _pauli_basis(overlaps[k], ends)) for k, letters in enumerate(batch))
        return found

    def _asked(self, values: NDArray[np.float64], wanted: Sequence[Letters]) -> dict[Letters, NDArray[np.float64]]:
        import numpy as np

        ends, width = len(self.fragment.ends), self.fragment.exact_width
        if len(wanted) << 2 * ends > MOST_EXPECTATIONS:
            message = (
                f"expectation values of a part with `{ends}` ends and {len(wanted)} terms: "
                f"{len(wanted) << 2 * ends} is beyond {MOST_EXPECTATIONS:,}"
            )
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint='`engine="statevector"` reads a state instead')
        strings = [
            " ".join(
                [f"{letter}{wire}" for wire, letter in letters]
                + [f"{letter}{self.fragment.kept + k}" for k, letter in enumerate(open_ends) if letter != "I"]
            )
            for letters in wanted
            for open_ends in product("IXYZ", repeat=ends)
        ]
        with core_errors():
            asked = [Observable.from_terms(width, [(string, 1.0)]) for string in strings]
            plan = self.plan()
            found = np.array(plan.expectation(values, asked))
        self.facts = plan.facts()
        return dict(zip(wanted, found.reshape(len(wanted), *(4,) * ends), strict=True))


def _overlaps(state: NDArray[np.complex128], wanted: Sequence[Letters]) -> NDArray[np.complex128]:
    """`<psi_s| P |psi_t>` for each P, with the vectors that belong to the basis states s and t of the ends."""
    import numpy as np

    ends, size = state.shape
    step = min(size, max(1, CHUNK // ends))
    inner: NDArray[np.int64] = np.arange(step, dtype=np.int64)
    masks = [_masks(letters) for letters in wanted]
    parities = [1.0 - 2.0 * _parity(inner & signs) for _, signs, _ in masks]
    total = np.zeros((len(wanted), ends, ends), dtype=np.complex128)
    for first in range(0, size, step):  # in chunks that stay in the cache for all P
        left = state[:, first : first + step].conj()
        for index, (flips, signs, phase) in enumerate(masks):
            low = flips & (step - 1)
            other = first ^ flips ^ low  # the columns that flips lead to, all in one chunk as well
            right = state[:, other : other + step]
            if low:
                right = right[:, inner ^ low]
            sign = -1.0 if ((other | low) & signs).bit_count() % 2 else 1.0
            signed = left * parities[index] if signs & (step - 1) else left
            total[index] += (phase * sign) * _product(signed, right)
    return total


def _product(left: NDArray[np.complex128], right: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """`left @ right.T`, in tiles so small that BLAS takes one thread: its threads would contend with the engine's, and
    their number would reach the last digits."""
    rows, size = left.shape
    tile = min(rows, TILE)
    depth = min(size, TILE * TILE * DEPTH // (tile * tile))
    shape = (rows // tile, tile, size // depth, depth)
    first = left.reshape(shape).transpose(0, 2, 1, 3)[:, None]
    second = right.reshape(shape).transpose(0, 2, 3, 1)[None]
    tiles = (first @ second).sum(axis=2)  # (row tiles, column tiles, tile, tile)
    return tiles.transpose(0, 2, 1, 3).reshape(rows, rows)


def _masks(letters: Letters) -> tuple[int, int, complex]:
    """Bits that a Pauli string flips, bits whose parity is its sign, and its phase."""
    flips = sum(1 << wire for wire, letter in letters if letter in "XY")
    signs = sum(1 << wire for wire, letter in letters if letter in "YZ")
    return flips, signs, (1.0, 1.0j, -1.0, -1.0j)[sum(letter == "Y" for _, letter in letters) % 4]


def _parity(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    for shift in (32, 16, 8, 4, 2, 1):
        numbers = numbers ^ (numbers >> shift)
    return numbers & 1


def _pauli_basis(overlaps: NDArray[np.complex128], ends: int) -> NDArray[np.float64]:
    """From pairs of basis states of the ends (end k is bit k) to Pauli letters, one index for each end."""
    import numpy as np

    letters = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [0, -1j, 1j, 0], [1, 0, 0, -1]])
    bits = overlaps.reshape((2,) * (2 * ends))
    pairs = [axis for end in range(ends) for axis in (ends - 1 - end, 2 * ends - 1 - end)]
    tensor = bits.transpose(pairs).reshape((4,) * ends)
    for _ in range(ends):
        tensor = np.tensordot(tensor, letters, axes=([0], [1]))  # the new index is the last: all come round
    return tensor.real.copy()


def link(angle: float | None) -> NDArray[np.float64]:
    """How a cut joins the Pauli letters of its two ends, shape (4, 4): a gate of that angle, or a wire (None)."""
    import numpy as np

    if angle is None:
        return np.diag([1.0, 1.0, -1.0, 1.0])
    cosine, sine = _core.math.cos(angle), _core.math.sin(angle)
    joined = np.zeros((4, 4))
    joined[0, 0] = joined[3, 3] = 1.0
    joined[0, 3] = joined[3, 0] = cosine
    joined[1, 2] = joined[2, 1] = sine
    return joined


def contract(tensors: Sequence[tuple[Sequence[int], Any]], links: Sequence[NDArray[np.float64]]) -> float:
    """The sum over the letters at all ends; each tensor comes with the numbers of its cuts."""
    import numpy as np

    sides: dict[int, int] = {}
    operands: list[Any] = []
    product = 1.0
    for cuts, tensor in tensors:
        if not cuts:
            product *= float(tensor)
            continue
        labels: list[int] = []
        for cut in cuts:
            side = sides.setdefault(cut, 0)
            sides[cut] += 1
            labels.append(2 * cut + side)
        operands += [tensor, labels]
    for cut in sides:
        operands += [links[cut], [2 * cut, 2 * cut + 1]]
    return product * float(np.einsum(*operands, [], optimize="greedy")) if operands else product
