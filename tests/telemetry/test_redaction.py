"""Secrets come out nowhere: not in lines, not in fields, not in tracebacks of libraries, not in attributes of spans."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import telemetry
from eigen.config import Settings
from eigen.telemetry.redaction import redacted, redacted_text

KEY = "eigen_0123456789ab_" + "f0" * 32
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLXRlc3Q"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    made = io.StringIO()
    telemetry.configure("info", made)
    yield made
    telemetry.stop()
    telemetry.silence()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"key {KEY} was refused", KEY),
        (f"header authorization: Bearer {JWT}", JWT),
        (f"GET /v1/jobs?access_token={JWT}&page=2", JWT),
        ("authorization: bearer c3VwZXItc2VjcmV0LXRva2Vu", "c3VwZXItc2VjcmV0LXRva2Vu"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
        ("postgresql://eigen:hunter22@db/eigen", "hunter22"),
        ("?api_key=0123456789abcdef", "0123456789abcdef"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, secret: str) -> None:
    assert secret not in redacted_text(text)
    assert "(hidden)" in redacted_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "eigen_kernel_job_state_transitions_total{from,to}",
        "job `job_01ARZ3NDEKTSV4RRFFQ69G5FAV` keeps its id",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "`token` must be text",
        "http://127.0.0.1:8080/v1/jobs?page_size=3",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted_text(text) == text


def test_fields_are_hidden_by_their_name() -> None:
    shown = redacted({"authorization": "x", "api_key": 5, "session": {"refresh-token": "y"}, "tokens_used": 3})
    assert shown == {
        "authorization": "(hidden)",
        "api_key": "(hidden)",
        "session": {"refresh-token": "(hidden)"},
        "tokens_used": 3,
    }


def test_the_secrets_of_the_settings_are_known(stream: io.StringIO) -> None:
    telemetry.start("eigen-api", Settings(token="plain words of mine"))
    telemetry.log("info", "sent plain words of mine", where=["plain words of mine"], error=ValueError(f"{KEY}"))
    line = json.loads(stream.getvalue())
    assert line["message"] == "sent (hidden)"
    assert (line["where"], line["error"], line["service"]) == (["(hidden)"], "ValueError: (hidden)", "eigen-api")


def test_libraries_speak_in_our_form(stream: io.StringIO) -> None:
    telemetry.start("eigen-api", Settings())
    with telemetry.span("Submit", kind="server", job_id="job_1") as served:
        try:
            raise RuntimeError(f"failed with {JWT}")
        except RuntimeError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application for %s", KEY)
    logging.getLogger("grpc._server").info("chatter")
    (text,) = stream.getvalue().splitlines()
    line = json.loads(text)
    assert (line["library"], line["level"], line["job_id"]) == ("uvicorn.error", "error", "job_1")
    assert line["trace_id"] == served.trace_id
    assert "RuntimeError: failed with (hidden)" in line["error"]
    assert JWT not in text
    assert KEY not in text
    telemetry.stop()
    assert not [handler for handler in logging.getLogger().handlers if handler.filters]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_value_can_be_shown(value: object) -> None:
    json.dumps(redacted(value))
    assert redacted({"password": value})["password"] in ("(hidden)", value)
