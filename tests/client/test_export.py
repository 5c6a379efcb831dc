"""`Client.export` and `AsyncClient.export`: the same folder, which checks anywhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import eigen
from eigen.app import connect_async, verify_folder
from eigen.client.folder import read
from eigen.config import Settings

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "OPENQASM 3;\nqubit[1] q;\nbit[1] c;\nU(1.0, 0.0, 0.0) q[0];\nc = measure q;\n"


def test_both_clients_write_the_same_folder(tmp_path: Path) -> None:
    program = tmp_path / "coin.qasm"
    program.write_text(PROGRAM)
    with eigen.connect(data_dir=tmp_path / "data") as client:
        job_id = client.run(program, shots=50, seed=3).job_id
        assert client.export(job_id, tmp_path / "one") == tmp_path / "one"

    async def again() -> None:
        async with connect_async(data_dir=tmp_path / "data") as client:
            await client.export(job_id, str(tmp_path / "two"))

    asyncio.run(again())
    assert read(tmp_path / "one") == read(tmp_path / "two")
    found = verify_folder(tmp_path / "two", (), Settings())
    assert (found.job_id, found.holds) == (job_id, True)
