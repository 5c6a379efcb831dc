"""docs/guides/cutting.md: its program runs and prints what the page shows; so do the examples of the docstrings."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from eigen.cutting import cut_circuit

GUIDE = (Path(__file__).parents[2] / "docs/guides/cutting.md").read_text("utf-8")
PAIRS = re.findall(r"^```python\n(.*?)^```\n\n^```\n(.*?)^```", GUIDE, flags=re.DOTALL | re.MULTILINE)


def test_the_programs_print_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    assert len(PAIRS) == 3
    for source, shown in PAIRS:
        exec(source, names)
        assert capsys.readouterr().out == shown


def test_the_examples_of_docstrings_hold() -> None:
    assert doctest.testmod(cut_circuit) == (0, 8)
