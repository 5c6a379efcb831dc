"""`eigen decide ID`: what is done about work of which nobody knows whether a device that charges got it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, settings
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("decide", COMMANDS["decide"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    choice = command.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "--again", dest="decision", action="store_const", const="again", help="submit it again; may be charged twice"
    )
    choice.add_argument(
        "--give-up", dest="decision", action="store_const", const="give_up", help="end the job with what it has"
    )
    command.add_argument("--submission", metavar="KEY", default="", help="only about this submission")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.waiting import handed_over

    with connect(options) as client:
        view = client.decide(options.job_id, options.decision, key=options.submission)
    return handed_over(view, settings(options), as_json=options.json, did="decided")
