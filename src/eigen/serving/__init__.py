"""Server processes: `serve` runs the whole system, or one of its roles. The composition root beside `eigen.app`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.serving.role import ROLES, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.config import Settings
    from eigen.serving.role import ServedRole

__all__ = ["EXTRAS", "ROLES", "WHOLE", "check_extra", "missing_of", "serve"]

EXTRAS = {
    "server": (
        "cryptography",
        "fastapi",
        "grpc_health",
        "grpc_reflection",
        "jwt",
        "opentelemetry",
        "prometheus_client",
        "strawberry",
        "uvicorn",
        "websockets",
    ),
    "kafka": ("confluent_kafka",),
    "telemetry": ("opentelemetry", "prometheus_client"),
    "postgres": ("psycopg",),
    "s3": ("obstore",),
    "qiskit": ("qiskit", "qiskit_aer"),
}
"""The modules that each extra of the distribution brings."""


def serve(settings: Settings, role: str, *, announce: Callable[[Mapping[str, str]], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; `role` is one of ROLES, or WHOLE. `announce` is told the bound addresses, by
    setting, once requests are answered.

    Raises EIGEN_NOT_AVAILABLE without the extra `server`, EIGEN_CONFIG_INVALID, EIGEN_STORE_UNAVAILABLE.
    """
    check_extra()
    from eigen.serving.process import run

    run(settings, role, lambda: _make(settings, role), announce=announce)


def missing_of(extra: str) -> list[str]:
    """The modules of an extra that are not installed."""
    from importlib.util import find_spec

    return [name for name in EXTRAS[extra] if find_spec(name) is None]


def check_extra() -> None:
    """EIGEN_NOT_AVAILABLE when a library of the extra `server` is missing."""
    missing = missing_of("server")
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        message = f"a server needs {names}, which this installation does not have"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="pip install 'eigen-os[server]'")


def _make(settings: Settings, role: str) -> ServedRole:
    if role in {WHOLE, "api"}:
        from eigen.serving.outer import ApiRole, WholeSystem

        return WholeSystem(settings) if role == WHOLE else ApiRole(settings)
    from eigen.serving.inner import CompilerRole, DriversRole, KernelRole

    inner: dict[str, Callable[[Settings], ServedRole]] = {
        "kernel": KernelRole,
        "drivers": DriversRole,
        "compiler": CompilerRole,
    }
    return inner[role](settings)
