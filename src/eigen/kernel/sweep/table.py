"""`Table`: what a sweep gives, as columns: the parameters of each point, and what the program returned there.

As JSON it is `{"points", "done", "parameters": {name: column}, "outputs": {name: column}}`; the columns have one entry
for each point that was reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen._core import Counts
from eigen.ir.ops.limits import exceeded
from eigen.ir.values import Record, is_dict, is_list, to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.sweep import Sweep
    from eigen.types import Json

VALUE, COUNTS = "value", "counts"
MAX_CELLS = 2_000_000
"""Values of one table, the outcomes of counts among them."""

MAX_COLUMNS = 256
"""A program that returns mappings of more keys than this has them in one column."""


class Table:
    """Grows by one point at a time. Raises EIGEN_LIMIT_EXCEEDED when it holds too much."""

    def __init__(self, sweep: Sweep) -> None:
        self.points = sweep.points
        self.done = 0
        self._parameters = sweep.columns()
        self._columns: dict[str, list[Json]] = {}
        self._cells = 0

    @property
    def has_counts(self) -> bool:
        """Whether a column holds counts of circuits."""
        return any(name.endswith(COUNTS) for name in self._columns)

    def add(self, output: Any, counts: Mapping[str, int] | None) -> None:
        """The next point: what the program returned, and the counts of the last circuit that it ran."""
        row = self._row(output)
        name = self._name(COUNTS)
        if counts is not None and name not in row:
            row[name] = dict(counts)
        self._cells += len(self._parameters) + _size(row)
        if self._cells > MAX_CELLS:
            raise exceeded("values of the table of a sweep", self._cells, MAX_CELLS)
        for key in row.keys() - self._columns.keys():
            self._columns[key] = [None] * self.done
        for key, column in self._columns.items():
            column.append(row.get(key))
        self.done += 1

    def to_json(self) -> dict[str, Json]:
        """The points that were reached."""
        return {
            "points": self.points,
            "done": self.done,
            "parameters": {name: column[: self.done] for name, column in self._parameters.items()},
            "outputs": {name: list(column) for name, column in sorted(self._columns.items())},
        }

    def _row(self, output: Any) -> dict[str, Json]:
        """A mapping or record by its keys, anything else as one value."""
        plain = to_plain(output)
        if isinstance(output, Counts):
            return {self._name(COUNTS): plain}
        if (isinstance(output, Record) or is_dict(output)) and is_dict(plain):
            row = {self._name(key): value for key, value in plain.items()}
            if len(self._columns.keys() | row.keys()) <= MAX_COLUMNS:
                return row
        return {self._name(VALUE): plain}

    def _name(self, key: str) -> str:
        """The name of a column, which is no parameter's."""
        return f"output.{key}" if key in self._parameters else key


def _size(plain: Any) -> int:
    """The values within a JSON value; long texts count as more."""
    found = 0
    waiting = [plain]
    while waiting:
        item = waiting.pop()
        found += 1 + (len(item) // 64 if isinstance(item, str) else 0)
        if is_dict(item):
            waiting += item.values()
        elif is_list(item):
            waiting += item
    return found
