"""A Kubernetes API of a test run, on loopback with TLS and a token: the endpoints that tasks need, and no other. What
it is sent and what it answers is checked against the published OpenAPI. The pods of its Jobs are local processes: it
runs their command with the claim's folder in the place of their mount. No cluster: nothing is isolated."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import trustme
import yaml

from doubles.kubernetes_openapi import lax, problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMESPACE, CLAIM, TOKEN = "eigen", "eigen-spool", "the-token-of-the-kernel"
JOBS, PODS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs", f"/api/v1/namespaces/{NAMESPACE}/pods"
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
MESSAGE_BYTES = 4096
LISTED = {"labelSelector", "limit", "continue"}
Json = dict[str, Any]


def now() -> str:
    """As the API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class KubernetesApi:
    """A cluster of one node, on which `slots` pods run at a time; its `config` is a kubeconfig. While it is `away` it
    hangs up; while it is `full` no pod has room; `refuses` is a status that it answers everything with, `stuck` why a
    container cannot begin, `ends_as` the reason that is given for one that was killed."""

    def __init__(self, folder: Path, spool: Path, *, slots: int = 2, page: int = 7) -> None:
        self.away = self.full = False
        self.stuck = self.ends_as = ""
        self.refuses = 0
        self.requests: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.page = page
        self.secrets: dict[str, dict[str, str]] = {}
        self.node = {"cpu": 64.0, "memory": float(1 << 40)}
        self._folder, self._spool, self._slots = folder, spool, slots
        self._changed = threading.Condition()
        self._jobs: dict[str, Json] = {}
        self._pods: dict[str, Json] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._threads: list[threading.Thread] = []
        self._stopped = False
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        ca = folder / "cluster-ca.pem"
        authority.cert_pem.write_to_path(str(ca))
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"https://127.0.0.1:{self._server.server_port}"
        self.config = folder / "kubeconfig"
        self.config.write_text(kubeconfig(self.address, str(ca)))

    def start(self) -> None:
        """Answer."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Answer no more, and end what runs."""
        self._server.shutdown()
        self._server.server_close()
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for pid in self.pids():
            _kill(pid)
        for thread in self._threads:
            thread.join(30.0)

    def pids(self) -> list[int]:
        """The processes of its pods."""
        with self._changed:
            return [process.pid for process in self._running.values()]

    def jobs(self) -> list[Json]:
        """Its Jobs."""
        with self._changed:
            return list(self._jobs.values())

    def evict(self) -> None:
        """End all running pods as a node does that lacks memory."""
        with self._changed:
            for name, process in self._running.items():
                self._pods[name]["status"]["reason"] = "Evicted"
                _kill(process.pid)

    def lose_node(self) -> None:
        """End all running pods and forget them, as after the loss of a node."""
        with self._changed:
            for name, process in list(self._running.items()):
                del self._pods[name]
                _kill(process.pid)

    def answer(self, method: str, path: str, query: dict[str, str], body: Json | None) -> tuple[int, Json]:
        """The answer to a request."""
        self.requests.append((method, path))
        if self.refuses:
            return self.refuses, _status(self.refuses, "Refused", "the test wants it so")
        if path == JOBS and method == "POST" and not query and body is not None:
            return self._create(body)
        if path in {JOBS, PODS} and method == "GET" and set(query) <= LISTED:
            return self._list(path, query)
        name = path.removeprefix(f"{JOBS}/")
        if NAME.fullmatch(name) and method in {"GET", "DELETE"} and not query:
            return self._one(method, name, body)
        self.faults.append(f"{method} {path} {query}")
        return 404, _status(404, "NotFound", "the server could not find the requested resource")

    def _create(self, job: Json) -> tuple[int, Json]:
        wrong = problems(job, "io.k8s.api.batch.v1.Job") or list(invalid(job))
        if wrong:
            self.faults += wrong
            return 422, _status(422, "Invalid", "; ".join(wrong))
        forbidden = lax(job["spec"]["template"]["spec"])
        if forbidden:
            self.faults += forbidden
            return 403, _status(403, "Forbidden", f"violates PodSecurity restricted: {forbidden}")
        name = job["metadata"]["name"]
        with self._changed:
            if name in self._jobs:
                return 409, _status(409, "AlreadyExists", f'jobs.batch "{name}" already exists')
            job["metadata"] |= {"uid": str(uuid4()), "creationTimestamp": now()}
            job["status"] = {}
            self._jobs[name] = job
            thread = threading.Thread(target=self._live, args=(job,), daemon=True)
            self._threads.append(thread)
        thread.start()
        return 201, _copy(job)

    def _one(self, method: str, name: str, body: Json | None) -> tuple[int, Json]:
        with self._changed:
            job = self._jobs.get(name)
            if job is None:
                return 404, _status(404, "NotFound", f'jobs.batch "{name}" not found')
            if method == "GET":
                return 200, _copy(job)
            wrong = problems(body or {}, "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")
            if wrong:
                self.faults += wrong
                return 400, _status(400, "BadRequest", "; ".join(wrong))
            assert body is not None
            del self._jobs[name]
            if body.get("propagationPolicy") == "Background":
                for pod in [each for each in self._pods if each.startswith(f"{name}-") and each in self._running]:
                    _kill(self._running[pod].pid)
            self._changed.notify_all()
        return 200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}

    def _list(self, path: str, query: dict[str, str]) -> tuple[int, Json]:
        wanted = dict(item.split("=", 1) for item in query.get("labelSelector", "").split(",") if item)
        with self._changed:
            things = self._jobs if path == JOBS else self._pods
            found = [_copy(each) for each in things.values() if wanted.items() <= each["metadata"]["labels"].items()]
        first = int(query.get("continue", "0"))
        last = first + min(int(query.get("limit", "500")), self.page)
        about = {"resourceVersion": "1", **({"continue": str(last)} if last < len(found) else {})}
        kind, version = ("JobList", "batch/v1") if path == JOBS else ("PodList", "v1")
        return 200, {"kind": kind, "apiVersion": version, "metadata": about, "items": found[first:last]}

    def _live(self, job: Json) -> None:
        """The life of a Job and its pod."""
        name = f"{job['metadata']['name']}-{uuid4().hex[:5]}"
        template = job["spec"]["template"]
        labels = {**template["metadata"]["labels"], "batch.kubernetes.io/job-name": job["metadata"]["name"]}
        about = {**template["metadata"], "name": name, "namespace": NAMESPACE, "uid": str(uuid4()), "labels": labels}
        pod: Json = {"metadata": about, "spec": template["spec"], "status": {"phase": "Pending", "conditions": []}}
        with self._changed:
            self._pods[name] = pod
            job["status"] = {"active": 1, "ready": 0, "startTime": now()}
            if not self._scheduled(job, pod):
                self._pods.pop(name, None)
                return
            process = self._begin(name, pod)
            self._running[name] = process
            pod["status"]["phase"] = "Running"
            job["status"]["ready"] = 1
        status = process.wait()
        with self._changed:
            del self._running[name]
            self._end(job, pod, name, 128 - status if status < 0 else status)
            self._changed.notify_all()

    def _scheduled(self, job: Json, pod: Json) -> bool:
        """Wait until a pod has its place; False when its Job is gone before."""
        requests = pod["spec"]["containers"][0]["resources"]["requests"]
        while not self._stopped and self._jobs.get(job["metadata"]["name"]) is job:
            lacking = [tag for tag, amount in requests.items() if self.node.get(tag, 0.0) < quantity(amount)]
            if not self.full and not lacking and len(self._running) < self._slots:
                pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "True", "lastTransitionTime": now()}]
                if not self.stuck:
                    return True
                waiting = {"waiting": {"reason": self.stuck, "message": "the test wants it so"}}
                pod["status"]["containerStatuses"] = [_container(waiting)]
                self._changed.wait(0.05)
                continue
            why = f"0/1 nodes are available: 1 Insufficient {', '.join(lacking or ['cpu'])}."
            condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}
            pod["status"]["conditions"] = [condition]
            self._changed.wait(0.05)
        return False

    def _begin(self, name: str, pod: Json) -> subprocess.Popen[bytes]:
        """Run the command of a pod."""
        container = pod["spec"]["containers"][0]
        own = self._folder / "pods" / name
        own.mkdir(parents=True)
        places = {container["terminationMessagePath"]: own / "termination-log"}
        for mount in container["volumeMounts"]:
            volume = next(each for each in pod["spec"]["volumes"] if each["name"] == mount["name"])
            claim = volume.get("persistentVolumeClaim")
            assert claim is None or claim["claimName"] == CLAIM
            places[mount["mountPath"]] = own if claim is None else self._spool
        words = [str(places.get(word, word)) for word in [*container["command"], *container["args"]]]
        assert words[0] == "python"
        environment = {each["name"]: str(places.get(each["value"], each["value"])) for each in container["env"]}
        for each in container.get("envFrom", []):
            environment = {**self.secrets[each["secretRef"]["name"]], **environment}
        with (own / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *words[1:]],
                env={"PATH": os.environ["PATH"], **environment},
                cwd=own,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def _end(self, job: Json, pod: Json, name: str, code: int) -> None:
        place = self._folder / "pods" / name / "termination-log"
        message = place.read_bytes()[:MESSAGE_BYTES].decode("utf-8", "replace") if place.is_file() else ""
        reason = "Completed" if code == 0 else self.ends_as or "Error"
        terminated = {"exitCode": code, "reason": reason, "finishedAt": now()}
        container = _container({"terminated": {**terminated, **({"message": message} if message else {})}})
        pod["status"] |= {"phase": "Succeeded" if code == 0 else "Failed", "containerStatuses": [container]}
        ended = {"type": "Complete", "status": "True", "reason": "CompletionsReached"}
        failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}
        job["status"] = {"conditions": [failed if code else ended], "failed" if code else "succeeded": 1}
        if self._jobs.get(job["metadata"]["name"]) is not job:
            self._pods.pop(name, None)  # collected after its owner


