"""`eigen backends [list | install NAME… | remove NAME… | test NAME… | calibrate NAME…]`: engines of other makers.

For the machine on which the drivers run. Only `install` uses the network.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from eigen.app.backends import Backend
    from eigen.config import Settings

ACTIONS = ("list", "install", "remove")
OTHERS = ("test", "calibrate")
FAILED = 1
MOST_SHOWN = 6


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser(
        "backends",
        COMMANDS["backends"].summary,
        epilog="see also: eigen backends test --help, eigen backends calibrate --help",
    )
    command.add_argument("action", metavar="ACTION", nargs="?", default="list", help=" | ".join((*ACTIONS, *OTHERS)))
    command.add_argument("names", metavar="NAME", nargs="*", help="backends")
    command.add_argument("--all", action="store_true", help="install every backend that can be installed here")
    command.add_argument("--except", dest="but", metavar="NAME", action="append", help="with --all: not this one")
    command.add_argument("--wheels", metavar="DIR", help="take packages from this folder, and nothing from a network")
    command.add_argument("--again", action="store_true", help="install from nothing what is installed already")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    if "test" in words and not set(ACTIONS) & set(words[: words.index("test")]):
        from eigen.cli.backends_test import run as run_test

        return run_test([word for place, word in enumerate(words) if place != words.index("test")])
    if "calibrate" in words and not set(ACTIONS) & set(words[: words.index("calibrate")]):
        from eigen.cli.backends_calibrate import run as run_calibrate

        return run_calibrate([word for place, word in enumerate(words) if place != words.index("calibrate")])
    options = parser().read(words)
    _check(options)
    loaded = settings(options)
    if options.action == "install":
        return _install(options, loaded)
    if options.action == "remove":
        return _remove(options, loaded)
    from eigen.app.backends import list_backends

    _show(list_backends(loaded), loaded, as_json=options.json)
    return 0


def _check(options: argparse.Namespace) -> None:
    action = options.action
    if action not in ACTIONS:
        hint = suggest(action, ACTIONS) or f"one of {', '.join((*ACTIONS, *OTHERS))}"
        raise EigenError("EIGEN_USAGE", f"there is no action `{action[:60]}`", hint=hint)
    if options.but and not options.all:
        raise EigenError("EIGEN_USAGE", "`--except` belongs to `--all`", hint="see `eigen backends --help`")
    if action != "install" and (options.all or options.wheels or options.again):
        message = "`--all`, `--wheels` and `--again` belong to `install`"
        raise EigenError("EIGEN_USAGE", message, hint="see `eigen backends --help`")
    if action == "list" and options.names:
        raise EigenError("EIGEN_USAGE", "`list` takes no names", hint="`eigen backends` lists them all")
    if action != "list" and bool(options.names) == options.all:
        hint = "or --all" if action == "install" else "`eigen backends` lists them"
        raise EigenError("EIGEN_USAGE", f"`{action}` needs the names of backends", hint=hint)


def _install(options: argparse.Namespace, loaded: Settings) -> int:
    from eigen.app.backends import install_backends

    names = None if options.all else options.names
    found, failed = install_backends(
        loaded, names, but=options.but or (), wheels=options.wheels, again=options.again, tell=say
    )
    _show(found, loaded, as_json=options.json, failed=failed)
    for name, error in failed.items():
        say(f"error: {error.code}: backend `{name}` is installed and cannot be used: {error.message}")
    return FAILED if failed else 0


def _remove(options: argparse.Namespace, loaded: Settings) -> int:
    from eigen.app.backends import remove_backends

    removed = remove_backends(loaded, options.names, tell=say)
    if options.json:
        show_json({"removed": list(removed)})
    else:
        show(f"removed: {', '.join(removed) or 'nothing, none of them was installed'}")
    return 0


def _show(
    found: Iterable[Backend], loaded: Settings, *, as_json: bool, failed: dict[str, EigenError] | None = None
) -> None:
    failed = failed or {}
    if as_json:
        shown: list[dict[str, Any]] = []
        for backend in found:
            error = failed.get(backend.name)
            fault = {} if error is None else {"error": {"code": error.code, "message": error.message}}
            shown.append(asdict(backend) | {"devices": list(backend.devices)} | fault)
        show_json({"environments_root": str(loaded.environments_dir), "backends": shown})
        return
    rows = [
        (
            backend.name,
            backend.state + (f": {backend.why}" if backend.why else ""),
            backend.environment,
            ", ".join(f"{name} {version}" for name, version in backend.versions.items()),
            _some(backend.devices),
        )
        for backend in found
    ]
    show(table(rows, ("BACKEND", "STATE", "ENVIRONMENT", "VERSIONS", "DEVICES")))


def _some(devices: Sequence[str]) -> str:
    """Devices in a line; `--json` names them all."""
    more = len(devices) - MOST_SHOWN
    return ", ".join(devices if more <= 0 else [*devices[:MOST_SHOWN], f"and {more} more"])
