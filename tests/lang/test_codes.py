"""Every diagnostic code has an example program that reports it, and its rendered text stands in a golden file."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from evaluation import checked

from eigen.lang.codes import CODES
from eigen.lang.diagnostics import render_all

GOLDEN = Path(__file__).parent.parent / "golden" / "diagnostics"


def findings(name: str) -> tuple[list[str], str, str]:
    """Codes, text and JSON of what checking the example of a code reports."""
    code = CODES[name]
    result = checked(code.example, inputs=dict(code.inputs))
    source = code.example if isinstance(code.example, str) else code.example.decode("utf-8", "replace")
    text = render_all(result.diagnostics, source, filename="example.eigen.py")
    return (
        [item.code for item in result.diagnostics],
        text,
        json.dumps([item.to_json("example.eigen.py") for item in result.diagnostics], indent=1),
    )


@pytest.mark.parametrize("name", CODES)
def test_example_reports_its_code(name: str) -> None:
    codes, text, _ = findings(name)
    assert name in codes
    assert not {code for code in codes if code.startswith("E")} - {name}
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("BLESS"):  # the one command to accept new texts: BLESS=1 pytest tests/lang/test_codes.py
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text + "\n", encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text + "\n"


def test_golden_files_are_those_of_the_table() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(CODES)


def test_every_code_in_the_sources_stands_in_the_table() -> None:
    root = Path(__file__).parents[2] / "src" / "eigen" / "lang"
    used: set[str] = set()
    for path in root.rglob("*.py"):
        if "codes" not in path.parts:
            used |= set(re.findall(r"\"([EW]0\d{2,3})\"", path.read_text(encoding="utf-8")))
    assert used <= set(CODES)


def test_diagnostics_as_json_have_one_shape() -> None:
    for name in ("E0501", "E0101", "W001"):
        _, _, text = findings(name)
        for item in json.loads(text):
            assert {"code", "severity", "message", "span", "file"} <= set(item)
            assert {"line", "column", "end_line", "end_column"} == set(item["span"])
