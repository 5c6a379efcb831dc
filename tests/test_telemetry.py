"""Log lines are JSON, one a line, stamped from the context; a library that was not configured stays silent."""

from __future__ import annotations

import io
import json
import logging

import pytest

from eigen.telemetry import configure, stamped


def test_lines_are_json_and_stamped() -> None:
    stream = io.StringIO()
    logger = configure("info", stream)
    with stamped(job_id="job_1", trace_id="t"), stamped(stage="compile"):
        logger.getChild("kernel").info("line one\nline two %s", "é")
    logger.info("after")
    logger.debug("below the level")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["job_id"], first["trace_id"], first["stage"]) == ("job_1", "t", "compile")
    assert first["message"] == "line one\nline two é"
    assert first["timestamp"].endswith("Z")
    assert "job_id" not in second
    logging.getLogger("eigen").handlers.clear()


def test_only_known_ids_are_stamped() -> None:
    with pytest.raises(ValueError, match="user"), stamped(user="x"):
        pass
