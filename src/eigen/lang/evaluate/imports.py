"""`import` and `from … import`: names of the language, `math`, `numpy`, `typing`. Nothing is ever loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import suggest
from eigen.lang.diagnostics import Span
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.values import Inert, Module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Frame, Statement
    from eigen.lang.evaluate.statements import Block
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value

LANGUAGE = ("eigen_lang", "Eigen_lang")
_INERT = {"typing", "collections.abc", "__future__", "numpy.typing", "typing_extensions"}
_ALLOWED = "only `eigen_lang`, `math`, `numpy` and `typing` can be imported"


def _module(c: Compiler, name: str) -> Mapping[str, Value] | None:
    """The members of an allowed module; None for any other."""
    if name in LANGUAGE:
        return c.prelude
    if name == "math":
        from eigen.lang.modules.math import MATH

        return MATH
    if name in {"numpy", "numpy.random", "numpy.linalg"}:
        from eigen.lang.modules.numpy import NUMPY

        inner = NUMPY.get(name.partition(".")[2])
        return inner.members if isinstance(inner, Module) else NUMPY
    return None


def compile_import(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    """`import math`, `import numpy as np`."""
    bound: list[tuple[str, Value]] = []
    for name, alias, place_of in node[5]:
        members = _module(c, name)
        if members is None and name not in _INERT:
            c.refuse(
                "E0207",
                f"the module `{name}` cannot be imported",
                Span(*place_of),
                hint=suggest(name, [*LANGUAGE, "math", "numpy"]) or _ALLOWED,
            )
        elif members is None:
            bound.append((alias or name.partition(".")[0], Inert(name)))
        else:
            root = name if alias else name.partition(".")[0]
            bound.append((alias or root, Module(root, _module(c, root) or {})))
            if name in LANGUAGE:
                c.imported.update(c.prelude)
    return _bind(c, bound)


def compile_import_from(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    """`from eigen_lang import h, cx`."""
    name, span = node[5] or "", span_of(node)
    if node[7]:
        c.refuse("E0207", "relative imports are not part of the language", span, hint=_ALLOWED)
        return lambda frame: None
    members = _module(c, name)
    if members is None and name not in _INERT:
        hint = suggest(name, [*LANGUAGE, "math", "numpy"]) or _ALLOWED
        c.refuse("E0207", f"the module `{name}` cannot be imported", span, hint=hint)
        return lambda frame: None
    bound: list[tuple[str, Value]] = []
    for member, alias, place_of in node[6]:
        if member == "*":
            _import_all(c, name, Span(*place_of))
        elif members is None:
            bound.append((alias or member, Inert(member)))
        elif member not in members:
            hint = suggest(member, list(members))
            c.refuse("E0208", f"`{name}` has no `{member}`", Span(*place_of), hint=hint)
        else:
            c.imported.add(member)
            bound.append((alias or member, members[member]))
    return _bind(c, bound)


def _import_all(c: Compiler, name: str, span: Span) -> None:
    if name in LANGUAGE:
        c.imported.update(c.prelude)
    else:
        c.refuse("E0208", f"`from {name} import *` is not possible", span, hint="name what you import")


def _bind(c: Compiler, bound: list[tuple[str, Value]]) -> Statement:
    slots = [(found[1] if (found := c.scope.find(name)) else name, value) for name, value in bound]

    def run(frame: Frame) -> None:
        for slot, value in slots:
            frame.vars[slot] = value

    return run
