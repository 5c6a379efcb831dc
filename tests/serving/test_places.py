"""What answers where: our servers, ready or not, others, and nobody; and what a server needs to be installed."""

from __future__ import annotations

import socket
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from doubles.role_servers import serving
from eigen import serving as package
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.serving import EXTRAS, check_extra
from eigen.serving.places import ADDRESSES, FOREIGN, FREE, READY, look_around

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def nowhere() -> Generator[Settings]:
    """Settings whose addresses are free: bound by this test, and listened on by nobody."""
    held = [socket.socket() for _ in ADDRESSES]
    for each in held:
        each.bind(("127.0.0.1", 0))
    places = {name: f"127.0.0.1:{each.getsockname()[1]}" for name, each in zip(ADDRESSES, held, strict=True)}
    yield replace(Settings(), **places)
    for each in held:
        each.close()


def test_every_address_of_the_settings_is_looked_at() -> None:
    assert set(ADDRESSES) == {entry.name for entry in fields(Settings) if entry.name.endswith("_address")}


def test_a_server_of_ours_is_told_from_nobody_and_from_others(nowhere: Settings) -> None:
    with serving("kernel_address", {}) as served, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        stranger = f"127.0.0.1:{other.getsockname()[1]}"
        settings = replace(
            nowhere, kernel_address=served.kernel_address, http_address=stranger, drivers_address=stranger
        )
        found = {place.setting: place.state for place in look_around(settings)}
    assert found == {
        "grpc_address": FREE,
        "http_address": FOREIGN,
        "kernel_address": READY,
        "drivers_address": FOREIGN,
        "compiler_address": FREE,
    }


def test_a_server_without_its_libraries_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    check_extra()
    monkeypatch.setitem(package.EXTRAS, "server", (*EXTRAS["server"], "no_such_library"))
    with pytest.raises(EigenError) as caught:
        check_extra()
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert "no_such_library" in caught.value.message
    assert "eigen-os[server]" in caught.value.hint
