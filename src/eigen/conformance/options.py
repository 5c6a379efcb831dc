"""The options of `pytest --pyargs eigen.conformance`, which pytest finds by an entry point: a package that is named by
`--pyargs` is imported too late to add any."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

WORDS = ("driver", "device", "check")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--driver`, `--device`, `--check`, where `eigen.conformance` is to be tested: elsewhere others may want these
    words."""
    if not any("eigen.conformance" in word for word in sys.argv):
        return
    group: Any = parser.getgroup("eigen", "the conformance kit of Eigen OS")
    helps = ("a driver or backend to test", "a device to test", "a check, or a noun of checks, to ask alone")
    for word, text in zip(WORDS, helps, strict=True):
        with suppress(ValueError):
            group.addoption(f"--{word}", action="append", default=[], metavar="NAME", help=f"eigen.conformance: {text}")
