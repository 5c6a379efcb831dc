"""`eigen explain ID`: which device runs the job, why, and which others were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json

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
    placement: Mapping[str, Any] = explained.get("placement") or {}
    lines = [f"job        {explained.get('job_id', '')}", f"target     {explained.get('target') or '(none)'}"]
    if not placement:
        return "\n".join([*lines, "device     not chosen yet"])
    lines.append(f"device     {placement.get('device_id', '')}")
    lines.append(f"policy     {placement.get('policy', '')}")
    lines += [f"because    {reason}" for reason in placement.get("reasons", ())]
    lines += [f"refused    {rival['device_id']}: {rival['reason']}" for rival in placement.get("rivals", ())]
    return "\n".join(lines)
