"""Engines of other makers that a test needs: in the environments that `make engines` fills, or beside the tests."""

from __future__ import annotations

import os
import sys
from importlib import invalidate_caches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from eigen.drivers.hosts.environments import Environments

REQUIRED = "REQUIRE_ENGINES"
"""Where this variable is set, a missing package fails the tests that need it; elsewhere they are skipped."""
BUILT = Path(__file__).parent.parent.parent / ".build" / "environments"
ENVIRONMENTS = Environments(Path(os.environ.get("EIGEN_ENVIRONMENTS_ROOT") or BUILT).absolute())


def needed(distribution: str) -> None:
    """Skip, or fail, where a distribution is neither here nor in an environment. From an environment it is loaded
    behind what is here."""
    if _has(distribution):
        return
    for record in sorted(ENVIRONMENTS.root.glob("*.json")):
        found = ENVIRONMENTS.find(record.stem)
        if found is not None and distribution.lower() in found.versions:
            place = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
            sys.path.append(str(ENVIRONMENTS.folder(found) / place))
            invalidate_caches()
            break
    if not _has(distribution):
        lacking(f"the package `{distribution}` is not installed")


def _has(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def lacking(message: str) -> None:
    """Skip, or fail where engines are required."""
    if os.environ.get(REQUIRED):
        raise RuntimeError(f"{message}: make engines")
    pytest.skip(message, allow_module_level=True)
