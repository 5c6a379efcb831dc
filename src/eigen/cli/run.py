"""`eigen run PROGRAM`: submit, work and print, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, job_fields, job_options
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("run", COMMANDS["run"].summary)
    parser.add_argument("program", metavar="PROGRAM", help="an Eigen-Lang program, an AQO circuit, or a job.yaml")
    parser.add_argument("--watch", action="store_true", help="show progress on stderr")
    job_options(parser)
    options = parser.read(words)
    from eigen.cli.reading import read
    from eigen.cli.waiting import finish, wait

    job = read(options.program, job_fields(options))
    with connect(options) as client:
        job_id = client.submit(job)
        results = wait(client, job_id, watch=options.watch)
        return finish(client, results, as_json=options.json)
