"""`eigen status ID`: how a job stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json
from eigen.cli.views import steps_text, view_json, view_text

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("status", COMMANDS["status"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    with connect(options) as client:
        view = client.status(options.job_id)
        steps = client.explain(options.job_id)["steps"] if view.steps and not options.json else None
    if options.json:
        show_json(view_json(view))
    else:
        show(view_text(view))
        if steps is not None:
            show(steps_text(steps))
        if view.error:
            from eigen.cli.failure import render
            from eigen.cli.output import say
            from eigen.errors import EigenError

            say(render(EigenError.from_json(view.error)))
    return 0
