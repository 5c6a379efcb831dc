"""`eigen results ID`: the results of a finished job, or one of its files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.types import ArtifactInfo


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("results", COMMANDS["results"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    command.add_argument("--files", action="store_true", help="list the job's files")
    command.add_argument("--file", metavar="PATH", help="write this file to stdout")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.output import show, show_json, table
    from eigen.cli.waiting import finish

    with connect(options) as client:
        if options.file:
            sys.stdout.buffer.write(client.artifact(options.job_id, options.file))
            return 0
        if options.files:
            files = client.artifacts(options.job_id)
            if options.json:
                show_json({"job_id": options.job_id, "artifacts": [file_json(entry) for entry in files]})
            else:
                rows = [(str(entry.size_bytes), entry.sha256[:12], entry.path) for entry in files]
                show(table(rows, ("BYTES", "SHA256", "PATH")))
            return 0
        return finish(client, client.results(options.job_id), as_json=options.json)


def file_json(entry: ArtifactInfo) -> dict[str, object]:
    """One file of a job as JSON."""
    names = ("path", "ref", "sha256", "size_bytes", "media_type")
    return {name: getattr(entry, name) for name in names}
