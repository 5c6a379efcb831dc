"""Every way to the system behind one Protocol: what each answers is brought into the JSON that the command line prints.

A refusal is raised as `EigenError`, with everything that the surface said about it. SURFACES names those of a server,
EMBEDDED those that need none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from doubles.surfaces.command_line import CommandLine
from doubles.surfaces.graph import Graph
from doubles.surfaces.raw_grpc import RawGrpc
from doubles.surfaces.rest import Rest
from doubles.surfaces.sdk import AsyncSdk, Sdk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from doubles.ten_programs import Case

__all__ = ["EMBEDDED", "SURFACES", "AsyncSdk", "CommandLine", "Graph", "RawGrpc", "Rest", "Sdk", "Surface"]


class Surface(Protocol):
    """What can be done through any of them."""

    def submit(self, case: Case, *, key: str | None = None) -> str:
        """Hand a job in; its id."""
        ...

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        """Hand jobs in, all or none; their ids."""
        ...

    def status(self, job_id: str) -> dict[str, Any]: ...

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        """What a job would take on these devices."""
        ...

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        """As they happen, to the terminal one."""
        ...

    def results(self, job_id: str) -> dict[str, Any]: ...

    def cancel(self, job_id: str) -> dict[str, Any]: ...

    def decide(self, job_id: str, decision: str) -> str: ...

    def explain(self, job_id: str) -> dict[str, Any]: ...

    def replay(self, job_id: str) -> str:
        """Do a job again; the id of the new one."""
        ...

    def resume(self, job_id: str, **limits: float) -> str:
        """Go on with a job; the id of the new one."""
        ...

    def verify(self, job_id: str) -> dict[str, Any]: ...

    def logs(self, job_id: str) -> list[dict[str, Any]]: ...

    def artifacts(self, job_id: str) -> list[dict[str, Any]]: ...

    def artifact(self, job_id: str, path: str) -> bytes: ...

    def names(self, name: str) -> list[str]:
        """The ids of the jobs of a name, newest first."""
        ...

    def device(self, device_id: str) -> dict[str, Any]: ...

    def close(self) -> None: ...


SURFACES: dict[str, Callable[[dict[str, str], Path], Surface]] = {
    "cli": lambda at, folder: CommandLine(folder, endpoint=f"grpc://{at['grpc_address']}"),
    "sdk": lambda at, folder: Sdk(folder, endpoint=f"grpc://{at['grpc_address']}"),
    "aio": lambda at, folder: AsyncSdk(folder, endpoint=f"grpc://{at['grpc_address']}"),
    "grpc": lambda at, _: RawGrpc(at["grpc_address"]),
    "rest": lambda at, _: Rest(at["http_address"]),
    "graphql": lambda at, _: Graph(at["http_address"]),
}
"""Made from the public addresses of a server and a folder for files."""

EMBEDDED: dict[str, Callable[[Path], Surface]] = {
    "cli": lambda folder: CommandLine(folder / "files", data_dir=folder / "data"),
    "sdk": lambda folder: Sdk(folder / "files", data_dir=folder / "data"),
    "aio": lambda folder: AsyncSdk(folder / "files", data_dir=folder / "data"),
}
