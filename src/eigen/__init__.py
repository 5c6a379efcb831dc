"""Eigen OS: hybrid quantum-classical programs, run to the end on any engine.

`eigen.connect()` is the way in; everything is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.app import connect

    __version__: str

__all__ = ["__version__", "connect"]


def __getattr__(name: str) -> Any:
    if name == "connect":
        from eigen.app import connect

        return connect
    if name == "__version__":
        from eigen import _core

        return _core.__version__
    raise AttributeError(f"module `eigen` has no attribute `{name}`")
