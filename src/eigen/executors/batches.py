"""Which work is done in parts, and what the parts add up to. Pure: parts follow from the work alone, so that a result
does not depend on how many workers there are.

Where each shot is a run of its own (noise, measurements on the way, resets) the shots of one run can be shared among
several runs with seeds of their own: the counts are drawn from the same distribution, by other random numbers. Where
they are all read from one state, sharing them would only make that state again.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from eigen._core import derive_seed
from eigen.ir.ordered import ordered_sum
from eigen.types import SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen._core import Counts
    from eigen.types import Json, Work

MAX_BATCHES = 256


def is_run_by_shot(work: Work) -> bool:
    """Whether each shot takes a run of its own."""
    return isinstance(work, SampleWork) and ("noise_model" in work.options or work.circuit.is_dynamic)


def batches_of(work: Work, shots: int) -> tuple[Work, ...]:
    """The work in parts of about so many shots, at most 256, or as it is; `shots` 0 leaves it as it is.

    Part k of n has the shots of k · total // n up to (k + 1) · total // n, and the seed derived from the work's by
    `"batch"` and k.
    """
    if not shots or not isinstance(work, SampleWork) or not is_run_by_shot(work):
        return (work,)
    count = min(-(-work.shots // shots), MAX_BATCHES)
    if count < 2:
        return (work,)
    edges = [index * work.shots // count for index in range(count + 1)]
    return tuple(
        replace(work, shots=last - first, seed=derive_seed(work.seed, "batch", index))
        for index, (first, last) in enumerate(pairwise(edges))
    )


def together(work: Work, results: Sequence[WorkResult]) -> WorkResult:
    """The result of work from those of its parts. That there were parts is on its record."""
    if len(results) == 1 or not isinstance(work, SampleWork):
        return results[0]
    found: list[Counts] = [result.counts for result in results if result.counts is not None]
    if len(found) != len(results):
        return results[0]  # without counts: the caller refuses it
    counts = found[0]
    for other in found[1:]:
        counts = counts.merge(other)
    metadata: dict[str, Json] = dict(results[0].metadata)
    record: dict[str, Any] = {"seed": work.seed, "batches": len(results), "batch_seeds": "derive_seed(seed, batch, k)"}
    return WorkResult(
        counts=counts,
        execution_time_sec=ordered_sum(result.execution_time_sec for result in results),
        metadata=metadata | record,
    )
