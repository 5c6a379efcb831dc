"""`eigen replay ID`: run a finished job again from its stored inputs, and say whether the two agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect, settings
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.client.client import Client
    from eigen.types import JobResults

AGREEING = ("identical", "agrees")
FAILED = 1
STEPS = ("STEP", "VERDICT", "DETAIL")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("replay", COMMANDS["replay"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    command.add_argument("--no-wait", action="store_true", help="print the new job's id and do not wait for it")
    command.add_argument("--watch", action="store_true", help="show progress on stderr")
    command.add_argument("--idempotency-key", metavar="KEY", help="the same key returns the same new job")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.output import pairs, say, show, show_json, table
    from eigen.cli.waiting import handed_over, wait

    with connect(options) as client:
        view = client.replay(options.job_id, idempotency_key=options.idempotency_key)
        if options.no_wait:
            return handed_over(view, settings(options), as_json=options.json)
        results = wait(client, view.job_id, watch=options.watch)
        said = _verdict(client, options.job_id, results)
    found = {"job_id": results.job_id, "replay_of": options.job_id, "state": results.state.value, **said}
    if options.json:
        show_json(found)
    else:
        steps: Mapping[str, Mapping[str, Any]] = said.get("steps", {})
        show(pairs({name: value for name, value in found.items() if name != "steps"}))
        if steps:
            show(table([(name, each["verdict"], each["detail"]) for name, each in steps.items()], STEPS))
    if said["verdict"] in AGREEING:
        return 0
    say(f"job {results.job_id} does not repeat job {options.job_id}: {said['verdict']}")
    return FAILED


def _verdict(client: Client, job_id: str, results: JobResults) -> Mapping[str, Any]:
    """What the kernel found; a job that failed before it ran is compared by its failure."""
    said: Mapping[str, Any] | None = results.metadata.get("replay")
    if said is not None:
        return said
    codes = [(each.state.value, (each.error or {}).get("code")) for each in (client.results(job_id), results)]
    same = codes[0] == codes[1]
    detail = f"both ended with {codes[1]}" if same else f"one ended with {codes[0]}, the other with {codes[1]}"
    return {"verdict": "identical" if same else "differs", "test": "how they ended", "detail": detail}
