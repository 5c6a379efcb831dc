"""The error type: one shape, one table, nothing lost on the way through JSON; and an example of every code."""

from __future__ import annotations

import pickle
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from eigen.errors import ERRORS, EigenError, Status, suggest

SOURCE = Path(__file__).parents[1] / "src" / "eigen"
DOCS = runpy.run_path(str(SOURCE.parents[1] / "docs" / "error_examples.py"))
EXAMPLES: dict[str, str] = DOCS["EXAMPLES"]
PROGRAMS: dict[str, str] = DOCS["PROGRAMS"]


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_survives_json_and_has_an_exit_code(code: str) -> None:
    error = EigenError(code, "message with `value`", where="here:1:2", hint="do this", details={"a": [1]})
    again = EigenError.from_json(error.to_json())
    assert again.to_json() == error.to_json()
    assert pickle.loads(pickle.dumps(error)).to_json() == error.to_json()
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


def test_every_code_has_an_example_in_the_order_of_the_table() -> None:
    assert list(EXAMPLES) == list(ERRORS)


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_example_reports_exactly_its_code(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, source in PROGRAMS.items():
        Path(name).write_text(source, "utf-8")
    raised = raised_by(EXAMPLES[code])
    said = capsys.readouterr()
    printed = re.findall(r"^error\[(EIGEN_\w+)\]", said.err, flags=re.MULTILINE)
    assert raised + printed == [code], said.err
    assert "Traceback" not in said.out + said.err


def raised_by(snippet: str) -> list[str]:
    """The codes that a snippet reports itself: of the EigenError it raises, or in its variable `error`."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(snippet, "example.py", "exec"), names)
    except EigenError as error:
        return [error.code]
    return [names["error"]] if "error" in names else []


def test_what_strangers_sent_is_quoted_in_plain_text() -> None:
    error = EigenError("EIGEN_JOB_NOT_FOUND", "no job `\x1b[2J\u202e`\nsecond line", where="a\rb")
    assert error.message == "no job `\\x1b[2J\\u202e`\nsecond line"
    assert error.where == "a\\rb"
    assert EigenError.from_json(error.to_json()).message == error.message
