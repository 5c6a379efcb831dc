"""Estimates of a server's devices: made there, or by files of this side compiled there and judged here, the same from
both clients."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import eigen
from doubles.served import Served
from eigen.client import Client
from eigen.errors import EigenError
from eigen.jobspec import submission

if TYPE_CHECKING:
    from eigen.estimate import Estimate

COIN = submission(b"@hybrid_program\ndef main():\n    q = QubitRegister(1)\n    h(q[0])\n    return measure_all(q)\n")
BELL = Path(__file__).parents[2] / "examples/bell/program.eigen.py"
CHIP = Path(__file__).parents[2] / "examples/estimate/chip.json"
SHEET = 'name = "of the server"\ncurrency = "CHF"\n[[price]]\ndevice = "sim:statevector"\nper_shot = 0.5\n'


def test_a_server_is_asked_for_its_devices_and_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "mine"))
    (tmp_path / "theirs/prices").mkdir(parents=True)
    (tmp_path / "theirs/prices/sheet.toml").write_text(SHEET)
    targets = ["sim:statevector", str(CHIP)]
    with Served(tmp_path / "theirs") as server:
        with eigen.connect(f"grpc://{server.grpc_address}") as client:
            found = client.estimate(BELL, targets=targets, shots=10)

        async def asked() -> dict[str, object]:
            async with eigen.connect_async(f"grpc://{server.grpc_address}") as client:
                return (await client.estimate(BELL, targets=targets, shots=10)).to_json()

        assert asyncio.run(asked()) == found.to_json()
    cost = found.of("sim:statevector").cost
    assert cost is not None
    assert (cost.usual, cost.currency, cost.sheet) == (5.0, "CHF", "of the server")
    assert found.of("chip").success is not None
    assert not (tmp_path / "mine").exists()


def test_what_needs_no_file_of_this_side_is_estimated_by_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its devices, its prices and its defaults count; sheets and settings of this side do not."""
    for place, sheet in (("mine", SHEET.replace("CHF", "EUR").replace("0.5", "7.0")), ("theirs", SHEET)):
        (tmp_path / place / "prices").mkdir(parents=True)
        (tmp_path / place / "prices/sheet.toml").write_text(sheet)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "mine"))
    monkeypatch.setenv("EIGEN_DEFAULT_SHOTS", "77")
    with (
        Served(tmp_path / "theirs", default_shots=200) as server,
        eigen.connect(f"grpc://{server.grpc_address}") as client,
    ):
        found = client.estimate(COIN, targets=["sim:statevector"])

        async def asked() -> Estimate:
            async with eigen.connect_async(f"grpc://{server.grpc_address}") as client:
                return await client.estimate(COIN, targets=["sim:statevector"])

        assert asyncio.run(asked()).to_json() == found.to_json()
    one = found.of("sim:statevector")
    assert one.cost is not None
    assert (one.shots, one.cost.usual, one.cost.currency) == ((200, 200), 100.0, "CHF")


def test_a_client_without_a_compiler_says_so() -> None:
    class Nothing:
        def close(self) -> None:
            """Nothing is held."""

    with Client(Nothing()) as client, pytest.raises(EigenError) as caught:  # type: ignore[arg-type]
        client.estimate(BELL, targets=["chip.json"])
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
