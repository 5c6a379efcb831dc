"""Which names a function binds, and where a name is found: Python's scoping rules, decided before evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eigen.lang.tree import TreeNode


@dataclass(slots=True)
class Scope:
    """The names bound by a module, a function or a comprehension. A comprehension lives in its function's frame."""

    kind: str  # module, function, comprehension
    parent: Scope | None
    slots: dict[str, str] = field(default_factory=dict[str, str])  # name -> key in the frame

    def find(self, name: str) -> tuple[int, str] | None:
        """How many frames outwards a name is bound, and its key there; None for names bound nowhere."""
        depth = 0
        scope: Scope | None = self
        while scope is not None:
            slot = scope.slots.get(name)
            if slot is not None:
                return depth, slot
            if scope.kind == "function":
                depth += 1
            scope = scope.parent
        return None

    def visible(self) -> Iterator[str]:
        """Every name bound here or around."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.slots
            scope = scope.parent


def is_node(value: Any) -> bool:
    """Whether a part of the tree is a node."""
    return isinstance(value, list) and len(value) >= 5 and isinstance(value[0], str) and type(value[1]) is int  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]


def walk(nodes: Iterable[Any], *, into_functions: bool = False) -> Iterator[TreeNode]:
    """Every node under some nodes, outer first; functions inside are named but not entered unless asked."""
    stack: list[Any] = list(nodes)[::-1]
    while stack:
        item = stack.pop()
        if not isinstance(item, list):
            continue
        if is_node(item):  # pyright: ignore[reportUnknownArgumentType]
            yield item
            if item[0] in {"FunctionDef", "Lambda"} and not into_functions:
                continue
            stack.extend(item[:4:-1])  # pyright: ignore[reportUnknownArgumentType]
        else:
            stack.extend(item[::-1])  # pyright: ignore[reportUnknownArgumentType]


def target_names(target: TreeNode) -> Iterator[str]:
    """The variables an assignment target binds."""
    stack = [target]
    while stack:
        node = stack.pop()
        if node[0] == "Name":
            yield node[5]
        elif node[0] in {"Tuple", "List"}:
            stack.extend(node[5][::-1])
        elif node[0] == "Starred":
            stack.append(node[5])


def bound_names(body: Iterable[Any]) -> dict[str, None]:
    """The names that statements bind, in order of appearance."""
    found: dict[str, None] = {}
    for node in walk(body):
        kind = node[0]
        if kind == "Assign":
            for target in node[5]:
                found.update(dict.fromkeys(target_names(target)))
        elif kind in {"AugAssign", "AnnAssign", "For", "NamedExpr"}:
            found.update(dict.fromkeys(target_names(node[5])))
        elif kind == "FunctionDef":
            found[node[5]] = None
        elif kind in {"Import", "ImportFrom"}:
            for name, alias, _ in node[5] if kind == "Import" else node[6]:
                if name != "*":
                    found[alias or name.partition(".")[0]] = None
    return found


GROWING = frozenset({"append", "extend"})
"""Methods that a run-time loop turns into assignments: `x.append(y)` is `x = x + [y]`."""


def grown_names(body: Iterable[Any]) -> dict[str, None]:
    """The variables that statements change by `x.append(…)`, `x.extend(…)` or `x[i] = …`."""
    found: dict[str, None] = {}
    for node in walk(body):
        if node[0] == "Call" and node[5][0] == "Attribute" and node[5][6] in GROWING and node[5][5][0] == "Name":
            found[node[5][5][5]] = None
        elif node[0] in {"Assign", "AugAssign"}:
            for target in node[5] if node[0] == "Assign" else [node[5]]:
                if target[0] == "Subscript" and target[5][0] == "Name":
                    found[target[5][5]] = None
    return found


_LOOPS = {"For", "While"}


def exits(body: Iterable[Any]) -> tuple[bool, bool]:
    """Whether statements may end the function (`return`), and the loop around them (`break`, `continue`)."""
    returns = loop = False
    stack: list[tuple[Any, bool]] = [(node, True) for node in body]
    while stack:
        node, own = stack.pop()
        kind = node[0]
        if kind == "Return":
            returns = True
        elif kind in {"Break", "Continue"}:
            loop = loop or own
        elif kind == "If":
            stack.extend((inner, own) for _, block in node[5] for inner in block)
            stack.extend((inner, own) for inner in node[6])
        elif kind in _LOOPS:
            inner_block, other = (node[7], node[8]) if kind == "For" else (node[6], node[7])
            stack.extend((inner, False) for inner in inner_block)
            stack.extend((inner, own) for inner in other)
    return returns, loop
