"""Packages of other makers that a test needs."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version

import pytest

REQUIRED = "REQUIRE_ENGINES"
"""Where this variable is set, a missing package fails the tests that need it; elsewhere they are skipped."""


def needed(distribution: str) -> None:
    """Skip, or fail, where a distribution is not installed."""
    try:
        version(distribution)
    except PackageNotFoundError:
        if os.environ.get(REQUIRED):
            raise
        pytest.skip(f"the package `{distribution}` is not installed", allow_module_level=True)
