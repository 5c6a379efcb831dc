"""The page of guarantees names tests that there are, and a test for each promise."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = [
    line.strip("|").split("|")
    for line in (ROOT / "docs/guides/guarantees.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| promise")
]


def test_every_promise_names_a_test_that_there_is() -> None:
    assert len(ROWS) > 15
    for promise, held_by in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held_by)
        assert named, promise
        for path, name in named:
            tree = ast.parse((ROOT / path).read_text())
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (path, name)
