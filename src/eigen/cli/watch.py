"""`eigen watch ID`: follow a job until it has ended. Without an endpoint, a job that no live worker has is
worked here.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser(
        "watch",
        COMMANDS["watch"].summary,
        epilog="With --json: one JSON object a line for each event, on stdout.",
        remote=True,
    )
    command.add_argument("job_id", metavar="ID")
    command.add_argument("--after", metavar="SEQ", type=_sequence, default=0, help="only events after this number")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.views import event_json
    from eigen.cli.waiting import FAILED, finish, wait
    from eigen.types import JobState

    with connect(options) as client:
        if not options.json:
            results = wait(client, options.job_id, watch=True, after=options.after)
            return finish(client, results, as_json=False, warn=True)
        with closing(client.watch(options.job_id, after=options.after)) as events:
            for event in events:
                line = json.dumps(event_json(event), ensure_ascii=False, allow_nan=False, default=str)
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
        return 0 if client.status(options.job_id).state is JobState.DONE else FAILED


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise ValueError(text)
    return int(text)
