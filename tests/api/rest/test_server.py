"""The HTTP server: addresses, certificates, draining; inside a loop that is already there."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from doubles.front_door import FrontDoor, at_the_door, over_loopback
from eigen.api.rest.server import serve_http
from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path


def test_an_address_that_is_taken_or_is_none(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for host, port in (("127.0.0.1", taken.getsockname()[1]), ("no.such.host.invalid", 0)):
                with pytest.raises(EigenError) as caught:
                    async with serve_http(door.app, host, port):
                        pass
                assert caught.value.code == "EIGEN_CONFIG_INVALID"

    at_the_door(tmp_path, scenario, workers=0)


def test_it_leaves_signals_alone(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    async def scenario(door: FrontDoor) -> None:
        inside = signal.getsignal(signal.SIGINT)  # asyncio.run has its own
        async with over_loopback(door) as client:
            assert (await client.get("/readyz")).status_code == 200
            assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == (before[0], inside)

    at_the_door(tmp_path, scenario, workers=0)


def test_a_request_that_is_under_way_is_answered_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> tuple[()]:
        begun.set()
        await go.wait()
        return ()

    async def scenario(door: FrontDoor) -> None:
        monkeypatch.setattr(door.kernel, "list", slow)
        client = httpx.AsyncClient(timeout=30)
        async with client:
            async with serve_http(door.app, "127.0.0.1", 0, drain_seconds=20) as port:
                asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/v1/jobs"))
                await begun.wait()
                asyncio.get_running_loop().call_later(0.05, go.set)
            answer = await asking
            assert (answer.status_code, answer.json()["jobs"]) == (200, [])
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:{port}/healthz")

    at_the_door(tmp_path, scenario, workers=0)


def test_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    pair = authority.issue_cert("localhost")
    pair.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    pair.private_key_pem.write_to_path(tmp_path / "key.pem")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    tls = {"ssl_certfile": str(tmp_path / "cert.pem"), "ssl_keyfile": str(tmp_path / "key.pem")}

    async def scenario(door: FrontDoor) -> None:
        async with serve_http(door.app, "127.0.0.1", 0, tls=tls) as port, httpx.AsyncClient(verify=trusted) as client:
            assert (await client.get(f"https://localhost:{port}/healthz")).status_code == 200
            with pytest.raises(httpx.HTTPError):
                await client.get(f"http://localhost:{port}/healthz")

    at_the_door(tmp_path / "data", scenario, workers=0)


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    tls = {"ssl_certfile": str(tmp_path / "cert.pem"), "ssl_keyfile": str(tmp_path / "missing.pem")}

    async def scenario(door: FrontDoor) -> None:
        with pytest.raises(EigenError) as caught:
            async with serve_http(door.app, "127.0.0.1", 0, tls=tls):
                pass
        assert caught.value.code == "EIGEN_CONFIG_INVALID"

    at_the_door(tmp_path / "data", scenario, workers=0)
