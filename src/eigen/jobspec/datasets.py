"""Data sets of a job: CSV or JSON text → `types.Dataset`, identified by the sha256 of its canonical bytes.

CSV: one row per line; with a header the column `label` (else the last) is the label. JSON:
`{"features": [[…], …], "labels": […]}`. Numbers only, all finite.
"""

from __future__ import annotations

import csv
import io
import json
import math
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.types import Dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 16 * 1024 * 1024
MAX_NUMBERS = 1_000_000


def read_dataset(name: str, data: bytes, *, filename: str) -> Dataset:
    """Read a data set; raises EIGEN_JOBSPEC_INVALID naming the row, or EIGEN_LIMIT_EXCEEDED."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _invalid(filename, "it is not UTF-8 text") from error
    features, labels = _json(text, filename) if filename.endswith(".json") else _csv(text, filename)
    if not features:
        raise _invalid(filename, "it has no rows")
    width = len(features[0])
    for row, values in enumerate(features, start=1):
        if len(values) != width or width == 0:
            raise _invalid(filename, f"row {row} has {len(values)} features, the first has {width}")
    if len(labels) != len(features):
        raise _invalid(filename, f"{len(features)} rows of features and {len(labels)} labels")
    if len(features) * (width + 1) > MAX_NUMBERS:
        message = f"`{filename}` has more numbers than the limit `dataset_numbers` of {MAX_NUMBERS:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=filename)
    rows, column = tuple(tuple(values) for values in features), tuple(labels)
    return Dataset(name, rows, column, sha256(_canonical(rows, column)).hexdigest())


def dump_dataset(dataset: Dataset) -> bytes:
    """The canonical JSON of a data set: the bytes its digest is taken over."""
    return _canonical(dataset.features, dataset.labels)


def load_stored(name: str, data: bytes) -> Dataset:
    """The data set that `dump_dataset` wrote."""
    return read_dataset(name, data, filename=f"{name}.json")


def _canonical(features: Sequence[Sequence[float]], labels: Sequence[float]) -> bytes:
    value = {"features": [list(row) for row in features], "labels": list(labels)}
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _json(text: str, filename: str) -> tuple[list[list[float]], list[float]]:
    def no_constant(word: str) -> float:
        raise ValueError(f"`{word}` is not a finite number")

    if text.count("[") > MAX_NUMBERS or _deepest(text) > 16:
        raise EigenError("EIGEN_LIMIT_EXCEEDED", f"`{filename}` is nested too deeply or has too many lists")
    try:
        value: Any = json.loads(text, parse_constant=no_constant)
    except ValueError as error:
        raise _invalid(filename, f"not valid JSON: {error}") from error
    if not isinstance(value, dict) or not {"features", "labels"} <= value.keys():
        raise _invalid(filename, "expected an object with `features` and `labels`")
    document: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    features, labels = document["features"], document["labels"]
    if not isinstance(features, list) or not isinstance(labels, list):
        raise _invalid(filename, "`features` and `labels` must be lists")
    rows: list[Any] = features  # pyright: ignore[reportUnknownVariableType]
    numbers: list[list[float]] = []
    for index, row in enumerate(rows, start=1):
        if not isinstance(row, list):
            raise _invalid(filename, f"row {index} of `features` is not a list")
        values: list[Any] = row  # pyright: ignore[reportUnknownVariableType]
        numbers.append([_number(value, filename, index) for value in values])
    answers: list[Any] = labels  # pyright: ignore[reportUnknownVariableType]
    return numbers, [_number(value, filename, index) for index, value in enumerate(answers, start=1)]


def _deepest(text: str) -> int:
    """The deepest nesting of brackets; brackets in text count too, which can only refuse more."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _csv(text: str, filename: str) -> tuple[list[list[float]], list[float]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error as error:
        raise _invalid(filename, f"not valid CSV: {error}") from error
    label = -1
    if rows and not all(_is_number(cell) for cell in rows[0]):
        header = [cell.strip() for cell in rows.pop(0)]
        label = header.index("label") if "label" in header else -1
    features: list[list[float]] = []
    labels: list[float] = []
    for index, row in enumerate(rows, start=1):
        if not -len(row) <= label < len(row):
            raise _invalid(filename, f"row {index} has no column for the label")
        values = [_number(cell, filename, index) for cell in row]
        labels.append(values.pop(label))
        features.append(values)
    return features, labels


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(value: Any, filename: str, row: int) -> float:
    """A finite float from a JSON number or a CSV cell."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _invalid(filename, f"row {row} holds something that is not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise _invalid(filename, f"row {row}: `{str(value)[:40]}` is not a number") from error
    if not math.isfinite(number):
        raise _invalid(filename, f"row {row}: `{value}` is not a finite number")
    return number


def _invalid(filename: str, message: str) -> EigenError:
    return EigenError("EIGEN_JOBSPEC_INVALID", f"`{filename}`: {message}", where=filename)
