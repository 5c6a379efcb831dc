"""docs/guides/equivalence.md: its program runs and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs/guides/equivalence.md").read_text("utf-8")
PAIRS = re.findall(r"^```python\n(.*?)^```\n\n^```\n(.*?)^```", GUIDE, flags=re.DOTALL | re.MULTILINE)


def test_the_programs_print_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(PAIRS) == 1
    for source, shown in PAIRS:
        exec(source, {})
        assert capsys.readouterr().out == shown
