"""The stub of `eigen._core` says what the extension has: every public name, method and property, and no other."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import eigen
from eigen import _core

STUB = ast.parse((Path(eigen.__file__).parent / "_core.pyi").read_text())
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}
FUNCTIONS = {node.name for node in STUB.body if isinstance(node, ast.FunctionDef)}
ONLY_IN_PYTHON = {"__init__", "__eq__", "__hash__"}
"""Methods that a class has whatever the stub says."""


def declared(node: ast.ClassDef) -> set[str]:
    return {item.name for item in node.body if isinstance(item, ast.FunctionDef)}


def test_the_module_has_what_the_stub_says_and_no_more() -> None:
    public = {name for name in vars(_core) if not name.startswith("_")}
    assert public == set(CLASSES) | FUNCTIONS


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_classes_have_what_the_stub_says_and_no_more(name: str) -> None:
    real = getattr(_core, name)
    said = declared(CLASSES[name]) - ONLY_IN_PYTHON
    have = {
        item
        for item, value in vars(real).items()
        if not item.startswith("_") and (inspect.isroutine(value) or inspect.isdatadescriptor(value))
    }
    assert {item for item in said if not item.startswith("_")} == have
    assert all(hasattr(real, item) for item in said)
