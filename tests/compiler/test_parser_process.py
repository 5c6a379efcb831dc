"""The parser's child process: whatever becomes of it is a diagnostic."""

from __future__ import annotations

import sys

import pytest

from eigen.compiler import parser_process
from eigen.compiler.parser_process import ParserProcess
from eigen.lang.limits import DEFAULT_LIMITS
from eigen.lang.source import TextRefusedError


def refusal(*command: str) -> str:
    """The message when the child is this Python program instead of the parser."""
    with pytest.raises(TextRefusedError) as caught:
        ParserProcess("x = 1\n", DEFAULT_LIMITS, command=(sys.executable, "-I", "-S", "-c", *command)).result()
    assert caught.value.diagnostic.code == "E0104"
    return caught.value.diagnostic.message


def test_tree_of_a_program() -> None:
    tree = ParserProcess("x = 1\n", DEFAULT_LIMITS).result()
    assert tree.text == "x = 1\n"
    assert tree.body == [["Assign", 1, 0, 1, 5, [["Name", 1, 0, 1, 1, "x"]], ["Constant", 1, 4, 1, 5, 1]]]


def test_columns_count_characters() -> None:
    tree = ParserProcess("s = 'é'; y = 2\n", DEFAULT_LIMITS).result()
    assert tree.body[1][:5] == ["Assign", 1, 9, 1, 14]


@pytest.mark.parametrize("signal", [6, 9, 11])
def test_a_crash_is_a_diagnostic(signal: int) -> None:
    assert f"status -{signal}" in refusal(f"import os; os.kill(os.getpid(), {signal})")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "not json",
        "[]",
        "3",
        '{"tree": 1}',
        '{"tree": [["Assign"]]}',
        '{"tree": [["Assign", 1, 0, 1, 5, "x", 3]]}',
        '{"tree": [["Expr", 1, 0, 1, 5, [["Name", 1]]]]}',
        '{"tree": [["If", 1, 0, 1, 5, [[]], []]]}',
        '{"refused": []}',
        '{"refused": ["E0101", "m", ["a", 1, 2, 3]]}',
        "[" * 100_000,
        '{"tree": [[null, 1, 0, 1, 5]]}',
    ],
)
def test_nonsense_is_a_diagnostic(answer: str) -> None:
    assert "no usable answer" in refusal(
        f"import sys; sys.stdin.read(); sys.stdout.write({answer[:50]!r} * {1 if len(answer) < 50 else 2000})"
    )


def test_an_early_end_is_a_diagnostic() -> None:
    assert "status 3" in refusal("raise SystemExit(3)")


def test_running_out_of_memory_is_a_diagnostic() -> None:
    assert "status" in refusal(
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28)); x = bytearray(1 << 30)"
    )


def test_too_long_an_answer_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_process, "ANSWER_BYTES", 1000)
    assert "gave no" in refusal("print('x' * 900)")
    assert "status" in refusal("import sys\nwhile True: sys.stdout.write('x' * 10000)")


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_process, "WALL_SECONDS", 0.2)
    assert "ran out of time" in refusal("import time; time.sleep(60)")
