"""`eigen submit --batch`: many jobs from many files, stored together or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import connect, job_fields, settings
from eigen.cli.output import plural, say, show, show_json
from eigen.errors import EigenError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from eigen.client.reading import Job
    from eigen.jobspec import Submission

MAX_BYTES = 64 << 20
LINES = ".jsonl"


def submit_batch(options: argparse.Namespace) -> int:
    """Submit what `--batch` names and print the ids, one a line, in the order of the files and lines."""
    if options.wait or options.watch:
        message = "`--batch` does not wait for its jobs"
        raise EigenError("EIGEN_USAGE", message, hint="`eigen watch ID` follows each of them")
    jobs = [job for name in options.batch for job in _in_file(name)]
    places = [place for place, _ in jobs]
    try:
        found = _read(jobs, job_fields(options))
        with connect(options) as client:
            job_ids = client.submit_many(
                found, idempotency_key=options.idempotency_key, reservation_id=options.reservation
            )
    except EigenError as error:
        raise _placed(error, places) from None
    chosen = settings(options)
    if not chosen.endpoint:
        from eigen.cli.detached import start_worker

        start_worker(chosen.data_dir)
    if options.json:
        show_json({"jobs": [{"job_id": job_id} for job_id in job_ids]})
    else:
        show("\n".join(job_ids))
        say(f"submitted {plural(len(job_ids), 'job')}")
    return 0


def _in_file(name: str) -> list[tuple[str, Job]]:
    """The jobs that a file stands for, each with its place: the lines of a .jsonl file, else the file itself."""
    if not name.endswith(LINES):
        return [(name, name)]
    from eigen.jobspec.files import read_limited

    path = Path(name)
    lines = read_limited(path, MAX_BYTES, "batch").splitlines()
    base = path.parent
    return [(f"{name}:{number}", _Line(line, base, number)) for number, line in enumerate(lines, 1) if line.strip()]


@dataclass(frozen=True, slots=True)
class _Line:
    """A job as a line of JSON; files that it names are looked up in its folder."""

    text: bytes
    base: Path
    number: int


def _read(jobs: list[tuple[str, Job]], fields: dict[str, Any]) -> list[Submission]:
    """The jobs; EIGEN_BATCH_REFUSED with all that is wrong with any of them."""
    from eigen.client.reading import read_job
    from eigen.jobspec import parse_job
    from eigen.jobspec.batch import Refusals

    refusals = Refusals(len(jobs))
    found: list[Submission] = []
    for index, (place, given) in enumerate(jobs):
        with refusals.of(index):
            is_line = isinstance(given, _Line)
            job = parse_job(given.text, base=given.base, name=f"line {given.number}") if is_line else given
            found.append(read_job(job, **fields))
            for warning in found[-1].warnings:
                say(f"warning: {place}: {warning}")
    refusals.raise_if_any()
    return found


def _placed(error: EigenError, places: Sequence[str]) -> EigenError:
    """The error of a batch with the file of each of its jobs."""
    refused: list[dict[str, Any]] = error.details.get("jobs", [])
    named = [{**entry, "file": places[entry["index"]]} for entry in refused if entry["index"] < len(places)]
    details = error.details if not named else {**error.details, "jobs": named}
    return EigenError(error.code, error.message, hint=error.hint, where=error.where, details=details)
