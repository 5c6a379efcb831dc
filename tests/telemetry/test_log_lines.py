"""Log lines are JSON, one a line, stamped from the context; a library that was not configured stays silent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from eigen import telemetry
from eigen.errors import EigenError


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    yield io.StringIO()
    telemetry.silence()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_are_json_and_stamped(stream: io.StringIO) -> None:
    telemetry.configure("info", stream)
    with telemetry.stamped(job_id="job_1", trace_id="t"), telemetry.stamped(stage="compile"):
        telemetry.log("info", "line one\nline two é", attempt=2)
    telemetry.log("error", "after", error=ValueError("bad"))
    telemetry.log("debug", "below the level")
    first, second = lines(stream)
    assert (first["job_id"], first["trace_id"], first["stage"], first["attempt"]) == ("job_1", "t", "compile", 2)
    assert first["message"] == "line one\nline two é"
    assert first["timestamp"].endswith("Z")
    assert "job_id" not in second
    assert (second["level"], second["error"]) == ("error", "ValueError: bad")


def test_an_error_of_ours_is_told_by_its_code_and_a_surprise_with_its_stack(stream: io.StringIO) -> None:
    telemetry.configure("info", stream)
    telemetry.log("error", "refused", error=EigenError("EIGEN_USAGE", "no `x`"))
    try:
        raise LookupError("lost")
    except LookupError as error:
        telemetry.log("error", "failed", error=error)
    refused, failed = lines(stream)
    assert refused["error"] == "EIGEN_USAGE: no `x`"
    assert failed["error"].startswith("Traceback")
    assert failed["error"].endswith("LookupError: lost")


def test_a_span_tells_its_duration_at_level_debug_only(stream: io.StringIO) -> None:
    telemetry.configure("info", stream)
    with telemetry.span("compile", job_id="job_1"):
        pass
    assert lines(stream) == []
    telemetry.configure("debug", stream)
    with pytest.raises(KeyError), telemetry.span("compile", job_id="job_1"):
        raise KeyError
    (line,) = lines(stream)
    assert (line["stage"], line["job_id"]) == ("compile", "job_1")
    assert line["message"].startswith("compile took ")


def test_nothing_is_written_before_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log("error", "silent")
    assert capsys.readouterr() == ("", "")


def test_only_known_ids_are_stamped() -> None:
    with pytest.raises(ValueError, match="user"), telemetry.stamped(user="x"):
        pass
