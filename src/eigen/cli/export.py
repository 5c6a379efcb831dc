"""`eigen export ID DIR`: a finished job as a folder that `eigen verify DIR` checks anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import plural, say, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("export", COMMANDS["export"].summary, remote=True)
    command.add_argument("job_id", metavar="ID")
    command.add_argument("folder", metavar="DIR", help="a folder that is not there yet, or empty")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    with connect(options) as client:
        folder = client.export(options.job_id, options.folder)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if options.json:
        show_json({"job_id": options.job_id, "folder": str(Path(folder)), "files": files})
    say(f"wrote {plural(len(files), 'file')} to {folder}; `eigen verify {folder}` checks them anywhere")
    return 0
