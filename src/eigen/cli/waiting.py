"""What `run`, `submit --wait` and `watch` share: follow a job to its end, print its results, choose the exit code."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from eigen.cli.output import say, show, show_json
from eigen.cli.views import results_json, results_text
from eigen.errors import EigenError
from eigen.types import JobState

if TYPE_CHECKING:
    from eigen.client.client import Client
    from eigen.config import Settings
    from eigen.types import JobResults, JobView

FAILED = 1


def handed_over(view: JobView, chosen: Settings, *, as_json: bool, did: str = "submitted") -> int:
    """Print the id of a job that was just stored, or can go on; without a server, a worker process takes it."""
    if not chosen.endpoint:
        from eigen.cli.detached import start_worker

        start_worker(chosen.data_dir)
    if as_json:
        show_json({"job_id": view.job_id, "state": view.state.value})
    else:
        show(view.job_id)
        say(f"{did}; `eigen watch {view.job_id}` follows it")
    return 0


def wait(client: Client, job_id: str, *, watch: bool, after: int = 0) -> JobResults:
    """The results once the job has ended; progress goes to stderr on a terminal, and anywhere with `watch`.

    Ctrl-C leaves the job where it can go on.
    """
    try:
        return follow(client, job_id, after=after) if watch or sys.stderr.isatty() else client.wait(job_id)
    except KeyboardInterrupt:
        say(f"no longer waiting; `eigen watch {job_id}` goes on, `eigen cancel {job_id}` stops the job")
        raise


def follow(client: Client, job_id: str, *, after: int = 0) -> JobResults:
    """Show a job's events on stderr until it has ended, and return its results."""
    from eigen.cli.progress import Progress

    with closing(client.watch(job_id, after=after)) as events, Progress() as progress:
        for event in events:
            progress.show(event)
    return client.results(job_id)


def finish(client: Client, results: JobResults, *, as_json: bool, warn: bool = False) -> int:
    """Print the results of an ended job: data to stdout, its error (and with `warn` its warnings) to stderr."""
    if warn and results.state is JobState.DONE:
        _show_warnings(client, results)
    if as_json:
        show_json(results_json(results))
    elif text := results_text(results):
        show(text)
    if results.state is JobState.DONE:
        return 0
    _explain_failure(client, results)
    return FAILED


def _show_warnings(client: Client, results: JobResults) -> None:
    """What the compiler and the run had to say about a job that succeeded."""
    import json

    report: dict[str, Any] = {}
    with suppress(EigenError):  # a circuit in AQO may have none
        report = json.loads(client.artifact(results.job_id, "compiled/report.json"))
    if diagnostics := report.get("diagnostics"):
        from eigen.cli.failure import render_diagnostics

        filename = str(diagnostics[0].get("file") or "program.eigen.py")
        say(render_diagnostics(diagnostics, _source(client, results.job_id), filename=filename))
    for warning in results.metadata.get("warnings", ()):
        say(f"warning: {warning}")


def _explain_failure(client: Client, results: JobResults) -> None:
    from eigen.cli.failure import render

    if results.error:
        error = EigenError.from_json(results.error)
        say(render(error, source=_source(client, results.job_id) if "diagnostics" in error.details else None))
    say(f"job {results.job_id} ended in state {results.state.value}")
    _show_best(results)


def _show_best(results: JobResults) -> None:
    """How far the loop was that a limit stopped, and how to go on."""
    unfinished = [record for record in results.metadata.get("minimizations", ()) if "evaluations" not in record]
    for record in unfinished:
        best, count = record["optimal_value"], record["iterations"]
        say(f"`{record['label']}` had reached {best:.10g} after {count} iterations; its parameters are in the results")
    code = (results.error or {}).get("code")
    if unfinished or code in {"EIGEN_RUN_BUDGET", "EIGEN_RUN_TIMEOUT", "EIGEN_RUN_CANCELLED"}:
        say(f"`eigen resume {results.job_id}` goes on from there, with other limits where they are given")


def _source(client: Client, job_id: str) -> str:
    """The program text as it was submitted, to show the lines that diagnostics point at."""
    from eigen.jobspec import PROGRAM_ARTIFACTS

    with suppress(EigenError):
        kept = {artifact.path for artifact in client.artifacts(job_id)}.intersection(PROGRAM_ARTIFACTS.values())
        for path in kept:
            return client.artifact(job_id, path).decode("utf-8", "replace")
    return ""
