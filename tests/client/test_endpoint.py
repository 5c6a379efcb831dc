"""Endpoints: what is read, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from eigen.client.endpoint import Server, is_loopback, parse_endpoint
from eigen.config import Settings
from eigen.errors import EigenError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grpc://localhost:1", ("localhost", 1, False)),
        ("localhost:1", ("localhost", 1, False)),
        ("grpcs://quantum.example.org:443", ("quantum.example.org", 443, True)),
        ("quantum.example.org:443", ("quantum.example.org", 443, True)),
        ("grpc://127.0.0.1", ("127.0.0.1", 50051, False)),
        ("grpcs://[::1]:9/", ("::1", 9, True)),
    ],
)
def test_what_is_read(text: str, expected: tuple[str, int, bool]) -> None:
    assert parse_endpoint(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://x:1",
        "grpc://",
        "grpc://x:0",
        "grpc://x:99999",
        "grpc://x:y",
        "grpc://x/path",
        "grpc://me@x",
        "x y",
        "a\nb:1",
        "grpc://[::1",
        "grpc://x?a=b",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        parse_endpoint(text)
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert "\n" not in caught.value.message


def test_a_token_does_not_travel_in_the_open() -> None:
    with pytest.raises(EigenError, match="unencrypted") as caught:
        Server.of(Settings(endpoint="grpc://quantum.example.org", token="hush"))
    assert "hush" not in str(caught.value)
    assert Server.of(Settings(endpoint="grpc://127.0.0.1", token="hush")).token == "hush"
    server = Server.of(Settings(endpoint="quantum.example.org", token="hush"))
    assert "hush" not in repr(server)


def test_settings_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EigenError, match="without TLS"):
        Server.of(Settings(endpoint="grpc://localhost", tls_ca="ca.pem"))
    with pytest.raises(EigenError, match="cannot be read"):
        Server.of(Settings(endpoint="grpcs://localhost", tls_ca=f"{tmp_path}/ca.pem")).certificates()
    for nothing in (b"", b"hello", b"\xff", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"):
        (tmp_path / "ca.pem").write_bytes(nothing)
        with pytest.raises(EigenError, match="holds no certificate") as caught:
            Server.of(Settings(endpoint="grpcs://localhost", tls_ca=f"{tmp_path}/ca.pem")).certificates()
        assert caught.value.code == "EIGEN_CONFIG_INVALID"
    with pytest.raises(EigenError, match="time-out"):
        Server.of(Settings(endpoint="localhost"), timeout=0)


def test_loopback() -> None:
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.9.9.9", "::1"]))
    assert not any(map(is_loopback, ["example.org", "10.0.0.1", "localhost.example.org", "0.0.0.0"]))
