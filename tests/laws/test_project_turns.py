"""Laws of the shares of projects: how near they come to the weights, and that the place in the queue is the truth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.sqlite import SqliteDatabase
from eigen.qfs.store import NewJob

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from eigen.qfs.store import JobRow

PROJECTS = ("a", "b", "c", "d")
NO_TIES = {"u": 0.618, **{f"{tenant}/{name}": each for tenant in "tu" for name, each in (("b", 0.755), ("c", 0.57))}}
WEIGHTS = st.sampled_from((0.5, 1.0, 1.5, 2.0, 3.0, 5.0))
Asked = tuple[str, str, int]


def new(number: int, tenant: str, project: str, priority: int) -> NewJob:
    spec = JobSpec(name="law", program=ProgramRef(sha256="0" * 64), priority=priority)
    name = f"job_{number:04}"
    return NewJob(*jobs.create(name, spec, at=100.0 + number, entropy=1, tenant=tenant, project=project))


def submitted(store: SqlJobStore, asked: Iterable[Asked]) -> None:
    store.insert_all([new(number, *each) for number, each in enumerate(asked)])


def served(store: SqlJobStore, count: int) -> list[JobRow]:
    found = [store.claim(f"s{number}", 1e6, 10.0) for number in range(count)]
    return [row for row in found if row is not None]


@settings(deadline=None)
@given(
    order=st.permutations([project for project in PROJECTS for _ in range(30)]),
    weights=st.tuples(*[WEIGHTS] * 4),
    start=st.integers(0, 29),
)
def test_shares_of_a_backlog_are_by_weight_within_the_bound_of_start_time_fair_queueing(
    order: list[str],
    weights: tuple[float, ...],
    start: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """While two projects wait, their turns over their weights differ by less than one turn of each over its weight,
    from any moment to any other (Goyal, Vin and Cheng, theorem 1, with packets of length one)."""
    weight = dict(zip(PROJECTS, weights, strict=True))
    database = SqliteDatabase(tmp_path_factory.mktemp("law") / "jobs.db")
    store = SqlJobStore(database, weights={f"t/{name}": each for name, each in weight.items()})
    submitted(store, (("t", project, 50) for project in order))
    turns = [row.project for row in served(store, 120)]
    database.close()
    left, counts = Counter(order), Counter[str]()
    left.subtract(turns[:start])
    for project in turns[start:]:
        left[project] -= 1
        counts[project] += 1
        waiting = [name for name in PROJECTS if left[name] > 0]
        for one in waiting:
            for other in waiting:
                apart = abs(counts[one] / weight[one] - counts[other] / weight[other])
                assert apart <= 1 / weight[one] + 1 / weight[other] + 1e-9


@settings(deadline=None)
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(("t", "u")), st.sampled_from(PROJECTS[:3]), st.sampled_from((40, 50, 60))),
        min_size=1,
        max_size=12,
    )
)
def test_who_is_told_that_so_many_are_ahead_goes_after_so_many(
    asked: list[Asked], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """To the place, as here, where no two turns come at the same moment: among those that do, any order is fair."""
    database = SqliteDatabase(tmp_path_factory.mktemp("law") / "jobs.db")
    store = SqlJobStore(database, weights=NO_TIES)
    submitted(store, asked)
    told = {row.job_id: store.ahead(row) for row in store.list(limit=len(asked))}
    order = [row.job_id for row in served(store, len(asked))]
    database.close()
    assert sorted(told.values()) == list(range(len(asked)))
    assert [told[name] for name in order] == list(range(len(asked)))
