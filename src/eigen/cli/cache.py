"""`eigen cache show | clear`: the results in the job database that answer the same questions again.

For whoever runs the kernel, on its machine.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIONS = ("show", "clear")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("cache", COMMANDS["cache"].summary)
    command.add_argument("action", metavar="ACTION", nargs="?", default="show", help=", ".join(ACTIONS))
    command.add_argument("--tenant", metavar="TENANT", help="of this tenant only")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if options.action not in ACTIONS:
        hint = suggest(options.action, ACTIONS) or f"one of {', '.join(ACTIONS)}"
        raise EigenError("EIGEN_USAGE", f"there is no action `{options.action[:60]}`", hint=hint)
    from eigen.app import look_into_cache

    loaded = settings(options)
    with look_into_cache(loaded) as cache:
        if options.action == "clear":
            gone = cache.clear(options.tenant)
            show_json({"forgotten": gone}) if options.json else show(f"{gone} results forgotten")
            return 0
        found = [use for use in cache.use() if options.tenant in (None, use.tenant)]
    if options.json:
        show_json({"result_cache_bytes": loaded.result_cache_bytes, "tenants": [asdict(use) for use in found]})
    else:
        rows = [(use.tenant, f"{use.entries:,}", f"{use.bytes:,}") for use in found]
        show(table(rows, ("TENANT", "RESULTS", "BYTES")))
    return 0
