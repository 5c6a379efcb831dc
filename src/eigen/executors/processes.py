"""`ProcessExecutor`: tasks in processes of this host, each with limits of its own, started when they are first needed.

What kills a process is the loss of one task, never of the kernel; the next task gets a new process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.config import PREFIX
from eigen.errors import EigenError
from eigen.executors.executor import (
    ENDED,
    Capacity,
    Outcome,
    TaskState,
    cancelled,
    check_digests,
    check_resources,
    lost,
    not_yet,
)
from eigen.executors.worker import DONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.executors.spool import Spool

TRIP_SECONDS = 0.004
START_SECONDS = 0.5
"""About what a task takes beside its work, and what starting a process takes."""

KEPT = 10_000
"""Ended tasks whose handles are remembered."""


@dataclass(slots=True, eq=False)
class _Task:
    """One task; guarded by the condition variable of its executor."""

    key: str
    spec: str
    state: TaskState = TaskState.WAITING
    process: subprocess.Popen[str] | None = None
    error: EigenError | None = None


class ProcessExecutor:
    """At most `workers` tasks at a time. `threads`, `memory_bytes` (0: no limit) and `isa` are those of one task;
    `resources` what each worker is said to have, by tag. `command` starts a worker."""

    name = "processes"

    def __init__(
        self,
        spool: Spool,
        *,
        workers: int,
        threads: int = 1,
        memory_bytes: int = 0,
        isa: str = "auto",
        resources: Mapping[str, float] | None = None,
        command: Sequence[str] = (sys.executable, "-m", "eigen.executors.worker"),
    ) -> None:
        self._spool = spool
        self._slots = workers
        self._isa = isa
        self._memory = memory_bytes
        self._resources = dict(resources or {})
        self._command = [*command, "--serve", "--spool", str(spool.root), "--threads", str(threads)]
        self._command += ["--memory", str(memory_bytes)]
        self._changed = threading.Condition()
        self._tasks: OrderedDict[str, _Task] = OrderedDict()
        self._waiting: deque[_Task] = deque()
        self._threads = 0
        self._idle: list[subprocess.Popen[str]] = []
        self._closed = False

    def submit(self, key: str, spec: str, *, resources: Mapping[str, float]) -> str:
        """See `Executor.submit`."""
        check_digests(key, spec)
        check_resources(resources, self._resources, self.name)
        with self._changed:
            if self._closed:
                raise EigenError("EIGEN_SERVER_UNREACHABLE", "the processes for tasks were ended")
            known = self._tasks.get(key)
            if known is not None and known.state in {TaskState.WAITING, TaskState.RUNNING}:
                return key
            if self._spool.has_result(key):
                self._keep(_Task(key, spec, TaskState.DONE))
                return key
            task = _Task(key, spec)
            self._keep(task)
            self._waiting.append(task)
            if self._threads < self._slots:
                self._threads += 1
                threading.Thread(target=self._work, name="executor", daemon=True).start()
            self._changed.notify_all()
        return key

    def poll(self, handle: str) -> TaskState:
        """See `Executor.poll`."""
        with self._changed:
            task = self._tasks.get(handle)
            return TaskState.LOST if task is None else task.state

    def result(self, handle: str, timeout_sec: float | None = None) -> Outcome:
        """See `Executor.result`."""
        with self._changed:
            task = self._tasks.get(handle)
            if task is None:
                raise lost(handle, "nobody knows it")
            if not self._changed.wait_for(lambda: task.state in ENDED, timeout_sec):
                raise not_yet(handle, timeout_sec)
            if task.state is TaskState.CANCELLED:
                raise cancelled(handle)
            if task.error is not None:
                raise task.error
        outcome = self._spool.result(task.key)
        if outcome is None:
            raise lost(handle, "its result is gone")
        return outcome

    def cancel(self, handle: str) -> bool:
        """See `Executor.cancel`. A task that runs ends with its process."""
        with self._changed:
            task = self._tasks.get(handle)
            if task is None or task.state in ENDED:
                return False
            process = task.process
            self._end(task, TaskState.CANCELLED)
        if process is not None:
            _stop(process)  # whoever waits for its answer takes it away
        return True

    def adopt(self, key: str) -> str | None:
        """See `Executor.adopt`. Processes end with the kernel that started them; what they left is in the spool."""
        check_digests(key)
        with self._changed:
            task = self._tasks.get(key)
            if task is not None and task.state not in {TaskState.LOST, TaskState.CANCELLED, TaskState.FAILED}:
                return key
            if not self._spool.has_result(key):
                return None
            self._keep(_Task(key, "", TaskState.DONE))
            return key

    def capacity(self) -> Capacity:
        """See `Executor.capacity`."""
        with self._changed:
            start = 0.0 if self._idle or self._threads else START_SECONDS
        return Capacity(self._slots, TRIP_SECONDS, True, start, self._memory or None, self._resources)

    def processes(self) -> list[int]:
        """The process ids of the workers, those at work first."""
        with self._changed:
            busy = [task.process for task in self._tasks.values() if task.process is not None]
            return [process.pid for process in (*busy, *self._idle)]

    def close(self) -> None:
        """End all processes; tasks that wait or run are lost."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            open_tasks = [task for task in self._tasks.values() if task.state not in ENDED]
            busy = [task.process for task in self._tasks.values() if task.process is not None]
            idle, self._idle = self._idle, []
            for task in open_tasks:
                self._lose(task, "its executor was closed")
        for process in busy:
            _stop(process)
        for process in idle:
            _remove(process)
        with self._changed:
            self._changed.wait_for(lambda: not self._threads, 10.0)

    def _keep(self, task: _Task) -> None:
        self._tasks[task.key] = task
        self._tasks.move_to_end(task.key)
        while len(self._tasks) > KEPT and next(iter(self._tasks.values())).state in ENDED:
            self._tasks.popitem(last=False)

    def _work(self) -> None:
        """Run tasks, one after the other, until there is none."""
        while True:
            with self._changed:
                task = self._next()
                if task is None:
                    self._threads -= 1
                    self._changed.notify_all()
                    return
                task.state = TaskState.RUNNING
                process = self._idle.pop() if self._idle else None
            try:
                if process is None:
                    process = self._start()
            except OSError as error:
                with self._changed:
                    task.error = EigenError("EIGEN_SERVER_UNREACHABLE", f"no process can be started: {error.strerror}")
                    self._end(task, TaskState.FAILED)
                continue
            self._run(task, process)

    def _next(self) -> _Task | None:
        while self._waiting:
            task = self._waiting.popleft()
            if task.state is TaskState.WAITING:
                return task
        return None

    def _run(self, task: _Task, process: subprocess.Popen[str]) -> None:
        with self._changed:
            gone = task.state is not TaskState.RUNNING
            if not gone:
                task.process = process
        answer = None if gone else _exchange(process, task)
        with self._changed:
            task.process = None
            if task.state is TaskState.RUNNING:
                self._judge(task, answer, process)
            keep = (answer is not None or gone) and process.poll() is None and not self._closed
            if keep:
                self._idle.append(process)
        if not keep:
            _remove(process)

    def _judge(self, task: _Task, answer: dict[str, Any] | None, process: subprocess.Popen[str]) -> None:
        """What came of a task that was not cancelled."""
        if answer is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(1.0)  # its pipe was closed: it has ended, or is about to
            self._lose(task, f"its process ended with status {process.poll()}")
        elif answer.get("state") == DONE:
            self._end(task, TaskState.DONE)
        else:
            task.error = EigenError.from_json(answer.get("error") or {})
            self._end(task, TaskState.FAILED)

    def _lose(self, task: _Task, why: str) -> None:
        task.error = lost(task.key, why)
        self._end(task, TaskState.LOST)

    def _end(self, task: _Task, state: TaskState) -> None:
        task.state = state
        self._changed.notify_all()

    def _start(self) -> subprocess.Popen[str]:
        """A worker in a process group of its own: what a terminal sends to this one does not end it, what closes its
        stdin does."""
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="ascii",
            env=_environment(self._isa),
            process_group=0,
        )


def _environment(isa: str) -> dict[str, str]:
    """That of this process but for the settings, among which there are secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**kept, f"{PREFIX}CONFIG": os.devnull, f"{PREFIX}ISA": isa}


def _exchange(process: subprocess.Popen[str], task: _Task) -> dict[str, Any] | None:
    """Hand over a task and wait for its answer; None when the process ended instead."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{task.spec} {task.key}\n")
        process.stdin.flush()
        while True:
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            if answer.get("key") == task.key:
                return answer
    except (OSError, ValueError):
        return None


def _stop(process: subprocess.Popen[str]) -> None:
    """Kill a worker, and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)


def _remove(process: subprocess.Popen[str]) -> None:
    """Kill a worker and wait until it has ended."""
    _stop(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
