"""One job is one trace: one root, every parent there, from the client's call to the driver's return."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from doubles.collector import CollectedSpan, Collector, collecting, tree
from sample_programs import BELL, Run, Write

STAGES = {"submit", "compile", "place", "execute"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def one_tree(spans: list[CollectedSpan]) -> CollectedSpan:
    """The root; fails where the spans are no single tree."""
    shown = tree(spans)
    assert len({span.trace_id for span in spans}) == 1, shown
    roots = [span for span in spans if not span.parent_id]
    assert len(roots) == 1, shown
    known = {span.span_id for span in spans}
    assert not [span for span in spans if span.parent_id and span.parent_id not in known], shown
    return roots[0]


def test_a_job_in_one_process_is_one_tree(eigen: Run, write: Write, collector: Collector) -> None:
    eigen("run", write("bell.eigen.py", BELL), env={"EIGEN_OTLP_ENDPOINT": collector.endpoint})
    spans = collector.spans
    print(tree(spans))
    root = one_tree(spans)
    assert root.name == "submit"
    assert {span.name for span in spans} >= STAGES
