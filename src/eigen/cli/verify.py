"""`eigen verify ID`: check all that is kept of a finished job. Exit status 1 when a check fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED = 1


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("verify", COMMANDS["verify"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    with connect(options) as client:
        found = client.verify(options.job_id)
    if options.json:
        show_json(found.to_json())
    else:
        rows = [(check.name, check.verdict.value, check.detail) for check in found.checks]
        show(table(rows, ("CHECK", "VERDICT", "DETAIL")))
    if found.holds:
        return 0
    say(f"job {found.job_id} does not hold: {', '.join(check.name for check in found.failures)}")
    return FAILED
