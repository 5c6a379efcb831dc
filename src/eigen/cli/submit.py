"""`eigen submit`: store a job durably and return its id. The server works it; without an endpoint a worker process
does, or this one with `--wait`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, job_fields, job_options, settings
from eigen.cli.commands import COMMANDS
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("submit", COMMANDS["submit"].summary, remote=True)
    command.add_argument("program", metavar="PROGRAM", nargs="?", help="a program, or a circuit (OpenQASM, AQO, …)")
    command.add_argument("--job", metavar="FILE", help="a job.yaml")
    command.add_argument(
        "--batch",
        metavar="FILE",
        nargs="+",
        help="many jobs, all of them or none: job.yaml files, programs, circuits, and .jsonl files with a job a line",
    )
    command.add_argument("--wait", action="store_true", help="wait for the results and print them")
    command.add_argument(
        "--watch", action="store_true", help="the same, with progress on stderr even where that is no terminal"
    )
    command.add_argument("--idempotency-key", metavar="KEY", help="the same key and job return the same id")
    command.add_argument("--reservation", metavar="ID", default="", help="run on the device of this reservation")
    job_options(command)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if [options.program, options.job, options.batch].count(None) != 2:
        message = "give either a program, `--job FILE` or `--batch FILE ...`"
        raise EigenError("EIGEN_USAGE", message, hint="see `eigen submit --help`")
    if options.batch is not None:
        from eigen.cli.batches import submit_batch

        return submit_batch(options)
    from eigen.cli.reading import read
    from eigen.cli.waiting import finish, handed_over, wait

    job = read(options.program or options.job, job_fields(options))
    with connect(options) as client:
        job_id = client.submit(job, idempotency_key=options.idempotency_key, reservation_id=options.reservation)
        if options.watch or options.wait:
            results = wait(client, job_id, watch=options.watch)
            return finish(client, results, as_json=options.json, warn=True)
        view = client.status(job_id)
    return handed_over(view, settings(options), as_json=options.json)
