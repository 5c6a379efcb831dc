"""`Counts`: how often each outcome came, as a mapping of text to numbers and as NumPy arrays.

NumPy is imported by the methods that return arrays; who only looks outcomes up does not pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eigen._core import Counts as PackedCounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray


class Counts(Mapping[str, int]):
    """Outcomes `c[n-1]…c[0]` and how often each came; classical bit 0 is the rightmost character.

    Outcomes are in ascending order; one that never came is not there.

    >>> counts = Counts({"00": 3, "10": 1})
    >>> counts["10"], counts.shots, counts.num_clbits
    (1, 4, 2)
    >>> bits, times = counts.to_arrays()
    >>> bits.tolist(), times.tolist()
    ([[0, 0], [0, 1]], [3, 1])
    """

    __slots__ = ("_packed", "_values")

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._values: dict[str, int] = {bits: times for bits, times in sorted(counts.items()) if times}
        self._packed: PackedCounts | None = None

    def __getitem__(self, outcome: str) -> int:
        return self._values[outcome]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Counts({self._values!r})"

    def __reduce__(self) -> Any:
        return Counts, (self._values,)

    @property
    def shots(self) -> int:
        """How many measurements there were."""
        return sum(self._values.values())

    @property
    def num_clbits(self) -> int:
        """The number of classical bits of an outcome; 0 when there is none."""
        return len(next(iter(self._values), ""))

    def to_dict(self) -> dict[str, int]:
        """A plain dict, outcomes ascending."""
        return dict(self._values)

    def to_arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Bits of shape (k, n) and numbers of shape (k,), outcomes ascending.

        `bits[i, j]` is classical bit j of outcome i, that is character n-1-j of its text; `numbers[i]` is how often
        outcome i came. Both arrays are the caller's own.
        """
        import numpy as np

        packed, width = self._columns(), self.num_clbits
        keys = np.frombuffer(packed.keys_packed, np.uint8).reshape(len(self), (width + 7) // 8)
        return np.unpackbits(keys, axis=1, count=width, bitorder="little"), np.array(packed.values, np.int64)

    def probabilities(self) -> NDArray[np.float64]:
        """The share of each outcome, shape (k,), in the order of `to_arrays` and of iteration."""
        import numpy as np

        numbers = np.array(self._columns().values, np.float64)
        return numbers / numbers.sum() if len(numbers) else numbers

    def marginal(self, clbits: Sequence[int]) -> Counts:
        """The counts of some classical bits: bit k of the new outcomes is bit `clbits[k]` of these.

        >>> Counts({"00": 3, "10": 1}).marginal([1])
        Counts({'0': 3, '1': 1})
        """
        from eigen.ir import core_errors

        with core_errors():
            return Counts(self._columns().marginal(clbits).to_dict())

    def _columns(self) -> PackedCounts:
        if self._packed is None:
            from eigen.ir import core_errors

            with core_errors():
                self._packed = PackedCounts.from_dict(self._values, self.num_clbits)
        return self._packed
