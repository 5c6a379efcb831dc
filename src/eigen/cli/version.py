"""`eigen version`: the version of every part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser
from eigen.cli.commands import COMMANDS
from eigen.cli.output import pairs, show, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    return Parser("version", COMMANDS["version"].summary)


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    import platform

    from eigen import __version__

    versions = {
        "eigen": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    if options.json:
        show_json(versions)
    else:
        show(pairs(versions))
    return 0
