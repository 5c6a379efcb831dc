"""`eigen resume ID`: a new job that goes on where a stopped, cancelled, failed or budget-ended one ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, number, settings, whole
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from eigen.types import ResumeLimits


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("resume", COMMANDS["resume"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    group = command.add_argument_group("limits of the new job; 0 for none, and the old one's by default")
    group.add_argument("--max-shots", metavar="N", help="the most shots, those of before included")
    group.add_argument("--max-cost", metavar="N", help="the most it may cost, that of before included")
    group.add_argument("--max-seconds", metavar="S", help="the most seconds of running, from now on")
    group.add_argument("--queue-seconds", metavar="S", help="the longest wait in the queue")
    group.add_argument("--execution-seconds", metavar="S", help="the longest run of one attempt")
    command.add_argument("--no-wait", action="store_true", help="print the new job's id and do not wait for it")
    command.add_argument("--watch", action="store_true", help="show progress on stderr")
    command.add_argument("--idempotency-key", metavar="KEY", help="the same key returns the same new job")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.waiting import finish, handed_over, wait

    limits = _limits(options)
    with connect(options) as client:
        view = client.resume(options.job_id, limits, idempotency_key=options.idempotency_key)
        if options.no_wait:
            return handed_over(view, settings(options), as_json=options.json)
        results = wait(client, view.job_id, watch=options.watch)
        return finish(client, results, as_json=options.json, warn=True)


def _limits(options: argparse.Namespace) -> ResumeLimits:
    from eigen.types import ResumeLimits

    return ResumeLimits(
        max_shots=whole(options.max_shots, "--max-shots"),
        max_cost=number(options.max_cost, "--max-cost"),
        max_seconds=number(options.max_seconds, "--max-seconds"),
        queue_seconds=number(options.queue_seconds, "--queue-seconds"),
        execution_seconds=number(options.execution_seconds, "--execution-seconds"),
    )
