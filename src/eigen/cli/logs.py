"""`eigen logs ID`: the log of a job, one line an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("logs", COMMANDS["logs"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    with connect(options) as client:
        lines = client.logs(options.job_id)
    if options.json:
        show_json({"job_id": options.job_id, "lines": [dict(line) for line in lines]})
        return 0
    for line in lines:
        moment, level, stage = (str(line.get(name, "")) for name in ("timestamp", "level", "stage"))
        show(f"{moment}  {level:7}  {stage:10}  {line.get('message', '')}")
    return 0
