"""`eigen cancel ID`: ask a job to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json
from eigen.cli.views import view_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("cancel", COMMANDS["cancel"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    with connect(options) as client:
        view = client.cancel(options.job_id)
    if options.json:
        show_json(view_json(view) | {"accepted": True})
    elif view.state.is_terminal:
        show(f"{view.job_id} {view.state.value}")
    else:
        show(f"{view.job_id} will be cancelled")
    return 0
