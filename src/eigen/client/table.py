"""`Table`: what a sweep left, as columns of plain lists. It needs no package besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from eigen.types import Json


class Table(Mapping[str, "list[Json]"]):
    """Columns by name, the swept parameters before what the program returned; entry k of each is that of point k.

    >>> table = Table({"points": 2, "done": 2, "parameters": {"x": [0.1, 0.2]}, "outputs": {"value": [1.0, 0.5]}})
    >>> table["value"], table.parameters, table.outputs
    ([1.0, 0.5], ('x',), ('value',))
    >>> list(table.rows())[1]
    {'x': 0.2, 'value': 0.5}
    """

    __slots__ = ("_columns", "done", "outputs", "parameters", "points")

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.points = int(kept["points"])
        """How many points the sweep has."""
        self.done = int(kept["done"])
        """How many of them were reached: the length of each column."""
        self.parameters = tuple(kept["parameters"])
        """The columns of the swept parameters."""
        self.outputs = tuple(kept["outputs"])
        """The columns of what the program returned."""
        self._columns: dict[str, list[Json]] = {**kept["parameters"], **kept["outputs"]}

    def __getitem__(self, name: str) -> list[Json]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"Table({', '.join(self)}; {self.done} of {self.points} points)"

    def rows(self) -> Generator[dict[str, Json]]:
        """The points one by one, each a mapping from column to value."""
        for index in range(self.done):
            yield {name: column[index] for name, column in self._columns.items()}
