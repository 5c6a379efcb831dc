"""An Apache Kafka of its own for a measurement or a test run: one node in KRaft mode on loopback, in a new directory.

Its jars come from Maven Central by `bench/kafka/pom.xml` into `.build/kafka`, once; Java 17 or later runs them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
POM = ROOT / "bench/kafka/pom.xml"
JARS = ROOT / ".build/kafka"
MARK = "kafka_2.13-4.1.0.jar"
START_SECONDS = 60.0
JAVA = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "auto.create.topics.enable": "false",
    "log.retention.check.interval.ms": "3600000",
    "num.network.threads": "1",
    "num.io.threads": "2",
    "background.threads": "2",
    "log.cleaner.enable": "false",
}


class KafkaServer:
    """A running broker; `brokers` is where it answers, also after a restart. With `secure`, settings of a listener
    `SASL_SSL`, it answers at `secure_brokers` too."""

    def __init__(self, *, secure: dict[str, str] | None = None) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="kafka-"))
        ports = free_ports(3)
        self.brokers = f"127.0.0.1:{ports[0]}"
        self.secure_brokers = f"localhost:{ports[2]}"
        listeners = [f"PLAINTEXT://{self.brokers}", f"CONTROLLER://127.0.0.1:{ports[1]}"]
        maps = ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT"]
        if secure:
            listeners.append(f"SASL_SSL://{self.secure_brokers}")
            maps.append("SASL_SSL:SASL_SSL")
        settings = {
            **SETTINGS,
            "controller.quorum.voters": f"1@127.0.0.1:{ports[1]}",
            "listeners": ",".join(listeners),
            "listener.security.protocol.map": ",".join(maps),
            "log.dirs": str(self._root / "data"),
            **(secure or {}),
        }
        (self._root / "data").mkdir()
        # What the storage tool would write, without waiting for another Java.
        meta = {"version": "1", "cluster.id": _identifier(), "node.id": "1", "directory.id": _identifier()}
        _write(self._root / "data/meta.properties", meta)
        _write(self._root / "server.properties", settings)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ["java", *JAVA, "-cp", f"{JARS}/*", "kafka.Kafka", str(self._root / "server.properties")]
        with (self._root / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._root)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            ended = self._process.poll() is not None or time.monotonic() > until
            assert not ended, f"Kafka does not start: {(self._root / 'log').read_text()[-3000:]}"
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)

    def stop(self) -> None:
        """End it and remove its files."""
        self.kill()
        shutil.rmtree(self._root, ignore_errors=True)

    def configure_topic(self, topic: str, **settings: str) -> None:
        """Make a topic with such settings, `_` for `.` in their names."""
        from confluent_kafka.admin import AdminClient, NewTopic

        config = {name.replace("_", "."): value for name, value in settings.items()}
        admin = AdminClient(self.client())  # its answers end with it
        admin.create_topics([NewTopic(topic, num_partitions=1, config=config)])[topic].result(30)

    def client(self) -> dict[str, Any]:
        """The settings of a client."""
        return {"bootstrap.servers": self.brokers, "log_level": 0}

    def _answers(self) -> bool:
        """Whether a broker is registered: a port alone answers earlier."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        host, _, port = self.brokers.rpartition(":")
        try:
            socket.create_connection((host, int(port)), 0.2).close()
            return bool(AdminClient(self.client()).list_topics(timeout=2).brokers)
        except (OSError, KafkaException):
            return False


def missing() -> str:
    """What is not here that a broker needs; empty when all is. The jars are fetched where Maven can."""
    if shutil.which("java") is None:
        return "there is no Java here: install the package `openjdk-17-jre-headless`"
    if (JARS / MARK).exists():
        return ""
    if shutil.which("mvn") is None:
        return "there is no Maven here to fetch Kafka: install the package `maven`"
    return fetch()


def fetch() -> str:
    """Fetch the jars; returns why that failed."""
    import fcntl

    JARS.parent.mkdir(exist_ok=True)
    with (JARS.parent / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes start at once
        if (JARS / MARK).exists():
            return ""
        folder = JARS.with_name(f"kafka.{os.getpid()}")
        goal = "dependency:copy-dependencies"
        command = ["mvn", "-q", "-B", "-f", str(POM), goal, f"-DoutputDirectory={folder}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            return f"Maven cannot fetch Kafka: {(done.stdout + done.stderr).strip()[-500:]}"
        shutil.rmtree(JARS, ignore_errors=True)
        folder.rename(JARS)
    return ""


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody has now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _identifier() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _write(path: Path, values: dict[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
