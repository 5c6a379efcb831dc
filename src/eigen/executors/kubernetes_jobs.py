"""`KubernetesExecutor`: each task is a Job of a cluster, with one pod of its own that ends with it.

The name of a Job follows from the key of its task, so that submitting twice makes one. What a pod says goes through
the spool; the API is asked for Jobs and pods in two lists, by all that wait together. Kubernetes may start a program
twice (kubernetes.io, "Jobs"), which changes nothing: results are written once. The client is an extra; nothing of it
is imported before an executor is opened.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.executors.executor import (
    Capacity,
    Outcome,
    TaskState,
    cancelled,
    check_digests,
    lacking,
    lost,
    not_yet,
)
from eigen.executors.kubernetes_manifest import KEY_ANNOTATION, job_manifest, job_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eigen.executors.kubernetes_client import Cluster
    from eigen.executors.kubernetes_manifest import PodSettings
    from eigen.executors.spool import Spool

    Json = dict[str, Any]

WAIT_SECONDS = 0.1
LOOK_SECONDS = 0.5
"""How often who waits looks into the spool, and how often the API is asked at most."""

LOOK_SHARE = 10.0
"""The API is left alone for so many times as long as its last answer took."""

AWAY_SECONDS = 30.0
"""How long an API that does not answer counts as one that is being restarted, while tasks are under way."""

LATE_SECONDS = 60.0
"""How long a shared folder may take to show what another host wrote: NFS keeps what it knows of a folder so long."""

KEPT = 10_000
MOST_TRIES = 100
STUCK = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError"}
)
"""Why a container waits that will not start by itself."""


@dataclass(slots=True)
class _Seen:
    """What one look at the cluster found, by the keys of tasks; `at` is when it began."""

    at: float
    jobs: dict[str, Json] = field(default_factory=dict[str, Any])
    pods: dict[str, Json] = field(default_factory=dict[str, Any])


class KubernetesExecutor:
    """Tasks as Jobs of `cluster`. `slots` are the tasks that run at a time, as far as is known here; `pod_sec` is about
    what a pod takes beside its work; a pod that cannot begin for `pending_sec`, while none of this installation runs,
    is given up. `resources` what its nodes are said to have, by tag.

    Raises EIGEN_CONFIG_INVALID; the cluster is first spoken to when it is needed.
    """

    name = "kubernetes"

    def __init__(
        self,
        spool: Spool,
        cluster: Cluster,
        pods: PodSettings,
        *,
        slots: int,
        pod_sec: float = 5.0,
        pending_sec: float = 300.0,
    ) -> None:
        self._spool = spool
        self._cluster = cluster
        self._pods = pods
        self._slots = slots
        self._pod_sec = pod_sec
        self._pending_sec = pending_sec
        self._lock = threading.RLock()
        self._looking = threading.Lock()
        self._seen: _Seen | None = None
        self._pause = LOOK_SECONDS
        self._made: OrderedDict[str, float] = OrderedDict()
        self._ended: OrderedDict[str, EigenError] = OrderedDict()
        self._since: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._resources: dict[str, float] = {}

    def submit(self, key: str, spec: str, *, resources: Mapping[str, float]) -> str:
        """See `Executor.submit`."""
        check_digests(key, spec)
        if self._spool.has_result(key):
            self._ended.pop(key, None)
            return key
        manifest = job_manifest(self._pods, key, spec, times=1, resources=resources)
        for times in range(1, MOST_TRIES):
            manifest["metadata"]["name"] = job_name(key, times)
            if self._cluster.create(manifest):
                break
            there = self._cluster.job(job_name(key, times))
            if there is not None and self._is_ours(there, key) and not _has_ended(there):
                break
        else:
            raise lost(key, f"it was begun `{MOST_TRIES}` times, and no worker came to its end")
        with self._lock:
            self._ended.pop(key, None)
            self._forget_since(key)
            self._made[key] = monotonic()
            self._made.move_to_end(key)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            self._resources = dict(resources)
        return key

    def poll(self, handle: str) -> TaskState:
        """See `Executor.poll`."""
        return self._state(handle)[0]

    def result(self, handle: str, timeout_sec: float | None = None) -> Outcome:
        """See `Executor.result`."""
        until = None if timeout_sec is None else monotonic() + timeout_sec
        while True:
            state, error = self._state(handle)
            if state is TaskState.DONE:
                outcome = self._spool.result(handle)
                if outcome is not None:
                    return outcome
                raise lost(handle, "its result is gone")
            if error is not None:
                raise error
            left = WAIT_SECONDS if until is None else min(WAIT_SECONDS, until - monotonic())
            if left <= 0:
                raise not_yet(handle, timeout_sec)
            sleep(left)

    def cancel(self, handle: str) -> bool:
        """See `Executor.cancel`. The pod is ended by the cluster."""
        if self._state(handle)[0] not in {TaskState.WAITING, TaskState.RUNNING}:
            return False
        self._drop(handle, cancelled(handle))
        return True

    def adopt(self, key: str) -> str | None:
        """See `Executor.adopt`. Pods go on when the kernel that asked for them is gone."""
        check_digests(key)
        found = {TaskState.WAITING, TaskState.RUNNING, TaskState.DONE}
        return key if self._state(key)[0] in found else None

    def capacity(self) -> Capacity:
        """See `Executor.capacity`."""
        return Capacity(
            self._slots, self._pod_sec, False, memory_bytes=self._pods.memory_bytes, resources=self._resources
        )

    def close(self) -> None:
        """See `Executor.close`."""
        self._cluster.close()

    def _state(self, key: str) -> tuple[TaskState, EigenError | None]:
        """Where a task stands, and what `result` raises for it, None while it goes on and when it is done."""
        check_digests(key)
        with self._lock:
            ended = self._ended.get(key)
        if ended is not None:
            return (TaskState.CANCELLED if ended.code == "EIGEN_RUN_CANCELLED" else TaskState.FAILED), ended
        if self._spool.has_result(key):
            return TaskState.DONE, None
        seen = self._look(self._made.get(key, 0.0))
        job, pod = seen.jobs.get(key), seen.pods.get(key)
        if job is None or "deletionTimestamp" in job["metadata"]:
            return _gone(key, "the cluster has no Job for it")
        failure = _condition(job, "Failed")
        if failure is not None:
            return self._failed(key, failure, pod)
        if _condition(job, "Complete") is not None:
            if self._spool.has_result(key):
                return TaskState.DONE, None
            if self._lasts(key, "late", LATE_SECONDS):
                return _gone(key, "its pod ended well, and what it left is not in the spool of this host")
            return TaskState.RUNNING, None
        if _phase(pod) in {"Running", "Succeeded", "Failed"}:  # its Job is about to say how it ended
            self._forget_since(key)
            return TaskState.RUNNING, None
        return self._pending(key, pod, seen)

    def _failed(self, key: str, failure: Json, pod: Json | None) -> tuple[TaskState, EigenError | None]:
        """What became of a task whose pod failed: it said why, or it was lost."""
        if self._spool.has_result(key):
            return TaskState.DONE, None
        end = _end(pod)
        if end.get("reason") == "OOMKilled":
            memory = self._pods.memory_bytes
            return TaskState.FAILED, EigenError("EIGEN_SIM_MEMORY", f"the task needs more memory than `{memory}` bytes")
        said = _said(end)
        if said is not None:
            return TaskState.FAILED, said
        why = [str(each.get("reason", "")) for each in (failure, _status(pod), end)]
        status = f", exit status {end['exitCode']}" if "exitCode" in end else ""
        return _gone(key, f"its pod failed: {', '.join(dict.fromkeys(filter(None, why)))}{status}")

    def _pending(self, key: str, pod: Json | None, seen: _Seen) -> tuple[TaskState, EigenError | None]:
        """A task whose pod has not begun. While others run, it may wait for them."""
        if any(_phase(other) == "Running" for other in seen.pods.values()):
            self._forget_since(key)
            return TaskState.WAITING, None
        why = "the cluster has made no pod for its Job" if pod is None else _held_up(pod)
        if why is None:
            self._forget_since(key)
            return TaskState.WAITING, None
        if not self._lasts(key, "pending", self._pending_sec):
            return TaskState.WAITING, None
        wanted = ", ".join(f"{tag}={amount:g}" for tag, amount in sorted(self._resources.items()))
        error = lacking(
            wanted or f"cpu={self._pods.cpu:g}, memory={self._pods.memory_bytes}",
            f"its pod could not begin for `{self._pending_sec:g}` s: {why}",
        )
        self._drop(key, error)
        return TaskState.FAILED, error

    def _lasts(self, key: str, what: str, seconds: float) -> bool:
        """Whether what is said of a task has been so for that long."""
        with self._lock:
            return monotonic() - self._since.setdefault((key, what), monotonic()) >= seconds

    def _forget_since(self, key: str) -> None:
        with self._lock:
            for what in ("pending", "late"):
                self._since.pop((key, what), None)

    def _drop(self, key: str, error: EigenError) -> None:
        """Have the cluster remove what runs a task, which has ended with this error."""
        seen = self._look(self._made.get(key, 0.0))
        self._cluster.delete(seen.jobs[key]["metadata"]["name"] if key in seen.jobs else job_name(key, 1))
        with self._lock:
            self._forget_since(key)
            self._ended[key] = error
            while len(self._ended) > KEPT:
                self._ended.popitem(last=False)

    def _look(self, after: float) -> _Seen:
        """What is known of the cluster, not older than `after`. EIGEN_SERVER_UNREACHABLE when it is silent for long."""
        with self._looking:
            seen, now = self._seen, monotonic()
            if seen is not None and seen.at >= after and now - seen.at < self._pause:
                return seen
            try:
                found = self._asked(now)
            except EigenError as error:
                known = seen is not None and seen.at >= after and now - seen.at < AWAY_SECONDS
                if seen is None or not known or error.code != "EIGEN_SERVER_UNREACHABLE":
                    raise
                return seen
            self._pause = max(LOOK_SECONDS, LOOK_SHARE * (monotonic() - now))
            self._seen = found
            return found

    def _asked(self, now: float) -> _Seen:
        found = _Seen(now)
        for job in self._cluster.jobs(self._pods.selector):
            key = _key(job)
            if key not in found.jobs or _has_ended(found.jobs[key]) or not _has_ended(job):
                found.jobs[key] = job
        names = {job["metadata"]["name"]: key for key, job in found.jobs.items()}
        for pod in self._cluster.pods(self._pods.selector):
            owner = names.get(_labels(pod).get("batch.kubernetes.io/job-name", ""))
            if owner is not None:
                found.pods[owner] = pod
        return found

    def _is_ours(self, job: Json, key: str) -> bool:
        return _key(job) == key and self._pods.labels.items() <= _labels(job).items()


def _gone(key: str, why: str) -> tuple[TaskState, EigenError]:
    return TaskState.LOST, lost(key, why)


def _key(job: Json) -> str:
    annotations: dict[str, str] = job["metadata"].get("annotations") or {}
    return annotations.get(KEY_ANNOTATION, "")


def _labels(thing: Json) -> dict[str, str]:
    labels: dict[str, str] = thing["metadata"].get("labels") or {}
    return labels


def _status(thing: Json | None) -> Json:
    status: Json = (thing or {}).get("status") or {}
    return status


def _phase(pod: Json | None) -> str:
    return str(_status(pod).get("phase", ""))


def _condition(job: Json, kind: str) -> Json | None:
    """The condition of this kind that holds."""
    conditions: list[Json] = _status(job).get("conditions") or []
    return next((each for each in conditions if (each["type"], each["status"]) == (kind, "True")), None)


def _has_ended(job: Json) -> bool:
    return "deletionTimestamp" in job["metadata"] or any(
        _condition(job, kind) is not None for kind in ("Complete", "Failed")
    )


def _containers(pod: Json | None, state: str) -> Iterator[Json]:
    """What is said of the containers of a pod that are in this state."""
    statuses: list[Json] = _status(pod).get("containerStatuses") or []
    for each in statuses:
        states: dict[str, Json] = each.get("state") or {}
        if states.get(state):
            yield states[state]


def _end(pod: Json | None) -> Json:
    """How the container of a pod ended; empty when nothing is known."""
    nothing: Json = {}
    return next(_containers(pod, "terminated"), nothing)


def _said(end: Json) -> EigenError | None:
    """The error that a worker left for whoever looks after it. Hostile: a container may write anything there."""
    try:
        document: Any = json.loads(end.get("message") or "")
        return EigenError.from_json(document) if document["code"] else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _held_up(pod: Json) -> str | None:
    """Why a pod cannot begin, as far as the cluster says; None while it is on its way."""
    conditions: list[Json] = _status(pod).get("conditions") or []
    for each in conditions:
        if (each["type"], each["status"], each.get("reason")) == ("PodScheduled", "False", "Unschedulable"):
            return f"Unschedulable: {each.get('message', '')}"[:300]
    for waiting in _containers(pod, "waiting"):
        if waiting.get("reason") in STUCK:
            return f"{waiting['reason']}: {waiting.get('message', '')}"[:300]
    return None
