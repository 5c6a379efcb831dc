"""What a server tells about itself after a job: metrics, log lines, and no secret anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sample_programs import BELL, Write
from server_processes import Whole

import eigen
from doubles.collector import Collector, collecting
from eigen.telemetry import METRICS

KEY = "eigen_0123456789ab_" + "5ec7e7" * 10 + "5ec7"
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzZWNyZXQifQ.c2VjcmV0LXNpZ25hdHVyZQ"
SAMPLE_SUFFIXES = re.compile(r"_(bucket|sum|count)$")


class Observed:
    """One server that everything is observed of."""

    def __init__(self, server: Whole, collector: Collector, log: Path) -> None:
        self.server, self.collector, self.log = server, collector, log
        self.grpc, self.http = server.addresses["grpc_address"], server.addresses["http_address"]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """One request; its status and body."""
        connection = HTTPConnection(self.http, timeout=30)
        try:
            connection.request(method, path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def lines(self) -> list[dict[str, Any]]:
        """The log, every line of which is JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def observed(tmp_path: Path) -> Iterator[Observed]:
    with collecting() as collector:
        env = {"EIGEN_OTLP_ENDPOINT": collector.endpoint, "EIGEN_LOG_LEVEL": "debug"}
        with Whole(tmp_path, env=env) as server:
            yield Observed(server, collector, tmp_path / "whole.log")


def test_metrics_and_log_lines_of_a_job(observed: Observed, write: Write) -> None:
    with eigen.connect(f"grpc://{observed.grpc}") as client:
        job_id = client.submit(write("bell.eigen.py", BELL))
        client.wait(job_id)
    assert observed.ask("GET", f"/v1/jobs/{job_id}")[0] == 200
    assert observed.ask("GET", "/no/such/route")[0] == 404
    text = observed.ask("GET", "/metrics")[1].decode()
    assert job_id not in text
    families = list(text_string_to_metric_families(text))
    assert [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")] == list(METRICS)
    seen: dict[str, set[tuple[str, ...]]] = {}
    for sample in (sample for family in families for sample in family.samples):
        name = SAMPLE_SUFFIXES.sub("", sample.name)
        labels = sample.labels.keys() - {"le"}
        assert labels == set(METRICS[name].labels), sample
        seen.setdefault(name, set()).add(tuple(sample.labels[label] for label in METRICS[name].labels))
    elsewhere = ("eigen_outbox_", "eigen_kernel_cache_", "eigen_kernel_snapshots_")
    told_elsewhere = {name for name in METRICS if name.startswith(elsewhere)}
    assert seen.keys() == METRICS.keys() - told_elsewhere  # no sink, and too small a job to be kept
    assert {
        ("GRPC", "JobService/SubmitJob", "OK"),
        ("GET", "/v1/jobs/{job_id}", "200"),
        ("OTHER", "unmatched", "404"),
    } <= seen["eigen_api_requests_total"]
    moves = {("", "PENDING"), ("PENDING", "COMPILING"), ("COMPILING", "QUEUED"), ("QUEUED", "RUNNING")}
    assert seen["eigen_kernel_job_state_transitions_total"] == moves | {("RUNNING", "DONE")}
    assert {("compile",), ("place",), ("execute",)} <= seen["eigen_kernel_stage_duration_seconds"]
    assert ("native", "execute_circuit", "true") in seen["eigen_driver_requests_total"]

    lines = observed.lines()
    for line in lines:
        assert {"timestamp", "level", "service", "message"} <= line.keys()
        assert line["service"] == "eigen"
    about = [line for line in lines if line.get("job_id") == job_id]
    (trace,) = {line["trace_id"] for line in about if line.get("stage") in {"compile", "place", "execute"}}
    assert re.fullmatch("[0-9a-f]{32}", trace)
    assert [
        line
        for line in lines
        if line["trace_id" if "trace_id" in line else "message"] == trace and "JobService/SubmitJob" in line["message"]
    ]


def test_no_secret_comes_out(observed: Observed, write: Write) -> None:
    job = {
        "apiVersion": "eigen.os/v1",
        "kind": "QuantumJob",
        "metadata": {"name": "leaky", "labels": {"token": KEY}},
        "spec": {"program": {"path": "p.eigen.py"}},
    }
    program = BELL.replace("h(q[0])", f'h("{KEY}")')
    body = json.dumps({"job": job, "program": program}).encode()
    typed = {"content_type": "application/json"}
    statuses = [
        observed.ask("GET", "/v1/jobs", authorization=f"Bearer {KEY}")[0],
        observed.ask("GET", "/v1/jobs", authorization=f"Bearer {JWT}")[0],
        observed.ask("GET", f"/v1/jobs?access_token={JWT}")[0],
        observed.ask("GET", f"/v1/jobs/{KEY}")[0],
        observed.ask("GET", f"/{JWT}/{KEY}")[0],
        observed.ask("POST", "/v1/jobs", body, authorization=f"Bearer {KEY}", **typed)[0],
        observed.ask("POST", "/v1/jobs", f'{{"{KEY}": '.encode(), **typed)[0],
        observed.ask(
            "POST", "/graphql", json.dumps({"query": f'{{ job(id: "{KEY}") {{ jobId }} }}'}).encode(), **typed
        )[0],
        observed.ask("GET", "/v1/jobs", traceparent=KEY, x_request_id=KEY, x_eigen_sub=KEY)[0],
    ]
    assert max(statuses) < 500
    with grpc.insecure_channel(observed.grpc) as channel:
        call = channel.unary_unary(f"/eigen.api.v1.JobService/{KEY}")
        with pytest.raises(grpc.RpcError):
            call(b"\xff" + KEY.encode(), metadata=(("authorization", f"Bearer {JWT}"),), timeout=30)
        call = channel.unary_unary("/eigen.api.v1.JobService/GetJobStatus")
        with pytest.raises(grpc.RpcError):
            call(b"\xff" + KEY.encode(), metadata=(("authorization", f"Bearer {JWT}"),), timeout=30)
    metrics = observed.ask("GET", "/metrics")[1].decode()
    assert observed.server.stop() == 0
    told = {
        "log": observed.log.read_text(),
        "metrics": metrics,
        "spans": "\n".join(f"{span.name} {span.attributes} {span.error}" for span in observed.collector.spans),
    }
    assert told["spans"]
    for where, text in told.items():
        for secret in (KEY, KEY[19:], JWT, JWT.split(".")[1]):
            assert secret not in text, where
