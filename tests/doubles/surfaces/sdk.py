"""The client library, for threads and for asyncio, in this process or to a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import eigen
from eigen.cli.devices import device_json
from eigen.cli.results import file_json
from eigen.cli.views import event_json, results_json, view_json
from eigen.types import ResumeLimits

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator
    from pathlib import Path

    from doubles.ten_programs import Case


def written(cases: list[Case], folder: Path) -> list[Path]:
    """The job files of cases, one of which may occur several times."""
    return [case.write(folder / f"{place}-{case.name}") for place, case in enumerate(cases)]


class Sdk:
    def __init__(self, folder: Path, *, endpoint: str | None = None, data_dir: Path | None = None) -> None:
        self._folder = folder
        self._client = eigen.connect(endpoint, data_dir=data_dir)

    def submit(self, case: Case, *, key: str | None = None) -> str:
        return self._client.submit(case.write(self._folder / case.name), idempotency_key=key)

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        return [*self._client.submit_many(written(cases, self._folder), idempotency_key=key)]

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        return self._client.estimate(case.write(self._folder / case.name), targets=targets).to_json()

    def status(self, job_id: str) -> dict[str, Any]:
        return view_json(self._client.status(job_id))

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        yield from map(event_json, self._client.watch(job_id, after=after))

    def results(self, job_id: str) -> dict[str, Any]:
        return results_json(self._client.results(job_id))

    def decide(self, job_id: str, decision: str) -> str:
        return self._client.decide(job_id, decision).job_id

    def cancel(self, job_id: str) -> dict[str, Any]:
        return view_json(self._client.cancel(job_id))

    def explain(self, job_id: str) -> dict[str, Any]:
        return dict(self._client.explain(job_id))

    def replay(self, job_id: str) -> str:
        return self._client.replay(job_id).job_id

    def resume(self, job_id: str, **limits: Any) -> str:
        return self._client.resume(job_id, ResumeLimits(**limits)).job_id

    def verify(self, job_id: str) -> dict[str, Any]:
        return self._client.verify(job_id).to_json()

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        return [dict(line) for line in self._client.logs(job_id)]

    def artifacts(self, job_id: str) -> list[dict[str, Any]]:
        return [file_json(entry) for entry in self._client.artifacts(job_id)]

    def artifact(self, job_id: str, path: str) -> bytes:
        return self._client.artifact(job_id, path)

    def names(self, name: str) -> list[str]:
        return [view.job_id for view in self._client.list(name=name)]

    def device(self, device_id: str) -> dict[str, Any]:
        return device_json(self._client.device(device_id))

    def close(self) -> None:
        self._client.close()


class AsyncSdk:
    """Its event loop runs while something is asked, and between two events."""

    def __init__(self, folder: Path, *, endpoint: str | None = None, data_dir: Path | None = None) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._client = eigen.connect_async(endpoint, data_dir=data_dir)

    def submit(self, case: Case, *, key: str | None = None) -> str:
        path = case.write(self._folder / case.name)
        return self._run(self._client.submit(path, idempotency_key=key))

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        return [*self._run(self._client.submit_many(written(cases, self._folder), idempotency_key=key))]

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        path = case.write(self._folder / case.name)
        return self._run(self._client.estimate(path, targets=targets)).to_json()

    def status(self, job_id: str) -> dict[str, Any]:
        return view_json(self._run(self._client.status(job_id)))

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        found = self._client.watch(job_id, after=after)

        async def following() -> Any:
            return await anext(found, None)

        try:
            while (event := self._run(following())) is not None:
                yield event_json(event)
        finally:
            self._run(found.aclose())

    def results(self, job_id: str) -> dict[str, Any]:
        return results_json(self._run(self._client.results(job_id)))

    def decide(self, job_id: str, decision: str) -> str:
        return self._run(self._client.decide(job_id, decision)).job_id

    def cancel(self, job_id: str) -> dict[str, Any]:
        return view_json(self._run(self._client.cancel(job_id)))

    def explain(self, job_id: str) -> dict[str, Any]:
        return dict(self._run(self._client.explain(job_id)))

    def replay(self, job_id: str) -> str:
        return self._run(self._client.replay(job_id)).job_id

    def resume(self, job_id: str, **limits: Any) -> str:
        return self._run(self._client.resume(job_id, ResumeLimits(**limits))).job_id

    def verify(self, job_id: str) -> dict[str, Any]:
        return self._run(self._client.verify(job_id)).to_json()

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        return [dict(line) for line in self._run(self._client.logs(job_id))]

    def artifacts(self, job_id: str) -> list[dict[str, Any]]:
        return [file_json(entry) for entry in self._run(self._client.artifacts(job_id))]

    def artifact(self, job_id: str, path: str) -> bytes:
        return self._run(self._client.artifact(job_id, path))

    def names(self, name: str) -> list[str]:
        return [view.job_id for view in self._run(self._client.list(name=name))]

    def device(self, device_id: str) -> dict[str, Any]:
        return device_json(self._run(self._client.device(device_id)))

    def close(self) -> None:
        self._run(self._client.close())
        self._runner.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)
