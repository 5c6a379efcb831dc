"""`eigen serve` from outside: what it says, how it stops, what it refuses."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from followers import Follower
from sample_programs import BELL, VQE, Run, RunJson, Write
from server_processes import EIGEN, FourRoles, ServerProcess, Whole, free_port

LONG = VQE.replace("rounds=120", "rounds=100000")
MOMENT = 0.02


def get(url: str) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def refuses(address: str) -> bool:
    """Whether nobody listens at an address any more."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return True
    return False


def eventually(condition: Any) -> None:
    """Wait for something that another process does."""
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(MOMENT)


class HalfRequest:
    """A request that is on its way: the head was sent, and half of the body."""

    def __init__(self, server: ServerProcess) -> None:
        job = {
            "apiVersion": "eigen.os/v1",
            "kind": "QuantumJob",
            "metadata": {"name": "slow-sender"},
            "spec": {"program": {"source": BELL}, "target": "sim:auto"},
        }
        body = json.dumps({"job": job}).encode()
        host, _, port = server.addresses["http_address"].rpartition(":")
        head = (
            f"POST /v1/jobs HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        )
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._rest = body[10:]
        self._socket.sendall(f"{head}\r\nexpect: 100-continue\r\n\r\n".encode())
        assert b"100" in self._socket.recv(1024)  # the server has begun with it
        self._socket.sendall(body[:10])

    def finish(self) -> bytes:
        """Send the rest; returns the answer."""
        self._socket.sendall(self._rest)
        with self._socket:
            return b"".join(iter(lambda: self._socket.recv(65536), b""))

    def close(self) -> None:
        """Give up."""
        self._socket.close()


def test_it_says_where_it_is_works_the_queue_and_ends_on_a_signal(
    eigen_json: RunJson, eigen: Run, write: Write
) -> None:
    words = [str(EIGEN), "serve", "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said = line
        if line.startswith("serving"):
            break
    assert "gRPC at 127.0.0.1:" in said
    assert "HTTP at 127.0.0.1:" in said
    job_id = eigen_json("submit", write("bell.eigen.py", BELL))["job_id"]
    eventually(lambda: eigen_json("status", job_id)["state"] == "DONE")
    process.send_signal(signal.SIGINT)
    out, talk = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert "stopped; unfinished jobs continue" in talk


def test_a_stopping_server_finishes_requests_and_takes_no_new_ones(tmp_path: Path, eigen_json: RunJson) -> None:
    with Whole(tmp_path) as server:
        half = HalfRequest(server)
        server.send(signal.SIGTERM)
        eventually(lambda: refuses(server.addresses["http_address"]) and refuses(server.addresses["grpc_address"]))
        answer = half.finish()
        assert answer.startswith(b"HTTP/1.1 201"), answer
        assert server.stop(None) == 0
    (job,) = eigen_json("list")["jobs"]
    assert job["name"] == "slow-sender"


def test_a_stopping_server_hands_its_jobs_back_and_ends_their_streams(tmp_path: Path, eigen_json: RunJson) -> None:
    with Whole(tmp_path) as server:
        address = server.addresses["http_address"]
        follower = Follower(address)
        job_id = follower.submit(LONG, "long")
        with urllib.request.urlopen(f"http://{address}/v1/jobs/{job_id}/events", timeout=60) as stream:
            assert any(b"RUNNING" in line for line in iter(stream.readline, b""))
            server.send(signal.SIGTERM)
            rest = stream.read()  # it ends
        assert server.stop(None) == 0
        follower.close()
    assert b"DONE" not in rest
    job = eigen_json("status", job_id)
    assert (job["state"], job["attempts"]) == ("QUEUED", 1)


def test_a_request_that_does_not_end_holds_a_stopping_server_for_a_while_only(tmp_path: Path) -> None:
    with Whole(tmp_path, env={"EIGEN_DRAIN_SECONDS": "0.5"}) as server:
        half = HalfRequest(server)
        assert server.stop(signal.SIGTERM) == 0
        half.close()


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with Whole(tmp_path, env={"EIGEN_DRAIN_SECONDS": "600"}) as server:
        half = HalfRequest(server)
        server.send(signal.SIGTERM)
        eventually(lambda: refuses(server.addresses["http_address"]))
        assert server.stop(signal.SIGTERM) == 128 + signal.SIGTERM
        half.close()


def test_the_service_manager_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(60)
        with ServerProcess(
            "compiler", tmp_path / "log", env={"NOTIFY_SOCKET": path}, compiler_address="127.0.0.1:0"
        ) as server:
            assert manager.recv(100) == b"READY=1"
            server.stop(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"


def test_each_role_says_whether_it_lives_and_is_ready(tmp_path: Path) -> None:
    with FourRoles(tmp_path) as four:
        for role in four.roles.values():
            for path in ("healthz", "readyz"):
                assert get(f"http://{role.metrics}/{path}")[0] == 200, (role.role, path)
            with urllib.request.urlopen(f"http://{role.metrics}/metrics", timeout=30) as answer:
                assert answer.headers["content-type"].startswith("text/plain")
        assert get(f"http://{four.roles['api'].metrics}/nothing")[0] == 404
        four.roles["kernel"].stop(signal.SIGTERM)
        status, answer = get(f"http://{four.roles['api'].metrics}/readyz")
        assert (status, answer["error"]["code"]) == (503, "EIGEN_SERVER_UNREACHABLE")
        assert get(f"http://{four.roles['api'].metrics}/healthz")[0] == 200
        assert get(f"http://{four.addresses['http_address']}/readyz")[0] == 503


def test_a_role_that_waits_for_another_can_be_stopped() -> None:
    addresses = ("--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--kernel-address", "127.0.0.1:1")
    process = subprocess.Popen(
        [str(EIGEN), "serve", "--role", "api", *addresses, "--metrics-port", str(free_port()), "--log-level", "debug"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any("AnyKey" in line for line in process.stderr), "it does not ask the kernel"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")


def test_two_servers_may_share_a_data_directory(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Whole(tmp_path / "a") as first, Whole(tmp_path / "b") as second:
        one, other = Follower(first.addresses["http_address"]), Follower(second.addresses["http_address"])
        jobs = [(one, other)[number % 2].submit(BELL, f"job-{number}") for number in range(10)]
        for job_id in jobs:
            streams = [follower.events(job_id) for follower in (one, other)]
            assert streams[0] == streams[1]
            assert [event["state"] for event in streams[0]].count("RUNNING") == 1
        assert {job["job_id"] for job in other.jobs()} == set(jobs)
        one.close()
        other.close()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--http-address", "localhost"), "EIGEN_CONFIG_INVALID"),
        (("--http-address", "127.0.0.1:99999"), "EIGEN_CONFIG_INVALID"),
        (("--role", "kernel", "--kernel-address", "256.0.0.1:1"), "EIGEN_CONFIG_INVALID"),
        (("--role", "no-such"), "EIGEN_USAGE"),
        (("--workers", "0"), "EIGEN_CONFIG_INVALID"),
        (("--until-idle", "--role", "api"), "EIGEN_USAGE"),
        (("--until-idle", "--workers", "2"), "EIGEN_USAGE"),
    ],
)
def test_what_cannot_be_served_is_refused(words: tuple[str, ...], code: str, eigen: Run) -> None:
    free = {"EIGEN_GRPC_ADDRESS": "127.0.0.1:0", "EIGEN_HTTP_ADDRESS": "127.0.0.1:0"}
    assert f"error[{code}]" in eigen("serve", *words, expect=2, env=free).stderr


def test_a_port_that_is_taken_is_named(eigen: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        free = {"EIGEN_GRPC_ADDRESS": "127.0.0.1:0", "EIGEN_HTTP_ADDRESS": "127.0.0.1:0"}
        for name in ("EIGEN_GRPC_ADDRESS", "EIGEN_HTTP_ADDRESS"):
            said = eigen("serve", expect=2, env={**free, name: f"127.0.0.1:{port}"}).stderr
            assert "error[EIGEN_CONFIG_INVALID]" in said
            assert port in said
            assert "add_port.cc" not in said  # a line of the gRPC library's own
        settings = {"EIGEN_COMPILER_ADDRESS": "127.0.0.1:0", "EIGEN_METRICS_PORT": port}
        said = eigen("serve", "--role", "compiler", expect=2, env=settings).stderr
        assert "metrics_port" in said
