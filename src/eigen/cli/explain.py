"""`eigen explain ID`: which device runs the job, why, and which others were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json
from eigen.cli.views import steps_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("explain", COMMANDS["explain"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    with connect(options) as client:
        explained = client.explain(options.job_id)
    if options.json:
        show_json(dict(explained))
    else:
        show(_text(explained))
    return 0


def _text(explained: Mapping[str, Any]) -> str:
    lines = [f"job        {explained.get('job_id', '')}", f"target     {explained.get('target') or '(none)'}"]
    if explained.get("workflow"):
        item = "" if explained.get("item") is None else f", item {explained['item']}"
        lines.append(f"step       {explained['step']} of {explained['workflow']}{item}")
    steps = explained.get("steps")
    lines += _placement(explained.get("placement") or {}) if steps is None else steps_text(steps).splitlines()
    lines += [
        f"failed     attempt {each['attempt']} on {each['device_id']}: {each['error'].get('message', '')}"
        for each in explained.get("failed_attempts", ())
    ]
    lines += _queue(explained.get("queue") or {})
    lines += _sweep(explained.get("sweep") or {})
    lines += [f"needs      {name}" for name in explained.get("waits_for", ())]
    if explained.get("trace_id"):
        lines.append(f"trace      {explained['trace_id']}")
    return "\n".join(lines)


def _sweep(sweep: Mapping[str, Any]) -> list[str]:
    """Its points, and how they came to be one compilation or several."""
    if not sweep:
        return []
    lines = [f"sweep      {sweep['points']} points, {sweep['mode']} over {', '.join(sweep['parameters'])}"]
    if sweep.get("open"):
        lines.append(f"compiled   once for all values of {', '.join(sweep['open'])}")
    if sweep.get("fixed"):
        lines.append(f"compiled   for each of {sweep['variants']} values of {', '.join(sweep['fixed'])}")
    return lines


def _placement(placement: Mapping[str, Any]) -> list[str]:
    if not placement:
        return ["device     not chosen yet"]
    return [
        f"device     {placement.get('device_id', '')}",
        f"policy     {placement.get('policy', '')}",
        *(f"because    {reason}" for reason in placement.get("reasons", ())),
        *(f"refused    {rival['device_id']}: {rival['reason']}" for rival in placement.get("rivals", ())),
    ]


def _queue(queue: Mapping[str, Any]) -> list[str]:
    """What a job that waits is waiting for."""
    if queue.get("ahead") is None:
        return []
    if asked := queue.get("undecided"):
        what = f"{asked.get('shots')} shots on {asked.get('device_id')}, submitted {asked.get('submitted_at')}"
        return [f"waits      for a decision about {what}: `eigen decide ID --again` or `--give-up`"]
    lines = [f"waits      {queue['ahead']} ahead of it at {queue.get('name', '')}"]
    if queue.get("crowded"):
        lines.append(f"waits      {str(queue['crowded']).removeprefix('waiting ')}")
    elif queue.get("not_before"):
        why = "until a reservation ends" if queue.get("reserved") else "for its next attempt"
        lines.append(f"waits      {why}, {queue['not_before']}")
    if queue.get("deadline"):
        lines.append(f"deadline   {queue['deadline']}")
    return lines
