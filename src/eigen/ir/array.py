"""`Array`: the immutable, row-major array of run-time values. Plain Python numbers, no NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KINDS = "bifc"
"""Element kinds in promotion order: bool, int (64 bits), float (IEEE double), complex (two doubles)."""

MAX_RANK = 32


def is_sequence(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...] | range]:
    """Whether a value is a list, a tuple or a range."""
    return isinstance(value, (list, tuple, range))


def size_of(shape: Iterable[int]) -> int:
    """The number of elements of a shape."""
    size = 1
    for extent in shape:
        size *= extent
    return size


def kind_of(value: Any) -> str:
    """The kind of a Python number; TypeError for anything else."""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int):
        return "i"
    if isinstance(value, float):
        return "f"
    if isinstance(value, complex):
        return "c"
    raise TypeError(f"an array holds numbers, not `{type(value).__name__}`")


def promote(kinds: Iterable[str]) -> str:
    """The smallest kind that holds all of `kinds`; float for none (as an empty NumPy array)."""
    found = max((KINDS.index(kind) for kind in kinds), default=2)
    return KINDS[found]


def convert(data: Iterable[Any], kind: str) -> tuple[Any, ...]:
    """Numbers converted to a kind. Raises TypeError (complex to real) and ValueError/OverflowError (NaN to int)."""
    if kind == "f":
        return tuple(map(float, data))
    if kind == "c":
        return tuple(map(complex, data))
    if kind == "i":
        return tuple(map(int, data))
    return tuple(map(bool, data))


@dataclass(frozen=True, slots=True)
class Array:
    """Numbers in row-major order: element (i, j, …) stands at `(i * shape[1] + j) * shape[2] + …` of `data`.

    `kind` is one of `b i f c`. Equality is structural (shape, kind and elements); the elementwise comparison
    is the operation `eq`.
    """

    shape: tuple[int, ...]
    data: tuple[Any, ...]
    kind: str = "f"

    def __post_init__(self) -> None:
        if size_of(self.shape) != len(self.data):
            raise ValueError(f"an array of shape {self.shape} does not have {len(self.data)} elements")

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return len(self.data)

    def __len__(self) -> int:
        return self.shape[0]

    @staticmethod
    def vector(data: Iterable[Any], kind: str = "f") -> Array:
        """A one-dimensional array of the given kind."""
        values = convert(data, kind)
        return Array((len(values),), values, kind)

    @staticmethod
    def of(value: Any, kind: str | None = None) -> Array:
        """An array from a number, an Array or nested lists of them; ValueError when the rows are ragged.

        >>> Array.of([[1, 2.5], [3, 4]])
        Array(shape=(2, 2), data=(1.0, 2.5, 3.0, 4.0), kind='f')
        """
        shape, flat, kinds = _flatten(value, 0)
        chosen = promote(kinds) if kind is None else kind
        return Array(shape, convert(flat, chosen), chosen)

    def astype(self, kind: str) -> Array:
        """The same numbers in another kind."""
        return self if kind == self.kind else Array(self.shape, convert(self.data, kind), kind)

    def row(self, index: int) -> Any:
        """Element `index` of the first axis: a number for a vector, else an array of one axis less."""
        if self.ndim == 1:
            return self.data[index]
        stride = size_of(self.shape[1:])
        start = (index + self.shape[0] if index < 0 else index) * stride
        return Array(self.shape[1:], self.data[start : start + stride], self.kind)

    def rows(self) -> list[Any]:
        """All elements of the first axis."""
        return list(self.data) if self.ndim == 1 else [self.row(index) for index in range(self.shape[0])]

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        if self.ndim == 0:
            return self.data[0]
        values: list[Any] = list(self.data)
        for axis in range(self.ndim - 1, 0, -1):
            extent, count = self.shape[axis], size_of(self.shape[:axis])
            values = [values[position * extent : (position + 1) * extent] for position in range(count)]
        return values


def _flatten(value: Any, depth: int) -> tuple[tuple[int, ...], Sequence[Any], set[str]]:
    if isinstance(value, Array):
        return value.shape, value.data, {value.kind}
    if not is_sequence(value):
        return (), (value,), {kind_of(value)}
    if depth >= MAX_RANK:
        raise ValueError(f"an array has at most {MAX_RANK} axes")
    shape: tuple[int, ...] | None = None
    flat: list[Any] = []
    kinds: set[str] = set()
    for item in value:
        inner, data, found = _flatten(item, depth + 1)
        if shape is not None and inner != shape:
            raise ValueError(f"the rows of an array must have one shape, not {shape} and {inner}")
        shape = inner
        flat.extend(data)
        kinds |= found
    return (len(value), *(shape or ())), flat, kinds
