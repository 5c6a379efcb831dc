"""The error type: one shape, one table, nothing lost on the way through JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eigen.errors import ERRORS, EigenError, Status, suggest

SOURCE = Path(__file__).parents[1] / "src" / "eigen"


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_survives_json_and_has_an_exit_code(code: str) -> None:
    error = EigenError(code, "message with `value`", where="here:1:2", hint="do this", details={"a": [1]})
    again = EigenError.from_json(error.to_json())
    assert again.to_json() == error.to_json()
    assert error.status.exit in {1, 2, 3, 4}
    assert 400 <= error.status.http <= 504
    assert error.render() == f"error[{code}]: message with `value`\n  --> here:1:2\nhint: do this"


def test_statuses_have_the_numbers_of_grpc() -> None:
    numbers = {status.grpc for status in Status}
    assert len(numbers) == len(Status)
    assert (Status.NOT_FOUND.grpc, Status.UNAVAILABLE.grpc, Status.INVALID_ARGUMENT.grpc) == (5, 14, 3)


def test_an_unknown_code_cannot_be_raised_and_is_named_when_read() -> None:
    with pytest.raises(KeyError):
        EigenError("EIGEN_NO_SUCH_CODE", "x")
    read = EigenError.from_json({"code": "EIGEN_NEWER", "message": "m"})
    assert read.code == "EIGEN_INTERNAL"
    assert "EIGEN_NEWER" in read.message


def test_every_code_in_the_table_is_raised_somewhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py") if path.name != "errors.py")
    text += "\n".join(path.read_text("utf-8") for path in (SOURCE.parents[1] / "rust").rglob("*.rs"))
    assert [code for code in ERRORS if code not in text] == []


def test_every_code_in_the_source_stands_in_the_table() -> None:
    raised = {
        code
        for path in SOURCE.rglob("*.py")
        for code in re.findall(r'EigenError\(\s*"(EIGEN_[A-Z_]+)"', path.read_text("utf-8"))
    }
    assert raised <= ERRORS.keys()


def test_suggestions_are_close_or_absent() -> None:
    assert suggest("sim:locla", ["sim:local", "auto"]) == "did you mean `sim:local`?"
    assert suggest("xyz", ["sim:local", "auto"]) == ""
