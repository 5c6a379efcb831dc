"""One job is one trace: one root, every parent there, from the client's call to the driver's return."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sample_programs import BELL, VQE, Run, Write
from server_processes import FourRoles

import eigen
from doubles.collector import CollectedSpan, Collector, collecting, tree
from eigen import telemetry
from eigen.config import Settings
from eigen.types import JobState

STAGES = ["compile", "place", "execute", "seal"]
DRIVER = "driver.execute_circuit"
ROLES = {"eigen-client", "eigen-api", "eigen-kernel", "eigen-compiler", "eigen-drivers"}


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


def under(spans: list[CollectedSpan], name: str) -> list[str]:
    """The names from the root down to the span of this name."""
    by_id = {span.span_id: span for span in spans}
    (span,) = [span for span in spans if span.name == name]
    path = [span.name]
    while span.parent_id:
        span = by_id[span.parent_id]
        path.append(span.name)
    return path[::-1]


def check_stages(spans: list[CollectedSpan], job_id: str) -> None:
    """The stages of a job that ran once, one after the other, each with the job's id."""
    stages = [span for span in spans if span.name in STAGES]
    assert [span.name for span in stages] == STAGES, tree(spans)
    assert {span.attributes["eigen.job_id"] for span in stages} == {job_id}
    for before, after in pairwise(stages):
        assert before.end_ns <= after.start_ns


def test_a_job_in_one_process_is_one_tree(eigen: Run, write: Write, collector: Collector) -> None:
    eigen("run", write("bell.eigen.py", BELL), env={"EIGEN_OTLP_ENDPOINT": collector.endpoint})
    spans = collector.spans
    root = one_tree(spans)
    assert root.name == "submit"
    assert under(spans, "driver.execute_circuit") == ["submit", "execute", "driver.execute_circuit"]
    check_stages(spans, root.attributes["eigen.job_id"])


@pytest.fixture
def client_tracing(collector: Collector) -> Iterator[Collector]:
    """This process as a client that traces."""
    telemetry.start("eigen-client", Settings(otlp_endpoint=collector.endpoint), metrics=False)
    yield collector
    telemetry.stop()


def test_a_job_through_four_roles_is_one_tree(tmp_path: Path, write: Write, client_tracing: Collector) -> None:
    collector = client_tracing
    with FourRoles(tmp_path, env={"EIGEN_OTLP_ENDPOINT": collector.endpoint}) as four:
        with eigen.connect(f"grpc://{four.addresses['grpc_address']}") as client:
            job_id = client.run(write("bell.eigen.py", BELL)).job_id
        telemetry.stop()
        for role in reversed(four.roles.values()):
            assert role.stop() == 0, role.tail()
    everything = collector.spans
    (root,) = [span for span in everything if span.name == "client.run"]
    spans = [span for span in everything if span.trace_id == root.trace_id]
    assert one_tree(spans) == root
    assert {span.service for span in spans} == ROLES
    stored = ["client.run", "client.SubmitJob", "api.SubmitJob", *2 * ["KernelService/Submit"], "submit"]
    assert under(spans, "CompilerService/Compile") == [*stored, "compile", "CompilerService/Compile"]
    assert under(spans, "WorkService/Execute") == [*stored, "execute", DRIVER, "WorkService/Execute"]
    check_stages(spans, job_id)


def test_a_job_that_survives_its_kernel_stays_in_its_trace(
    tmp_path: Path, write: Write, client_tracing: Collector
) -> None:
    """Of a killed process the spans that had not ended are lost; what comes after stands under the same submission."""
    collector = client_tracing
    with FourRoles(tmp_path, env={"EIGEN_OTLP_ENDPOINT": collector.endpoint}) as four:
        with eigen.connect(f"grpc://{four.addresses['grpc_address']}") as client:
            job_id = client.submit(write("vqe.eigen.py", VQE.replace("rounds=120", "rounds=4000")))
            events = client.watch(job_id)
            while next(events).state is not JobState.RUNNING:
                pass
            collector.wait(lambda spans: {"submit", "place"} <= {span.name for span in spans})
            four.roles["kernel"].restart(signal.SIGKILL)
            assert [event.state for event in events][-1] is JobState.DONE
        for role in reversed(four.roles.values()):
            assert role.stop() == 0, role.tail()
    (submission,) = [span for span in collector.spans if span.name == "submit"]
    mine = [span for span in collector.spans if span.attributes.get("eigen.job_id") == job_id]
    assert {span.trace_id for span in mine} == {submission.trace_id}
    finished = [span for span in mine if span.name == "execute"]
    assert [(span.parent_id, span.attributes["eigen.attempt"] > 1) for span in finished] == [(submission.span_id, True)]