def kubeconfig(address: str, ca: str, token: str = TOKEN) -> str:
    """A kubeconfig file with one context, `test`."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "here", "cluster": {"server": address, "certificate-authority": ca}}],
            "users": [{"name": "kernel", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "here", "user": "kernel"}}],
        }
    )


def quantity(text: str) -> float:
    """An amount of a resource."""
    for unit, factor in (("m", 1e-3), ("Ki", 2.0**10), ("Mi", 2.0**20), ("Gi", 2.0**30)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return float(text)


def invalid(job: Json) -> Iterator[str]:
    """What the API refuses of a Job although its form is right."""
    if NAME.fullmatch(job["metadata"]["name"]) is None:
        yield "metadata.name"
    template = job["spec"]["template"]
    for about in (job["metadata"], template["metadata"]):
        yield from (f"label {value}" for value in about["labels"].values() if LABEL.fullmatch(value) is None)
    if template["spec"]["restartPolicy"] not in {"Never", "OnFailure"}:
        yield "restartPolicy"
    for container in template["spec"]["containers"]:
        asked, most = container["resources"]["requests"], container["resources"]["limits"]
        for tag, amount in asked.items():
            if tag not in {"cpu", "memory", "ephemeral-storage"}:
                if "/" not in tag:
                    yield f"{tag} must be a standard resource for containers"
                if amount != most.get(tag) or not amount.isdigit():
                    yield f"{tag} must be a whole number, and its own limit"
            if quantity(amount) > quantity(most[tag]):
                yield f"{tag} beyond its limit"


def _container(state: Json) -> Json:
    """The status of a container in this state."""
    about = {"name": "task", "image": "eigen-os", "imageID": "", "ready": False, "restartCount": 0}
    return {**about, "state": state}


def _copy(thing: Json) -> Json:
    found: Json = json.loads(json.dumps(thing))
    return found


def _status(code: int, reason: str, message: str) -> Json:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class _Server(ThreadingHTTPServer):
    """One that says nothing of callers who hang up, or do not trust it."""

    def handle_error(self, request: object, client_address: object) -> None:
        """What a handler raised."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.RequestHandlerClass.api.faults.append(repr(error))  # type: ignore[attr-defined]


class _Handler(BaseHTTPRequestHandler):
    """Requests over HTTP/1.1."""

    api: KubernetesApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60.0

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length)) if length else None
        if self.api.away:
            self.close_connection = True
            return
        place = urlsplit(self.path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            code, answer = 401, _status(401, "Unauthorized", "Unauthorized")
        else:
            code, answer = self.api.answer(self.command, place.path, dict(parse_qsl(place.query)), body)
        self.api.faults += [f"answer: {each}" for each in problems(answer)]
        data = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        """A request."""
        self._serve()

    def do_POST(self) -> None:
        """A request."""
        self._serve()

    def do_DELETE(self) -> None:
        """A request."""
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
