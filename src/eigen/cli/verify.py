"""`eigen verify ID | DIR`: check all that is kept of a finished job. Exit status 1 when a check fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from eigen.types import Verification

FAILED = 1


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("verify", COMMANDS["verify"].summary, remote=True)
    command.add_argument("job_id", metavar="ID|DIR", help="a job, or a folder that `eigen export` wrote")
    command.add_argument(
        "--key", metavar="KEY", action="append", default=[], help="of a folder: a public key that may have signed it"
    )
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    found = _found(options)
    if options.json:
        show_json(found.to_json())
    else:
        rows = [(check.name, check.verdict.value, check.detail) for check in found.checks]
        show(table(rows, ("CHECK", "VERDICT", "DETAIL")))
    if found.holds:
        return 0
    say(f"job {found.job_id} does not hold: {', '.join(check.name for check in found.failures)}")
    return FAILED


def _found(options: Namespace) -> Verification:
    if os.sep in options.job_id or Path(options.job_id).is_dir():
        from eigen.app import verify_folder

        return verify_folder(Path(options.job_id), options.key, settings(options))
    if options.key:
        raise EigenError("EIGEN_USAGE", "`--key` is for folders: an installation knows its own keys")
    with connect(options) as client:
        return client.verify(options.job_id)
