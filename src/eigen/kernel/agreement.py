"""Whether a replay agrees with the job it repeats: bit for bit on the same engine, else by counts and values. Pure."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Any, cast

from eigen.kernel.statistics import FALSE_ALARM, alike

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import JobResults, Json

IDENTICAL, AGREES, DIFFERS, OPEN = "identical", "agrees", "differs", "not comparable"
TOLERANCE = 1e-6
"""Of exact values on another engine, times one and the value."""

HOSTS_OWN = frozenset({"threads", "passes"})
"""What an engine tells that no bit of its results depends on."""

RESULT = ("evaluations", "shots_used", "minimizations", "printed")


def agreement(first: JobResults, again: JobResults) -> dict[str, Json]:
    """The verdict on two ends of the same job: `replay_of`, `verdict`, `test` (how they were compared), `detail`."""
    verdict, test, detail = _compare(first, again)
    return {"replay_of": first.job_id, "verdict": verdict, "test": test, "detail": detail}


def _compare(first: JobResults, again: JobResults) -> tuple[str, str, str]:
    if _end(first) != _end(again):
        return DIFFERS, "how they ended", f"one ended with {_end(first)}, the other with {_end(again)}"
    unlike = _other_ground(first.metadata, again.metadata)
    if not unlike:
        faults = _bits(first, again)
        return DIFFERS if faults else IDENTICAL, "bit for bit", "; ".join(faults) or "the same engine, the same bits"
    if first.metadata.get("shots_used") or again.metadata.get("shots_used"):
        return _by_counts(first, again, unlike)
    return _by_values(first, again, unlike)


def _end(results: JobResults) -> str:
    code = (results.error or {}).get("code")
    return f"{results.state.value}{f' ({code})' if code else ''}"


def _other_ground(first: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """Why the two need not have the same bits; empty when they must."""
    for name in ("device_id", "device_digest", "seed"):
        if first.get(name) != again.get(name):
            return f"another `{name}`"
    ours, theirs = _engines(first), _engines(again)
    if ours == theirs:
        return ""
    names = sorted({name for one, other in zip(ours, theirs, strict=False) for name in _unequal(one, other)})
    return f"another {', '.join(f'`{name}`' for name in names)}" if names else "other engines"


def _engines(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    engines: list[dict[str, Any]] = metadata.get("engines") or []
    found = [{name: value for name, value in engine.items() if name not in HOSTS_OWN} for engine in engines]
    return [engine for index, engine in enumerate(found) if engine not in found[:index]]


def _unequal(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in {*one, *other} if one.get(name) != other.get(name)]


def _bits(first: JobResults, again: JobResults) -> list[str]:
    pairs: dict[str, tuple[Json, Json]] = {
        "outputs": (first.outputs, again.outputs),
        "counts": (first.counts, again.counts),
        "circuits": ([dict(run) for run in first.circuits], [dict(run) for run in again.circuits]),
    }
    pairs |= {name: (first.metadata.get(name), again.metadata.get(name)) for name in RESULT}
    faults = [f"`{name}` is not the same" for name, (one, other) in pairs.items() if one != other]
    if first.outputs != again.outputs and "sweep" in first.metadata and "sweep" in again.metadata:
        faults.append(_first_unlike(first.outputs, again.outputs))
    return faults


def _first_unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The first point of two sweeps at which a column differs."""
    places: list[tuple[int, str]] = []
    for name in sorted(one["outputs"].keys() & other["outputs"].keys()):
        pairs = zip(one["outputs"][name], other["outputs"][name], strict=False)
        unlike = next((index for index, (left, right) in enumerate(pairs) if left != right), None)
        if unlike is not None:
            places.append((unlike, name))
    return f"first at point {min(places)[0]}, `{min(places)[1]}`" if places else "they have other columns or points"


def _by_counts(first: JobResults, again: JobResults, unlike: str) -> tuple[str, str, str]:
    """The counts of each circuit; what a program made of them has no distribution that we know."""
    ours, theirs = _sampled(first), _sampled(again)
    pairs = [*zip(ours, theirs, strict=False)]
    test = f"G-test of two samples, wrong about agreeing runs less than once in {1 / FALSE_ALARM:,.0f}"
    if len(ours) != len(theirs):
        return DIFFERS, test, f"{unlike}; {len(ours)} circuits were run, then {len(theirs)}"
    if not pairs:
        return OPEN, "none", f"{unlike}; the values come from shots and leave no counts to compare"
    found = [alike(one["counts"], other["counts"]) for one, other in pairs]
    least = min(tested.p_value for tested in found)
    if least < FALSE_ALARM / len(found):
        worst = [pair[0]["label"] for pair, each in zip(pairs, found, strict=True) if each.p_value == least]
        return DIFFERS, test, f"{unlike}; the counts of `{worst[0]}` do not fit, p <= {least:.3g}"
    return AGREES, test, f"{unlike}; the counts of {len(found)} circuits fit, p <= {least:.3g} at least"


def _sampled(results: JobResults) -> list[Mapping[str, Any]]:
    """The counts there are, each with its label: of circuits, or of the points of a sweep."""
    if "sweep" not in results.metadata or results.outputs is None:
        return list(results.circuits)
    column: list[Any] = results.outputs["outputs"].get(_counts_column(results.outputs), [])
    return [{"label": f"point {index}", "counts": counts} for index, counts in enumerate(column) if counts is not None]


def _counts_column(table: Mapping[str, Any]) -> str:
    return "output.counts" if "counts" in table["parameters"] else "counts"


def _by_values(first: JobResults, again: JobResults, unlike: str) -> tuple[str, str, str]:
    """The optima of minimisations, whose parameters may lie along a valley; else the outputs."""
    test = f"exact values within {TOLERANCE:g} times one and the value"
    ours, theirs = (_optima(results) for results in (first, again))
    same = _close(ours, theirs) if ours or theirs else _close(first.outputs, again.outputs)
    what = "the optima" if ours or theirs else "the outputs"
    return (AGREES, test, f"{unlike}; {what} agree") if same else (DIFFERS, test, f"{unlike}; {what} do not agree")


def _optima(results: JobResults) -> list[Json]:
    minimizations: Sequence[Mapping[str, Any]] = results.metadata.get("minimizations") or ()
    return [record.get("optimal_value") for record in minimizations]


def _close(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same but for the rounding of their numbers."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, list) and isinstance(other, list):
        rows, others = cast("list[Any]", one), cast("list[Any]", other)
        return len(rows) == len(others) and all(map(_close, rows, others))
    if isinstance(one, dict) and isinstance(other, dict):
        fields, theirs = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        return fields.keys() == theirs.keys() and all(_close(value, theirs[name]) for name, value in fields.items())
    return isinstance(one, bool) is isinstance(other, bool) and one == other
