"""How well two engines agree: fidelity of states, differences of numbers, χ² of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bench.sim.peers.protocol import Job

INFIDELITY = {"f64": 1e-10, "f32": 1e-4}
DIFFERENCE = {"f64": 1e-9, "f32": 1e-3}
BINS = 61
STANDARD_DEVIATIONS = 5.0
"""Samples of one distribution are found so far apart less often than once in 10^6."""
CHUNK = 1 << 20


def agreement(job: Job, result: Any, reference: np.ndarray) -> dict[str, Any]:
    """`ok` and the figure that says so."""
    if job.output in ("state", "array"):
        missing = infidelity(np.asarray(result), reference)
        return {"infidelity": missing, "ok": bool(missing <= INFIDELITY[job.precision])}
    if job.output in ("shots", "noisy", "frames"):
        distance = sample_distance(result, reference)
        return {"standard_deviations": distance, "ok": bool(distance <= STANDARD_DEVIATIONS)}
    if np.shape(result) != reference.shape:
        raise ValueError(f"values of shape {np.shape(result)}, not {reference.shape}")
    scale = max(1.0, float(np.abs(reference).max()))
    difference = float(np.abs(np.asarray(result) - reference).max()) / scale
    return {"difference": difference, "ok": bool(difference <= DIFFERENCE[job.precision])}


def infidelity(state: np.ndarray, reference: np.ndarray) -> float:
    """1 - |<a|b>|² / (<a|a> <b|b>), in double precision whatever the states are in."""
    if state.shape != reference.shape:
        raise ValueError(f"a state of shape {state.shape}, not {reference.shape}")
    overlap, norms = 0j, [0.0, 0.0]
    for start in range(0, len(reference), CHUNK):
        a = state[start : start + CHUNK].astype(np.complex128)
        b = reference[start : start + CHUNK].astype(np.complex128)
        overlap += complex(np.vdot(a, b))
        norms[0] += float(np.vdot(a, a).real)
        norms[1] += float(np.vdot(b, b).real)
    return 1.0 - abs(overlap) ** 2 / (norms[0] * norms[1])


def sample_distance(result: Any, reference: np.ndarray) -> float:
    """χ² of two samples over the outcomes modulo a prime, as standard deviations of a normal variable.

    The cube root of χ² is nearly normal: Wilson and Hilferty, PNAS 17, 684 (1931).
    """
    a, b = binned(result), binned(reference)
    seen = a + b > 0
    a, b = a[seen], b[seen]
    freedom = int(seen.sum()) - 1
    if freedom == 0:
        return 0.0
    share = np.sqrt(b.sum() / a.sum())
    chi2 = float(np.sum((a * share - b / share) ** 2 / (a + b)))
    spread = 2 / (9 * freedom)
    return ((chi2 / freedom) ** (1 / 3) - (1 - spread)) / float(np.sqrt(spread))


def binned(sample: Any) -> np.ndarray:
    """How many outcomes fall in each bin, of a list of outcomes or a pair (outcomes, counts)."""
    sample = np.stack(sample) if isinstance(sample, tuple) else np.asarray(sample)
    outcomes, counts = sample if sample.ndim == 2 else (sample, None)
    return np.bincount((outcomes.astype(np.int64) % BINS), weights=counts, minlength=BINS).astype(float)
