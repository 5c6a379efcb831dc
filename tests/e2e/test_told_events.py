"""`eigen serve` tells its events: to a file, to a real Kafka, one server of several, with SASL over TLS."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from jsonschema import Draft202012Validator
from sample_programs import BELL, VQE, Run, RunJson, Write
from server_processes import Whole

from doubles import kafka_broker
from eigen.outbox.shapes import json_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.kafka_server import KafkaServer

VALIDATOR = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
SECONDS = 90.0
JOB = "org.eigen-os.job."


def ended(events: Sequence[dict[str, Any]]) -> set[str]:
    """The jobs of which the receipt was told, the last file but one."""
    return {event["subject"] for event in events if event["id"].endswith("/artifact/results/results.json")}


def metric(server: Whole, name: str) -> dict[str, float]:
    text = urllib.request.urlopen(f"http://{server.metrics}/metrics", timeout=10).read().decode()
    return {labels: float(value) for labels, value in re.findall(rf"^{name}{{(.*?)}} (\S+)$", text, re.MULTILINE)}


def tells(server: Whole) -> bool:
    return '"this server tells the events"' in Path(server._log).read_text()


def test_every_event_is_a_line_of_a_file_that_the_schema_knows(
    tmp_path: Path, eigen: Run, eigen_json: RunJson, write: Write
) -> None:
    path = tmp_path / "events.jsonl"
    programs = [write("bell.eigen.py", BELL), write("vqe.eigen.py", VQE)]
    with Whole(tmp_path, env={"EIGEN_EVENTS_SINK": f"file:{path}"}) as server:
        door = {"EIGEN_ENDPOINT": f"grpc://{server.addresses['grpc_address']}"}
        ids = {eigen_json("submit", program, env=door)["job_id"] for program in programs}
        for job_id in ids:
            eigen("watch", job_id, env=door)
        until = time.monotonic() + SECONDS
        events: list[dict[str, Any]] = []
        while ended(events) < ids and time.monotonic() < until:
            time.sleep(0.1)
            events = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        counted = metric(server, "eigen_outbox_events_total")
        waiting = metric(server, "eigen_outbox_lag_events")
    for event in events:
        VALIDATOR.validate(event)
    assert len({event["id"] for event in events}) == len(events)
    kinds = {event["type"].removeprefix(JOB) for event in events}
    assert kinds >= {"pending", "compiling", "queued", "running", "done", "attempt.started", "attempt.ended"}
    assert kinds >= {"artifact", "log"}
    assert sum(counted.values()) == len(events)
    assert waiting == {'sink="file"': 0.0}
    report = eigen_json("doctor", env={"EIGEN_EVENTS_SINK": f"file:{path}"})
    (found,) = [finding for finding in report["findings"] if finding["check"] == "events"]
    assert found["ok"]
    assert found["text"].endswith("bytes, 0 events wait")


def test_one_of_two_servers_tells_and_the_other_takes_over(
    tmp_path: Path,
    postgres_url: str,
    private_home: Path,
    kafka: KafkaServer,
    eigen: Run,
    eigen_json: RunJson,
    write: Write,
) -> None:
    prefix, program = kafka_broker.new_prefix(), write("bell.eigen.py", BELL)
    env = {
        "EIGEN_DATABASE_URL": postgres_url,
        "EIGEN_QFS_ROOT": str(private_home / "qfs"),
        "EIGEN_KAFKA_BROKERS": kafka.brokers,
        "EIGEN_KAFKA_TOPIC_PREFIX": prefix,
    }
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    with Whole(folders[0], env=env) as one, Whole(folders[1], env=env) as two:
        until = time.monotonic() + SECONDS
        while not (tells(one) or tells(two)) and time.monotonic() < until:
            time.sleep(0.1)
        assert tells(one) != tells(two), "one of them, and only one"
        leader, other = (one, two) if tells(one) else (two, one)
        door = {"EIGEN_ENDPOINT": f"grpc://{other.addresses['grpc_address']}"}
        ids = {eigen_json("submit", program, env=door)["job_id"] for _ in range(3)}
        leader.stop(signal.SIGKILL)
        ids |= {eigen_json("submit", program, env=door)["job_id"] for _ in range(3)}
        for job_id in ids:
            eigen("watch", job_id, env=door)
        events = kafka_broker.read(kafka, prefix, lambda events: ended(events) >= ids)
        assert tells(other)
    numbers: dict[str, list[int]] = {job_id: [] for job_id in ids}
    for event in events:
        VALIDATOR.validate({name: value for name, value in event.items() if name != "topic"})
        if event["topic"] == "jobs" and event["data"]["seq"] not in numbers[event["subject"]]:
            numbers[event["subject"]].append(event["data"]["seq"])
    assert all(found == sorted(found) and len(found) >= 5 for found in numbers.values())
    assert len({event["source"] for event in events}) == 1


def test_a_server_whose_broker_is_away_is_ready_and_doctor_says_what_waits(
    tmp_path: Path, eigen: Run, eigen_json: RunJson, write: Write
) -> None:
    env = {"EIGEN_KAFKA_BROKERS": "127.0.0.1:1", "EIGEN_KAFKA_PASSWORD": "geheim"}
    with Whole(tmp_path, env=env) as server:
        door = {"EIGEN_ENDPOINT": f"grpc://{server.addresses['grpc_address']}"}
        assert eigen_json(
            "results", eigen_json("submit", write("bell.eigen.py", BELL), "--wait", env=door)["job_id"], env=door
        )
        ready = urllib.request.urlopen(f"http://{server.addresses['http_address']}/readyz", timeout=10)
        assert ready.status == 200
        until = time.monotonic() + SECONDS
        while "events wait" not in server.tail() and time.monotonic() < until:
            time.sleep(0.1)
        while not sum(metric(server, "eigen_outbox_lag_events").values()) and time.monotonic() < until:
            time.sleep(0.1)
        assert metric(server, "eigen_outbox_lag_events")['sink="kafka"'] >= 5
        log = Path(server._log).read_text()
    assert log.count("events wait: ") == 1
    report = eigen_json("doctor", expect=4, env=env)
    (found,) = [finding for finding in report["findings"] if finding["check"] == "events"]
    assert not found["ok"]
    assert re.search(r", [1-9][0-9]* events wait$", found["text"])
    assert "geheim" not in str(report) + log + str(eigen_json("config", env=env))


def test_settings_that_cannot_be_are_refused_at_the_start(eigen: Run) -> None:
    for env in (
        {"EIGEN_EVENTS_SINK": "ftp:x"},
        {"EIGEN_EVENTS_SINK": "file:"},
        {"EIGEN_KAFKA_BROKERS": "nowhere"},
        {"EIGEN_KAFKA_BROKERS": "h:9092", "EIGEN_KAFKA_TOPIC_PREFIX": "a/b"},
        {"EIGEN_KAFKA_BROKERS": "h:9092", "EIGEN_KAFKA_SECURITY": "ssl", "EIGEN_KAFKA_CA": "/nothing/here.pem"},
    ):
        said = eigen("serve", "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", expect=2, env=env)
        assert "EIGEN_CONFIG_INVALID" in str(said)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A broker that asks for a password over TLS, and the file of its authority."""
    import trustme

    authority = trustme.CA()
    cert = authority.issue_cert("localhost", key_type=trustme.KeyType.RSA)
    key = serialization.load_pem_private_key(cert.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = b"".join(blob.bytes() for blob in cert.cert_chain_pems)
    jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    server = kafka_broker.start(
        secure={
            "listener.name.sasl_ssl.ssl.keystore.type": "PEM",
            "listener.name.sasl_ssl.ssl.keystore.key": key.decode().replace("\n", "\\n"),
            "listener.name.sasl_ssl.ssl.keystore.certificate.chain": chain.decode().replace("\n", "\\n"),
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": f'{jaas} user_eigen="geheim";',
        }
    )
    path: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    yield server, path
    server.stop()


def test_brokers_that_ask_for_a_password_over_tls_get_it(guarded: Any, eigen_json: RunJson) -> None:
    server, authority = guarded
    env = {
        "EIGEN_KAFKA_BROKERS": server.secure_brokers,
        "EIGEN_KAFKA_SECURITY": "sasl_ssl",
        "EIGEN_KAFKA_SASL_MECHANISM": "PLAIN",
        "EIGEN_KAFKA_USERNAME": "eigen",
        "EIGEN_KAFKA_CA": str(authority),
    }

    def finding(password: str, *, expect: int = 4, **more: str) -> dict[str, Any]:
        report = eigen_json("doctor", expect=expect, env={**env, "EIGEN_KAFKA_PASSWORD": password, **more})
        return next(found for found in report["findings"] if found["check"] == "events")

    right = finding("geheim", expect=0)
    assert right["ok"], right
    assert "1 brokers, no topic" in right["text"]
    assert not finding("falsch")["ok"]
    assert not finding("geheim", EIGEN_KAFKA_CA="")["ok"], "an unknown authority"
