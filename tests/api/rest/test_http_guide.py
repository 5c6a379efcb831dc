"""The examples of the guide to the HTTP API, run as they stand with curl against a real server."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from doubles.front_door import FrontDoor, at_the_door, over_loopback

GUIDE = Path(__file__).parents[3] / "docs/guides/http-api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl")
def test_the_examples_of_the_guide_run(tmp_path: Path) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```", GUIDE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6

    async def scenario(door: FrontDoor) -> None:
        async with over_loopback(door) as client:
            script = "set -eu\n" + "\necho ----\n".join(blocks)
            script = script.replace("127.0.0.1:8080", f"127.0.0.1:{client.base_url.port}")
            running = await asyncio.create_subprocess_exec(
                "bash", "-c", script, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            out, err = await running.communicate()
            assert running.returncode == 0, err.decode()
            _submitted, stream, page, left, batch, session, graph = out.decode().split("----\n")
            assert '"state": "DONE"' in stream
            assert json.loads(page)["next"] is None
            assert '"counts":{"00":' in left
            assert [job["name"] for job in json.loads(batch)["jobs"]] == ["small", "large"]
            assert sum(json.loads(session)["counts"].values()) == 200
            nodes = json.loads(graph)["data"]["jobs"]["nodes"]
            assert any(node["results"]["counts"] for node in nodes if node["results"])

    at_the_door(tmp_path / "data", scenario)
