"""Progress on stderr: what an event says, once a line where there is no terminal."""

from __future__ import annotations

from typing import Any

import pytest

from eigen.cli.output import printable, table
from eigen.cli.progress import Progress, describe
from eigen.cli.views import counts_text
from eigen.types import JobEvent, JobState


def event(seq: int, message: str = "", state: JobState = JobState.RUNNING, **data: Any) -> JobEvent:
    return JobEvent("job_1", seq, state, state.value.lower(), 0.5, message, "2026-01-01T00:00:00Z", data)


def test_an_iteration_shows_its_number_and_value() -> None:
    assert describe(event(1, iteration=7, value=-1.25)) == "RUNNING · iteration 7 · value -1.25"
    assert (
        describe(event(1, "iteration 7, value -1.25", iteration=7, value=-1.25)) == "RUNNING · iteration 7, value -1.25"
    )
    assert describe(event(1, "running")) == "RUNNING"
    assert describe(event(1, "a\nb\x1b[2J")) == "RUNNING · a b\\x1b[2J"


def test_without_a_terminal_each_line_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        for seq, message in enumerate(["compiled", "compiled", "iteration 1"], start=1):
            progress.show(event(seq, message))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "RUNNING · compiled\nRUNNING · iteration 1\n"


def test_on_a_terminal_the_line_moves(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress() as progress:
        progress.show(event(1, "a longer message"))
        progress.show(event(2, "short"))
    err = capsys.readouterr().err
    assert err.count("\r") == 2
    assert err.count("\n") == 1
    assert "[##########..........] RUNNING · short" in err


def test_counts_are_sorted_by_frequency_and_cut_off() -> None:
    assert counts_text({"00": 1, "11": 3}).splitlines()[0].startswith("11  3   75.00%")
    many = {format(value, "08b"): 1 for value in range(200)}
    assert counts_text(many).splitlines()[-1] == "… 136 more outcomes"


def test_a_table_is_aligned_without_trailing_spaces() -> None:
    assert table([("a", "b"), ("long", "c")], ("X", "Y")) == "X     Y\na     b\nlong  c"


def test_control_characters_are_shown() -> None:
    assert printable("ok é\n\ttab") == "ok é\n\ttab"
    assert printable("\x07\x9b") == "\\x07\\x9b"
    assert printable("\ud800") == "\\ud800"
