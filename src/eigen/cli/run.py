"""`eigen run PROGRAM`: submit, work and print: in this process, or on the server when there is an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, job_fields, job_options
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("run", COMMANDS["run"].summary, remote=True)
    command.add_argument("program", metavar="PROGRAM", help="a program, a circuit (OpenQASM, AQO, …), or a job.yaml")
    command.add_argument("--watch", action="store_true", help="show progress on stderr")
    job_options(command)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.reading import read
    from eigen.cli.waiting import finish, wait

    job = read(options.program, job_fields(options))
    with connect(options) as client:
        job_id = client.submit(job)
        results = wait(client, job_id, watch=options.watch)
        return finish(client, results, as_json=options.json, warn=True)
