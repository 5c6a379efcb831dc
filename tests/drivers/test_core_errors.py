"""Every code of the core has a public one, so that no refusal of the core reads as a defect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eigen import _core
from eigen.errors import ERRORS, FROM_CORE, EigenError

SOURCE = Path(__file__).parents[2] / "rust" / "eigen-core" / "src" / "error.rs"
CODES = re.findall(r'^\s+\w+ = "(EIGEN_\w+)"', SOURCE.read_text(), flags=re.MULTILINE)


def test_the_codes_are_found() -> None:
    assert len(CODES) >= 15
    assert set(FROM_CORE) <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_public_one(code: str) -> None:
    error = EigenError.from_core(_core.CoreError(code, "what `it` was", "what helps"))
    assert error.code in ERRORS
    assert (error.code == "EIGEN_INTERNAL") is (code == "EIGEN_INTERNAL")
    assert (error.message, error.hint) == ("what `it` was", "what helps")
