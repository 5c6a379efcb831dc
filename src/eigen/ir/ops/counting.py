"""What programs read off the counts of a run. Keys are `c[n-1] … c[0]`: classical bit 0 is the rightmost character."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array
from eigen.ir.ops.containers import integer, items_of
from eigen.ir.ops.table import Args, Attrs, op
from eigen.ir.values import Record, is_counts

if TYPE_CHECKING:
    from eigen._core import Counts


def counts_of(value: Any) -> Counts:
    """The counts of a run, or of the record of one. Raises TypeError for anything else."""
    found = value.fields.get("counts") if isinstance(value, Record) else value
    if not is_counts(found):
        raise TypeError(f"counts are needed, not `{type(value).__name__}`")
    return found


def _cost(args: Args, attrs: Attrs) -> int:
    return 1 + len(counts_of(args[0]))


def probabilities_of(counts: Counts) -> dict[str, float]:
    """Relative frequencies by bit string; empty when there are no shots."""
    shots = counts.shots
    return {key: number / shots for key, number in counts.to_dict().items()}


def most_common_of(counts: Counts) -> str:
    """The bit string met most often; of equals the smallest; empty when there are no shots."""
    return min(counts.to_dict().items(), key=lambda item: (-item[1], item[0]), default=("", 0))[0]


def parity_mean(counts: Counts, clbits: list[int] | None) -> float:
    """The mean of the product of (-1)^c[k] over the chosen bits (all when None). Raises ValueError."""
    width = counts.num_clbits
    chosen = list(range(width)) if clbits is None else clbits
    if any(not 0 <= bit < width for bit in chosen):
        raise ValueError(f"there are {width} classical bits")
    if not counts.shots:
        raise ValueError("there are no shots")
    signed = 0
    for key, number in counts.to_dict().items():
        ones = sum(key[width - 1 - bit] == "1" for bit in chosen)
        signed += -number if ones % 2 else number
    return signed / counts.shots


def bits_of(value: Any) -> list[int] | None:
    """A list of classical bits from an integer, a sequence or None (all)."""
    if value is None:
        return None
    if isinstance(value, int):
        return [value]
    return [integer(item, "a classical bit") for item in items_of(value)]


@op("counts_get", 2, types="int", cost=_cost, help="how often a bit string was met: (counts, key); 0 when never")
def counts_get(args: Args, attrs: Attrs) -> int:
    counts, key = counts_of(args[0]), args[1]
    if not isinstance(key, str) or len(key) != counts.num_clbits or set(key) - {"0", "1"}:
        raise KeyError(f"{key!r} is not a bit string of {counts.num_clbits} bits")
    return counts.to_dict().get(key, 0)


@op("counts_dict", 1, types="dict", cost=_cost, help="counts as a dict from bit string to number")
def counts_dict(args: Args, attrs: Attrs) -> dict[str, int]:
    return counts_of(args[0]).to_dict()


@op("counts_total", 1, types="int", help="the number of shots")
def counts_total(args: Args, attrs: Attrs) -> int:
    return counts_of(args[0]).shots


@op("probabilities", 1, types="dict", cost=_cost, help="relative frequencies by bit string")
def probabilities(args: Args, attrs: Attrs) -> dict[str, float]:
    return probabilities_of(counts_of(args[0]))


@op("most_common", (1, 2), types="any", cost=_cost, help="the bit string met most often, or a list of (string, number)")
def most_common(args: Args, attrs: Attrs) -> Any:
    counts = counts_of(args[0])
    if len(args) == 1:
        return most_common_of(counts)
    ordered = sorted(counts.to_dict().items(), key=lambda item: (-item[1], item[0]))
    return ordered if args[1] is None else ordered[: max(0, integer(args[1], "a number of entries"))]


@op("counts_expectation", (1, 2), types="float", cost=_cost, help="the mean Z parity of the bits: (counts, bits)")
def counts_expectation(args: Args, attrs: Attrs) -> float:
    return parity_mean(counts_of(args[0]), bits_of(args[1] if len(args) > 1 else None))


@op(
    "marginal", 2, types="counts", cost=_cost, help="the counts of some bits: (counts, bits), bit 0 of the result first"
)
def marginal(args: Args, attrs: Attrs) -> Any:
    counts, chosen = counts_of(args[0]), bits_of(args[1])
    chosen = list(range(counts.num_clbits)) if chosen is None else chosen
    if any(not 0 <= bit < counts.num_clbits for bit in chosen) or len(set(chosen)) != len(chosen):
        raise ValueError(f"the bits of a marginal are distinct and below {counts.num_clbits}")
    return counts.marginal(chosen)


@op("bit_probabilities", 1, types="array", cost=_cost, help="the frequency of 1 of each classical bit, bit 0 first")
def bit_probabilities(args: Args, attrs: Attrs) -> Array:
    counts = counts_of(args[0])
    width = counts.num_clbits
    ones = [0] * width
    for key, number in counts.to_dict().items():
        for bit in range(width):
            ones[bit] += number if key[width - 1 - bit] == "1" else 0
    return Array.vector([number / counts.shots if counts.shots else 0.0 for number in ones])
