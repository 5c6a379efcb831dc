"""`eigen signing-key show | rotate`: the key with which a data directory signs its receipts.

For whoever runs the kernel, on its machine: the public key is what others need to check receipts on their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIONS = ("show", "rotate")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("signing-key", COMMANDS["signing-key"].summary)
    command.add_argument("action", metavar="ACTION", nargs="?", default="show", help=", ".join(ACTIONS))
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if options.action not in ACTIONS:
        hint = suggest(options.action, ACTIONS) or f"one of {', '.join(ACTIONS)}"
        raise EigenError("EIGEN_USAGE", f"there is no action `{options.action[:60]}`", hint=hint)
    from eigen.app import open_signing_keys

    keys = open_signing_keys(settings(options))
    current = keys.rotate() if options.action == "rotate" else keys.current()
    known = keys.known()
    if options.json:
        entries = [{"key_id": name, "public_key": key, "current": name == current} for name, key in known.items()]
        show_json({"key_id": current, "keys": entries})
    else:
        rows = [(name, key, "in use" if name == current else "before") for name, key in known.items()]
        show(table(rows, ("KEY", "ED25519 PUBLIC KEY", "")))
    if options.action == "rotate":
        say("processes that run keep the key of before until they end; what it signed stays verifiable")
    return 0
