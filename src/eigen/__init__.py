"""Eigen OS: hybrid quantum-classical programs, run to the end on any engine.

`eigen.connect()` is the way in, `eigen.connect_async()` that of asyncio; `eigen.compile()` makes a function of a
circuit and an observable, evaluated in this process, and `eigen.cut()` one of a circuit that is too wide for it;
`eigen.tomography()` finds the state that a device leaves.
Everything is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.app import connect, connect_async
    from eigen.cutting import cut
    from eigen.ir.energy import compile
    from eigen.reconstruction import tomography

    __version__: str

__all__ = ["__version__", "compile", "connect", "connect_async", "cut", "tomography"]


def __getattr__(name: str) -> Any:
    if name in {"connect", "connect_async"}:
        from eigen import app

        return getattr(app, name)
    if name == "compile":
        from eigen.ir import energy

        return energy.compile
    if name == "cut":
        from eigen import cutting

        return cutting.cut
    if name == "tomography":
        from eigen import reconstruction

        return reconstruction.tomography
    if name == "__version__":
        from eigen import _core

        return _core.__version__
    raise AttributeError(f"module `eigen` has no attribute `{name}`")
