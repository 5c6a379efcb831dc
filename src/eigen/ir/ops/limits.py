"""What bounds a computation: fuel, charged before the work, and hard limits on the size of every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eigen.errors import EigenError
from eigen.ir.array import Array, size_of
from eigen.ir.values import is_dict, is_list, is_tuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_INT_BITS = 4096
MAX_STR = 4096
MAX_ITEMS = 100_000
MAX_NUMBERS = 1_000_000


class OpError(Exception):
    """A mistake of the program that Python would report too: `kind` is the name of Python's exception."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class Fuel(Protocol):
    """What pays for operations: raises EIGEN_LIMIT_EXCEEDED when it runs out."""

    def charge(self, amount: int) -> None:
        """Take `amount` steps."""
        ...


@dataclass(slots=True)
class Tank:
    """A counted amount of fuel; `name` says whose limit it is."""

    left: int
    name: str = "steps"
    size: int = 0

    def __post_init__(self) -> None:
        self.size = self.left

    def charge(self, amount: int) -> None:
        """Take `amount` steps; raises EIGEN_LIMIT_EXCEEDED when they are not there."""
        if amount > self.left:
            self.left = 0
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"more than the limit of `{self.size}` {self.name}")
        self.left -= amount


def exceeded(what: str, found: int | str, limit: int) -> EigenError:
    """The error of a counted limit, naming the limit and the value."""
    return EigenError("EIGEN_LIMIT_EXCEEDED", f"{what}: `{found}` is beyond the limit of {limit}")


def check_bits(bits: int) -> None:
    """Refuse an integer of more than MAX_INT_BITS bits before it is made."""
    if bits > MAX_INT_BITS:
        raise exceeded("bits of an integer", bits, MAX_INT_BITS)


def check_text(length: int) -> None:
    """Refuse a string of more than MAX_STR characters before it is made."""
    if length > MAX_STR:
        raise exceeded("characters of a string", length, MAX_STR)


def check_items(count: int) -> None:
    """Refuse a container of more than MAX_ITEMS elements before it is made."""
    if count > MAX_ITEMS:
        raise exceeded("elements of a container", count, MAX_ITEMS)


def check_shape(shape: Iterable[int]) -> int:
    """Refuse an array of more than MAX_NUMBERS numbers before it is made; returns its size."""
    size = size_of(shape)
    if size > MAX_NUMBERS:
        raise exceeded("numbers of an array", size, MAX_NUMBERS)
    return size


def extent(value: Any) -> int:
    """The number of elements an operation touches when it goes through a value once, not looking inside."""
    if isinstance(value, Array):
        return value.size
    if is_list(value) or is_tuple(value) or is_dict(value) or isinstance(value, (str, range)):
        return len(value)
    return 1


def check_result(value: Any) -> Any:
    """The value an operation gave, refused when it is beyond a limit."""
    if isinstance(value, int):
        check_bits(value.bit_length())
    elif isinstance(value, str):
        check_text(len(value))
    elif isinstance(value, Array):
        check_shape(value.shape)
    elif is_list(value) or is_tuple(value) or is_dict(value):
        check_items(len(value))
    return value
