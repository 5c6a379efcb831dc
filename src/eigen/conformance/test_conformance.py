"""The conformance kit under pytest: `pytest --pyargs eigen.conformance --driver NAME`, one test for each device and
check. Without a name there is nothing to test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eigen.conformance.check import Outcome
from eigen.conformance.options import WORDS
from eigen.conformance.roster import Candidate, roster
from eigen.conformance.running import verdict
from eigen.conformance.subject import Subject
from eigen.conformance.table import CHECKS, named
from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.conformance.check import Check


def pytest_generate_tests(metafunc: Any) -> None:
    """A test for each device that is named and each check of the table."""
    drivers, devices, checks = (_given(metafunc.config, word) for word in WORDS)
    rows: list[Any] = []
    try:
        chosen, meant = named(checks), _roster(metafunc.config, [*drivers, *devices])
    except EigenError as error:
        raise pytest.UsageError(f"{error.message}; {error.hint}") from error
    for one in meant:
        absent = one.unavailable or one.rejected
        if absent:
            rows.append(pytest.param(one, None, id=f"{one.name}-available"))
        else:
            rows += [pytest.param(one, row, id=f"{one.name}-{row.name}") for row in CHECKS if row.name in chosen]
    metafunc.parametrize(("one", "check"), rows)


def _given(config: Any, word: str) -> list[str]:
    found = config.getoption(word, [])
    return [found] if isinstance(found, str) else list(found or [])


def _roster(config: Any, targets: list[str]) -> list[Candidate]:
    """The devices, of drivers that are kept until pytest ends."""
    if not targets:
        return []
    from eigen.app import make_registry
    from eigen.config import load_settings

    settings, _ = load_settings()
    registry = make_registry(settings)
    config.add_cleanup(registry.close)
    return list(roster(registry, targets))


def test_conformance(one: Candidate, check: Check | None) -> None:
    """What the check says holds of the device."""
    if one.unavailable:
        pytest.skip(f"unavailable: {one.unavailable}")
    assert check is not None, one.rejected
    assert one.driver is not None
    assert one.device is not None
    found = verdict(check, Subject(one.driver, one.device))
    if found.outcome in {Outcome.REFUSED, Outcome.NOT_APPLICABLE}:
        pytest.skip(f"{found.outcome}: {found.why}")
    assert found.outcome is Outcome.OK, f"{check.holds}: {found.why}"
