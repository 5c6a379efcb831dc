"""schemathesis over the OpenAPI document of a real server: nothing that fits the document, or just misses it, ends in a
5xx, and every answer is one that the document announces."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from doubles.front_door import ENERGY, document, front_door
from eigen.api.caller import NobodyAsked
from eigen.api.rest.app import make_app
from eigen.api.rest.server import serve_http
from eigen.api.service import Service
from eigen.config import Settings

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

EXAMPLES = 12
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
REAL = {"device_id": "sim:statevector", "path": "results/results.json"}
"""Ids that lead somewhere: a path parameter of that name takes them as often as not."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a server with an ended job and an open session."""
    address: Future[str] = Future()
    stop = threading.Event()

    async def serve(root: Path) -> None:
        async with front_door(root) as door, serve_http(door.app, "127.0.0.1", 0, drain_seconds=2) as port:
            job_id = await door.submit()
            await door.ended(job_id)
            body = {"job": document(ENERGY), "parameters": {"angles": 2}}
            session_id = (await door.client.post("/v1/sessions", json=body)).json()["session_id"]
            REAL.update(job_id=job_id, session_id=session_id)
            address.set_result(f"http://127.0.0.1:{port}")
            await asyncio.to_thread(stop.wait)

    def run() -> None:
        try:
            asyncio.run(serve(tmp_path_factory.mktemp("fuzz")))
        except BaseException as error:
            if address.done():
                raise
            address.set_exception(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield address.result()
    stop.set()
    thread.join()


OPERATIONS = {
    found.ok().label: found.ok()
    for found in schemathesis.openapi.from_dict(
        make_app(Service(None), NobodyAsked(), settings=Settings()).openapi()  # type: ignore[arg-type]
    ).get_all_operations()
}


@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")  # the server's compiler raises it
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_the_server(server: str, label: str) -> None:
    operation = OPERATIONS[label]

    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        for name in case.path_parameters.keys() & REAL.keys():
            if len(str(case.path_parameters[name])) % 2:
                case.path_parameters[name] = REAL[name]
        case.call_and_validate(base_url=server, checks=CHECKS, timeout=60)

    ask()
