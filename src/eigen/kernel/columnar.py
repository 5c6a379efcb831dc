"""Large results as Parquet, beside results.json, which has them all: where the extra `parquet` is installed.

The bytes follow from the results and the version of pyarrow: no times, one row group for each million rows, Zstandard.
"""

from __future__ import annotations

import io
import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from eigen.ir.values import is_dict, is_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.types import Json

SWEEP = "results/sweep.parquet"
COUNTS = "results/counts.parquet"
HISTORY = "results/history.parquet"
LARGE_SWEEP = 1_000
"""Points from which a sweep has a Parquet file."""

LARGE = 10_000
"""Outcomes over all circuits, and iterations over all minimisations, from which they have one."""

ROWS = 1_000_000
WIDEST = 2**63
NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
"""How results.json writes such numbers."""


def parquet_files(outcome: Mapping[str, Any], *, but: frozenset[str] = frozenset()) -> dict[str, bytes]:
    """The Parquet files of an outcome by path, `but` for those named; none where nothing is large, or pyarrow is not
    installed."""
    tables = {path: columns for path, columns in _tables(outcome) if path not in but}
    if not tables or find_spec("pyarrow") is None:
        return {}
    return {path: _written(columns) for path, columns in tables.items()}


def _tables(outcome: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, list[Any]]]]:
    metadata: Mapping[str, Any] = outcome.get("metadata") or {}
    outputs: Any = outcome.get("outputs")
    if "sweep" in metadata and outputs is not None and outputs["done"] >= LARGE_SWEEP:
        yield SWEEP, _sweep(outputs)
    circuits: Sequence[Mapping[str, Any]] = outcome.get("circuits") or ()
    if sum(len(run["counts"]) for run in circuits) >= LARGE:
        yield COUNTS, _counts(circuits)
    records: Sequence[Mapping[str, Any]] = metadata.get("minimizations") or ()
    if sum(len(record.get("history") or ()) for record in records) >= LARGE:
        yield HISTORY, _history(records)


def _sweep(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    """A row for each point: its number, where no column has that name, the parameters and the outputs."""
    columns = {**table["parameters"], **table["outputs"]}
    return {"point": list(range(table["done"]))} | columns


def _counts(circuits: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """A row for each outcome of each circuit, ascending."""
    found: dict[str, list[Any]] = {"circuit": [], "label": [], "outcome": [], "count": []}
    for place, run in enumerate(circuits):
        outcomes = sorted(run["counts"].items())
        found["circuit"] += [place] * len(outcomes)
        found["label"] += [run["label"]] * len(outcomes)
        found["outcome"] += [bits for bits, _ in outcomes]
        found["count"] += [count for _, count in outcomes]
    return found


def _history(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """A row for each iteration of each minimisation, counted from 0."""
    found: dict[str, list[Any]] = {"minimization": [], "label": [], "iteration": [], "value": []}
    for place, record in enumerate(records):
        values: list[Any] = record.get("history") or []
        found["minimization"] += [place] * len(values)
        found["label"] += [record["label"]] * len(values)
        found["iteration"] += range(len(values))
        found["value"] += values
    return found


def _written(columns: Mapping[str, list[Any]]) -> bytes:
    import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
    from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

    library: Any = pa
    writer: Any = parquet
    typed = {name: _column(values) for name, values in columns.items()}
    types = {
        "bool": library.bool_(),
        "int": library.int64(),
        "float": library.float64(),
        "text": library.string(),
        "array": library.list_(library.float64()),
        "counts": library.map_(library.string(), library.int64()),
    }
    arrays = [library.array(values, type=types[kind]) for kind, values in typed.values()]
    buffer = io.BytesIO()
    writer.write_table(
        library.Table.from_arrays(arrays, names=list(typed)), buffer, compression="zstd", row_group_size=ROWS
    )
    return buffer.getvalue()


def _column(values: list[Any]) -> tuple[str, list[Any]]:
    """The type of a column and its values in it; what fits no other is text, as JSON."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in present):
        return "bool", values
    if all(_whole(value) for value in present):
        return "int", values
    if all(map(_real, present)) and not all(isinstance(value, str) for value in present):
        return "float", [None if value is None else float(value) for value in values]
    if all(isinstance(value, str) for value in present):
        return "text", values
    if all(is_list(value) and all(map(_real, value)) for value in present):
        return "array", [None if value is None else [float(item) for item in value] for value in values]
    if all(is_dict(value) and all(map(_whole, value.values())) for value in present):
        return "counts", [None if value is None else sorted(value.items()) for value in values]
    return "text", [None if value is None else _json(value) for value in values]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -WIDEST <= value < WIDEST


def _real(value: Any) -> bool:
    """A number, in one of the ways in which results.json writes them."""
    if isinstance(value, str):
        return value in NOT_FINITE
    return isinstance(value, int | float) and not isinstance(value, bool)


def _json(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
