"""IBM Quantum as a process-local server: the REST interface that qiskit-ibm-runtime's client speaks, over the snapshot
of a machine. Jobs run on Aer without noise. The ledger has every job that was taken, and is what would be paid."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

if TYPE_CHECKING:
    from collections.abc import Generator

TOKEN = "an-api-key-0815"
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/1234:5678::"
MACHINE = "ibm_double"
SNAPSHOT = "jakarta"
MOST_TAG = 86
"""Characters of a tag, as the SDK has it."""
LIMITS = {"pubs", "options", "version", "support_qiskit"}


class Service:
    """What it has: jobs by id, and its bad days. `lose` answers to jobs are lost after they were taken; `queue`:
    nothing runs; `status` is answered to everything while it is set; `fail` is why jobs fail."""

    def __init__(self) -> None:
        # Here: Qiskit 2.6 ends a process in which the thread that loaded it has ended.
        from qiskit.primitives.containers.sampler_pub import SamplerPub
        from qiskit_aer.primitives import SamplerV2
        from qiskit_ibm_runtime.json import RuntimeDecoder, RuntimeEncoder

        self._pub, self._sampler = SamplerPub, SamplerV2
        self._decoder, self._encoder = RuntimeDecoder, RuntimeEncoder
        self.jobs: dict[str, dict[str, Any]] = {}
        self.lose = 0
        self.queue = False
        self.status = 0
        self.fail = ""
        self.asked: list[str] = []
        package = find_spec("qiskit_ibm_runtime")
        assert package is not None
        assert package.submodule_search_locations
        folder = Path(package.submodule_search_locations[0]) / "fake_provider" / "backends" / SNAPSHOT
        self.configuration = json.loads((folder / f"conf_{SNAPSHOT}.json").read_text()) | {"backend_name": MACHINE}
        self.properties = json.loads((folder / f"props_{SNAPSHOT}.json").read_text())

    def take(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A job."""
        params = json.loads(json.dumps(asked["params"]), cls=self._decoder)
        assert asked["program_id"] == "sampler"
        assert asked["backend"] == MACHINE
        assert set(params) <= LIMITS, set(params)
        assert params["version"] == 2
        assert all(len(tag) <= MOST_TAG for tag in asked["tags"])
        job = f"c{len(self.jobs):019d}"
        pubs = [(circuit, shots) for circuit, _, shots in params["pubs"]]
        for circuit, _ in pubs:
            self._check(circuit)
        self.jobs[job] = {
            "id": job,
            "backend": MACHINE,
            "tags": asked["tags"],
            "status": "Queued",
            "options": params["options"],
            "seconds": asked.get("cost"),
            "shots": [shots for _, shots in pubs],
            "pubs": pubs,
        }
        return {"id": job, "backend": MACHINE}

    def look(self, job: str) -> dict[str, Any]:
        """What is told of a job, which runs when it is looked at."""
        row = self.jobs[job]
        if row["status"] == "Queued" and not self.queue:
            row["status"] = "Failed" if self.fail else "Completed"
        told = {name: row[name] for name in ("id", "backend", "tags", "status")}
        return told | {"state": {"status": row["status"], "reason": self.fail}, "program": {"id": "sampler"}}

    def results(self, job: str) -> str:
        """Counts, as the service's JSON."""
        row = self.jobs[job]
        if "results" not in row:
            pubs = [self._pub(circuit, shots=shots) for circuit, shots in row["pubs"]]
            row["results"] = json.dumps(self._sampler(seed=11).run(pubs).result(), cls=self._encoder)
        return str(row["results"])

    def _check(self, circuit: Any) -> None:
        """Refuse what the machine does not have, as the service does."""
        pairs = {tuple(pair) for pair in self.configuration["coupling_map"]}
        known = {*self.configuration["basis_gates"], "measure", "barrier", "delay"}
        for item in circuit.data:
            qubits = tuple(circuit.find_bit(qubit).index for qubit in item.qubits)
            name = item.operation.name
            if name not in known or (len(qubits) == 2 and name != "barrier" and qubits not in pairs):
                raise ValueError(f"the machine has no `{name}` on {qubits}")


class Door(BaseHTTPRequestHandler):
    """The paths of the interface."""

    service: Service
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        service, url = self.service, urlparse(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path == "/identity/token":
            known = parse_qs(body.decode()).get("apikey") == [TOKEN]
            self._send(200 if known else 400, _token() if known else {"errorMessage": "Provided API key is unknown"})
            return
        service.asked.append(f"{method} {url.path}")
        if not self.headers.get("Authorization", "").startswith("Bearer ey"):
            self._send(401, {"errors": [{"message": "not authorized"}]})
        elif self.headers.get("Service-CRN") != INSTANCE:
            self._send(403, {"errors": [{"message": "no such instance"}]})
        elif service.status:
            self._send(service.status, {"errors": [{"message": "come again"}]})
        else:
            self._route(method, url.path, parse_qs(url.query), body)

    def _route(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        service = self.service
        if (method, path) == ("POST", "/jobs"):
            try:
                told = service.take(json.loads(body))
            except ValueError as error:
                self._send(400, {"errors": [{"message": str(error)}]})
                return
            if service.lose:
                service.lose -= 1
                self.close_connection = True
                return
            self._send(200, told)
        elif path == "/jobs":
            tags = set(query.get("tags", ()))
            rows = [service.look(job) for job, row in service.jobs.items() if tags <= set(row["tags"])]
            self._send(200, {"jobs": rows, "count": len(rows)})
        elif path == "/backends":
            self._send(200, {"devices": [{"name": MACHINE}]})
        elif found := re.fullmatch(f"/backends/{MACHINE}/(configuration|properties|status)", path):
            status = {"state": True, "status": "active", "length_queue": len(service.jobs), "backend_version": "1"}
            told = {"configuration": service.configuration, "properties": service.properties, "status": status}
            self._send(200, told[found[1]])
        elif (found := re.fullmatch(r"/jobs/(\w+)(/\w+)?", path)) and found[1] in service.jobs:
            self._job(found[1], found[2] or "")
        else:
            self._send(404, {"errors": [{"message": "there is no such job"}]})

    def _job(self, job: str, what: str) -> None:
        service = self.service
        if what == "/cancel":
            ended = service.jobs[job]["status"] != "Queued"
            service.jobs[job]["status"] = service.jobs[job]["status"] if ended else "Cancelled"
            self._send(409 if ended else 204, {})
        elif what == "/results":
            self._send(200, service.results(job))
        elif what == "/metrics":
            self._send(200, {"usage": {"qpu_charge_time_seconds": 3, "status": "final"}})
        else:
            self._send(200, service.look(job))

    def _send(self, status: int, told: Any) -> None:
        data = b"" if status == 204 else (told if isinstance(told, str) else json.dumps(told)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return


def _token() -> dict[str, Any]:
    """What IAM answers: a token whose signature nobody looks at."""
    now = int(time.time())
    parts = ({"alg": "RS256", "typ": "JWT"}, {"iat": now, "exp": now + 3600})
    words = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    signed = ".".join([*words, "c2lnbmF0dXJl"])
    return {"access_token": signed, "refresh_token": "", "token_type": "Bearer", "expires_in": 3600, "expiration": now}


@contextmanager
def ibm_service() -> Generator[tuple[Service, dict[str, str]]]:
    """The service, and the settings of its driver."""
    service = Service()
    door = type("Door", (Door,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service, {"token": TOKEN, "instance": INSTANCE, "url": url, "iam_url": url}
    finally:
        server.shutdown()
        server.server_close()
