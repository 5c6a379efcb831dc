"""Which work is done in parts, and what the parts add up to. Pure: parts follow from the work alone, so that a result
does not depend on how many workers there are.

Work is done in parts where each shot is a run of its own (noise, measurements on the way, resets). Where all shots are
read from one state, parts would only make that state again. A device with the feature `parts` does a part of the very
run: random numbers belong to a history of the run, whoever follows it, so that the counts of the parts add up to those
of the run, shot for shot. Elsewhere the parts are runs with seeds of their own: the same distribution, other numbers.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from eigen._core import derive_seed
from eigen.ir.ordered import ordered_sum
from eigen.types import SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen._core import Counts
    from eigen.types import Device, Json, Work

MAX_BATCHES = 256
PART = "part"
"""The option of work that is a part: its number, and of how many."""

WORST = {"max_bond": max, "state_bytes": max, "truncation_error": max, "fidelity_estimate": min, "amplitudes": max}
"""What engines tell of the histories that they followed, and what of that holds for all of them together."""


def is_run_by_shot(work: Work) -> bool:
    """Whether each shot takes a run of its own."""
    return isinstance(work, SampleWork) and ("noise_model" in work.options or work.circuit.is_dynamic)


def is_part(work: Work) -> bool:
    """Whether the work is a part of a run, not a run with a seed of its own."""
    return PART in work.options


def divides(device: Device) -> bool:
    """Whether a device does parts of one run."""
    return "parts" in device.features


def batches_of(device: Device, work: Work, shots: int) -> tuple[Work, ...]:
    """The work in parts of about so many shots, at most 256, or as it is; `shots` 0 leaves it as it is.

    A part of a run on a device that `divides` has the option `part`, `[k, n]`. Elsewhere part k of n has the shots of
    k · total // n up to (k + 1) · total // n, and the seed derived from the work's by `"batch"` and k.
    """
    if not shots or not isinstance(work, SampleWork) or not is_run_by_shot(work):
        return (work,)
    count = min(-(-work.shots // shots), MAX_BATCHES)
    if count < 2:
        return (work,)
    if divides(device):
        if device.properties.get("engine") == "density" and not work.circuit.is_dynamic:
            return (work,)  # noise is in the one matrix
        return tuple(replace(work, options={**work.options, PART: [index, count]}) for index in range(count))
    edges = [index * work.shots // count for index in range(count + 1)]
    return tuple(
        replace(work, shots=last - first, seed=derive_seed(work.seed, "batch", index))
        for index, (first, last) in enumerate(pairwise(edges))
    )


def together(parts: Sequence[Work], work: Work, results: Sequence[WorkResult]) -> WorkResult | None:
    """The result of work from those of its parts; None when they are not parts of one run, as where workers differ in
    their memory and engines chose by it. Where parts have seeds of their own, the record says that there were any."""
    if len(results) == 1 or not isinstance(work, SampleWork):
        return results[0]
    found: list[Counts] = [result.counts for result in results if result.counts is not None]
    if len(found) != len(results):
        return results[0]  # without counts: the caller refuses it
    counts = found[0]
    for other in found[1:]:
        counts = counts.merge(other)
    if is_part(parts[0]):
        if (
            counts.shots != work.shots
            or len({(*result.metadata, result.metadata.get("method")) for result in results}) > 1
        ):
            return None
        record = _record([result.metadata for result in results], work.shots)
    else:
        own: dict[str, Any] = {"seed": work.seed, "batches": len(results), "batch_seeds": "derive_seed(seed, batch, k)"}
        record = {**results[0].metadata, **own}
    seconds = ordered_sum(result.execution_time_sec for result in results)
    return WorkResult(counts=counts, execution_time_sec=seconds, metadata=record)


def _record(parts: Sequence[Mapping[str, Any]], shots: int) -> dict[str, Json]:
    """What the engine would tell of the whole run."""
    record = dict(parts[0])
    for name, worst in WORST.items():
        if name in record:
            record[name] = worst(part[name] for part in parts)
    if "trajectories" in record:
        record["trajectories"] = sum(int(part["trajectories"]) for part in parts)
        record["error_free_share"] = sum(round(part["error_free_share"] * shots) for part in parts) / shots
    return record
