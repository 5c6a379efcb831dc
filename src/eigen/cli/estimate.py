"""`eigen estimate FILE`: what a job would take on each device, before it is submitted. Nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, job_fields, job_options, whole
from eigen.cli.commands import COMMANDS
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("estimate", COMMANDS["estimate"].summary, remote=True)
    command.add_argument("job", metavar="FILE", help="a program, a circuit (OpenQASM, AQO, …), or a job.yaml")
    command.add_argument(
        "-t",
        "--target",
        metavar="DEVICE",
        action="append",
        default=[],
        help="where: a device, vendor:auto, a JSON file that describes one, or line:20, grid:5x5, heavy-hex:127, …; "
        "may be given again; every device by default",
    )
    command.add_argument(
        "--prices", metavar="FILE", action="append", default=[], help="a price sheet beside those of the data directory"
    )
    command.add_argument("--max-iters", metavar="N", help="the most iterations of every minimisation")
    job_options(command, target=False)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.failure import report as report_failure
    from eigen.cli.output import show, show_json
    from eigen.cli.reading import read

    fields = job_fields(options)
    most = whole(options.max_iters, "--max-iters")
    job = read(options.job, fields | ({} if most is None else {"max_iters": most}))
    with connect(options) as client:
        try:
            found = client.estimate(job, targets=options.target, prices=options.prices)
        except EigenError as error:
            if error.code != "EIGEN_LANG_REJECTED":
                raise
            source = job.files[job.spec.program.artifact].decode("utf-8", "replace")
            return report_failure(error, as_json=options.json, source=source)
    if options.json:
        show_json(found.to_json())
        return 0
    from eigen.cli.estimate_text import estimate_text

    show(estimate_text(found.to_json()))
    return 0
