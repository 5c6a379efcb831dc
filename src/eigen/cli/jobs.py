"""`eigen list`: jobs, newest first, one page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table
from eigen.cli.views import view_json
from eigen.errors import EigenError, suggest
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LIMIT = 1000


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("list", COMMANDS["list"].summary, remote=True)
    command.add_argument("--state", metavar="STATE", action="append", default=[], help="only jobs in this state")
    command.add_argument("--name", metavar="NAME", help="only jobs of this name")
    command.add_argument("--limit", metavar="N", default="20", help=f"jobs on a page, at most {MAX_LIMIT}")
    command.add_argument(
        "--workflow", metavar="ID", help="the jobs of this workflow's steps, which are in no other list"
    )
    command.add_argument("--before", metavar="ID", help="the next page: jobs older than this one")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    states = [_state(word) for word in options.state]
    if not options.limit.isdecimal() or not 1 <= int(options.limit[:9]) <= MAX_LIMIT:
        raise EigenError("EIGEN_USAGE", f"`--limit` needs a number from 1 to {MAX_LIMIT}, not `{options.limit[:60]}`")
    limit = int(options.limit)
    with connect(options) as client:
        views = client.list(
            states=states, limit=limit, before=options.before, name=options.name, workflow=options.workflow
        )
    following = views[-1].job_id if len(views) == limit else None
    if options.json:
        show_json({"jobs": [view_json(view) for view in views], "next_before": following})
        return 0
    rows = [(view.job_id, view.state.value, view.created_at[:19].replace("T", " "), view.name) for view in views]
    show(table(rows, ("JOB", "STATE", "CREATED (UTC)", "NAME")))
    if following:
        say(f"there may be more: `eigen list --before {following}`")
    return 0


def _state(word: str) -> JobState:
    names = [state.value for state in JobState]
    if word.upper() not in names:
        raise EigenError("EIGEN_USAGE", f"there is no state `{word[:60]}`", hint=suggest(word.upper(), names))
    return JobState(word.upper())
