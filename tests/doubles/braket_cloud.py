"""Amazon Braket as a process-local server: the REST interface that the SDK speaks, and the bucket of the results. Tasks
run on Braket's local simulator. A client token is taken once, as AWS says of its idempotency tokens: the same request
gives the same task, another one a conflict."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

if TYPE_CHECKING:
    from collections.abc import Generator

SECRET = "a-secret-access-key-0815"
BUCKET = "amazon-braket-double"
QPU = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
ANNEALER = "arn:aws:braket:::device/qpu/quera/Aquila"
GATES = ["x", "y", "z", "h", "s", "si", "t", "ti", "v", "vi", "rx", "ry", "rz", "cnot", "cz", "swap", "xx", "yy", "zz"]


class Service:
    """Tasks by ARN, and its bad days. `lose` answers are lost after a task was taken; `queue`: nothing runs; `code` is
    the failure of every request while it is set; `fail` is why tasks fail."""

    def __init__(self) -> None:
        from braket.default_simulator import StateVectorSimulator
        from braket.ir.openqasm import Program

        self._simulator, self._program = StateVectorSimulator(), Program
        self.tasks: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, tuple[Any, str]] = {}
        self.objects: dict[str, str] = {}
        self.lose = 0
        self.queue = False
        self.code = ""
        self.fail = ""

    def take(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """A task, once for its token."""
        token = asked["clientToken"]
        assert 1 <= len(token) <= 64
        known = self.tokens.get(token)
        if known is not None:
            return (201, {"quantumTaskArn": known[1]}) if known[0] == asked else (409, {"message": "another request"})
        assert asked["deviceArn"] == QPU
        arn = f"arn:aws:braket:us-east-1:123456789012:quantum-task/{len(self.tasks):08x}-0000"
        place = f"{asked['outputS3KeyPrefix']}/{arn.rpartition('/')[2]}"
        program = json.loads(asked["action"])
        self.tasks[arn] = {
            "quantumTaskArn": arn,
            "status": "QUEUED",
            "deviceArn": QPU,
            "deviceParameters": "{}",
            "shots": asked["shots"],
            "outputS3Bucket": asked["outputS3Bucket"],
            "outputS3Directory": place,
            "createdAt": "2026-11-22T12:00:00Z",
            "source": program["source"],
        }
        self.tokens[token] = (asked, arn)
        return 201, {"quantumTaskArn": arn}

    def look(self, arn: str) -> dict[str, Any]:
        """What is told of a task, which runs when it is looked at."""
        row = self.tasks[arn]
        if row["status"] == "QUEUED" and not self.queue:
            row["status"] = "FAILED" if self.fail else "COMPLETED"
            if not self.fail:
                result = self._simulator.run(self._program(source=row["source"], inputs={}), shots=row["shots"])
                self.objects[f"/{row['outputS3Bucket']}/{row['outputS3Directory']}/results.json"] = result.json()
        told = {name: value for name, value in row.items() if name != "source"}
        return told | ({"failureReason": self.fail} if row["status"] == "FAILED" else {})


def capabilities(arn: str) -> dict[str, Any]:
    """Of a device, as far as its driver reads them."""
    service = {"shotsRange": [1, 5000], "deviceCost": {"price": 0.08, "unit": "shot"}}
    if arn == ANNEALER:
        return {"service": service, "action": {"braket.ir.ahs.program": {}}, "paradigm": {"qubitCount": 256}}
    action = {"braket.ir.openqasm.program": {"supportedOperations": GATES}}
    return {"service": service, "action": action, "paradigm": {"qubitCount": 36}}


def device(arn: str) -> dict[str, Any]:
    provider, name = arn.split("/")[-2:]
    told = {"deviceArn": arn, "deviceName": name, "providerName": provider, "deviceType": "QPU"}
    return told | {"deviceStatus": "ONLINE"}


class Door(BaseHTTPRequestHandler):
    """The paths of the interface."""

    service: Service
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        service, path = self.service, unquote(urlparse(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        assert "Credential=AKIADOUBLE/" in self.headers["Authorization"]
        if service.code:
            self._send(403 if "Access" in service.code else 429, {"message": "no"}, service.code)
        elif path in service.objects:
            self._send(200, service.objects[path])
        elif (method, path) == ("POST", "/devices"):
            self._send(200, {"devices": [device(QPU), device(ANNEALER)]})
        elif found := re.fullmatch(r"/device/(.+)", path):
            queue = [{"queue": "QUANTUM_TASKS_QUEUE", "queueSize": "12", "queuePriority": "Normal"}]
            told = {"deviceCapabilities": json.dumps(capabilities(found[1])), "deviceQueueInfo": queue}
            self._send(200, device(found[1]) | told)
        elif (method, path) == ("POST", "/quantum-task"):
            status, told = service.take(json.loads(body))
            if service.lose:
                service.lose -= 1
                self.close_connection = True
                return
            self._send(status, told, "" if status == 201 else "ConflictException")
        elif (found := re.fullmatch(r"/quantum-task/(.+?)(/cancel)?", path)) and found[1] in service.tasks:
            self._task(found[1], cancel=bool(found[2]))
        else:
            self._send(404, {"message": "it is not there"}, "ResourceNotFoundException")

    def _task(self, arn: str, *, cancel: bool) -> None:
        if not cancel:
            self._send(200, self.service.look(arn))
        elif self.service.tasks[arn]["status"] != "QUEUED":
            self._send(409, {"message": "it has ended"}, "ConflictException")
        else:
            self.service.tasks[arn]["status"] = "CANCELLED"
            self._send(200, {"quantumTaskArn": arn, "cancellationStatus": "CANCELLED"})

    def _send(self, status: int, told: Any, code: str = "") -> None:
        data = (told if isinstance(told, str) else json.dumps(told)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def braket_service() -> Generator[tuple[Service, dict[str, str]]]:
    """The service, and the settings of its driver."""
    service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (Door,), {"service": service}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    keys = {"access_key_id": "AKIADOUBLE", "secret_access_key": SECRET}
    try:
        yield service, {"region": "us-east-1", "bucket": BUCKET, "endpoint": url, "s3_endpoint": url, **keys}
    finally:
        server.shutdown()
        server.server_close()
