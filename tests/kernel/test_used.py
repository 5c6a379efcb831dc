"""What a process remembers of the jobs of workflows has a bound, and what is forgotten is the oldest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.kernel import used
from eigen.kernel.used import Used, UsedByJobs

if TYPE_CHECKING:
    import pytest

ONE = Used({"max_shots": 1.0}, runs=False)


def test_the_workflow_that_was_looked_at_least_recently_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(used, "MOST_JOBS", 3)
    kept = UsedByJobs()
    kept.remember("a", {"a1": ONE})
    kept.remember("b", {"b1": ONE})
    kept.remember("a", {"a1": ONE, "a2": ONE})
    assert kept.of("b") == {"b1": ONE}
    kept.remember("c", {"c1": ONE})
    assert [set(kept.of(name)) for name in "abc"] == [{"a1", "a2"}, set(), {"c1"}]
    kept.forget("a")
    assert kept.of("a") == {}
