"""`Eigen_lang`: another spelling of `eigen_lang`, for programs that import their names from there."""

from __future__ import annotations

from typing import Any

import eigen_lang


def __getattr__(name: str) -> Any:
    return getattr(eigen_lang, name)


def __dir__() -> list[str]:
    return dir(eigen_lang)
