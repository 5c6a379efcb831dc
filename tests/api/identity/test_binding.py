"""Addresses beyond loopback: only with callers that are asked, between roles only with mutual TLS."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from eigen import telemetry
from eigen.api.identity import check_internal, check_public, is_loopback_host, split_address
from eigen.config import Settings
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    telemetry.configure("info", stream)
    yield stream
    telemetry.silence()


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:65535", ("::1", 65535)), ("quantum.example:1", ("quantum.example", 1))],
)
def test_an_address_is_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address("grpc_address", address) == parts


@pytest.mark.parametrize(
    "address", ["", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "::1:80", "h:65536", "h:-1", "h:٣", "h:1e3", "[::1]"]
)
def test_what_is_no_address_is_refused_by_its_setting(address: str) -> None:
    with pytest.raises(EigenError) as error:
        split_address("grpc_address", address)
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert "`grpc_address`" in error.value.message


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "quantum.example", "localhost.example", "", "*", "127.1"]
)
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback_host(host)


def test_loopback_asks_nobody_and_says_nothing(said: io.StringIO) -> None:
    check_public(Settings(), any_key=False)
    check_public(Settings(auth="off"), any_key=True)
    assert said.getvalue() == ""


@pytest.mark.parametrize("name", ["grpc_address", "http_address"])
@pytest.mark.parametrize("auth", ["off", "auto"])
def test_beyond_loopback_without_auth_is_refused(name: str, auth: str) -> None:
    with pytest.raises(EigenError) as error:
        check_public(Settings(auth=auth, **{name: "0.0.0.0:8080"}), any_key=auth == "off")
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert f"`{name}` is `0.0.0.0:8080`" in error.value.message
    assert ("required" if auth == "off" else "eigen auth create-key") in error.value.hint


def test_beyond_loopback_with_auth_but_without_tls_is_warned_of(said: io.StringIO) -> None:
    check_public(Settings(http_address="10.0.0.1:80"), any_key=True)
    check_public(Settings(http_address="10.0.0.1:80", auth="required"), any_key=False)
    check_public(Settings(http_address="10.0.0.1:80", oidc_issuer="https://issuer.invalid"), any_key=False)
    assert said.getvalue().count("plain text") == 3
    check_public(Settings(http_address="10.0.0.1:80", tls_cert="c", tls_key="k"), any_key=True)
    assert said.getvalue().count("plain text") == 3


def test_roles_beyond_loopback_need_mutual_tls() -> None:
    check_internal(Settings(), "kernel_address")
    check_internal(
        Settings(kernel_address="0.0.0.0:1", internal_ca="a", internal_cert="c", internal_key="k"), "kernel_address"
    )
    with pytest.raises(EigenError) as error:
        check_internal(Settings(kernel_address="0.0.0.0:1"), "kernel_address")
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert "mutual TLS" in error.value.message
