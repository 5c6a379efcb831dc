"""`eigen backends test NAME | DEVICE | --all`: the conformance kit, asked of backends on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, settings
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from eigen.conformance.running import Examined

FAILED = 1
MOST_BYTES = 64 << 20


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("backends test", "ask backends the checks of the conformance kit")
    command.add_argument("names", metavar="NAME", nargs="*", help="drivers, backends, or ids of devices")
    command.add_argument("--all", action="store_true", help="every backend there is")
    command.add_argument(
        "--check", metavar="NAME", action="append", default=[], help="this check, or the checks of this noun, alone"
    )
    command.add_argument("--charged", action="store_true", help="also devices that charge for their work")
    command.add_argument(
        "--with", metavar="FILE", dest="earlier", action="append", default=[], help="and what an earlier --json told"
    )
    command.add_argument("--markdown", action="store_true", help="print the page of the reference")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if bool(options.names) == options.all and not (options.earlier and not options.names):
        hint = "for example `eigen backends test native`, or --all"
        raise EigenError("EIGEN_USAGE", "`test` needs the names of backends or devices", hint=hint)
    if options.json and options.markdown:
        raise EigenError("EIGEN_USAGE", "`--json` and `--markdown` exclude each other")
    from eigen.app import make_registry
    from eigen.conformance.table import named

    named(options.check)
    found = [one for name in options.earlier for one in _earlier(name)]
    registry = make_registry(settings(options))
    try:
        found += _tested(options, registry) if options.names or options.all else []
    finally:
        registry.close()
    _show(options, found)
    return 0 if all(one.ok for one in found) else FAILED


def _tested(options: argparse.Namespace, registry: Any) -> Iterator[Examined]:
    from eigen.conformance.check import Outcome, Verdict
    from eigen.conformance.roster import roster
    from eigen.conformance.running import Examined, verdicts

    for one in roster(registry, options.names, charged=options.charged):
        if one.rejected:
            say(f"{one.name}: failed: {one.rejected}")
            yield Examined(one.name, one.name, "", (Verdict("loading", Outcome.FAILED, one.rejected),))
        elif one.driver is None or one.device is None:
            say(f"{one.name}: unavailable: {one.unavailable}")
            yield Examined(one.name, one.name, "", unavailable=one.unavailable)
        else:
            say(f"{one.name} …")
            said: list[Verdict] = []
            for verdict in verdicts(one.driver, one.device, options.check):
                said.append(verdict)
                if verdict.outcome is Outcome.FAILED:
                    say(f"{one.name}: {verdict.check}: failed: {verdict.why}")
            tested = Examined(one.name, one.driver.name, one.driver.version, tuple(said))
            say(f"{one.name}: {_sum(tested)}")
            yield tested


def _earlier(name: str) -> list[Examined]:
    """What the file of an earlier run tells; EIGEN_FILE_UNREADABLE."""
    import json
    from pathlib import Path

    from eigen.conformance.running import Examined
    from eigen.jobspec.files import read_limited

    try:
        told = json.loads(read_limited(Path(name), MOST_BYTES, "bytes of results"))
        return [Examined.from_json(one) for one in told["devices"]]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        message = f"`{name}` does not hold what `eigen backends test --json` writes"
        raise EigenError("EIGEN_FILE_UNREADABLE", message, where=name) from error


def _sum(tested: Examined) -> str:
    """How many checks ended how."""
    if tested.unavailable:
        return f"unavailable: {tested.unavailable}"
    outcomes = [verdict.outcome.value for verdict in tested.verdicts]
    return ", ".join(f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes))


def _show(options: argparse.Namespace, found: Sequence[Examined]) -> None:
    if options.json:
        show_json({"ok": all(one.ok for one in found), "devices": [one.to_json() for one in found]})
    elif options.markdown:
        from eigen.conformance.page import page

        show(page(found).rstrip())
    elif len(found) == 1 and found[0].verdicts:
        rows = [(one.check, one.outcome.value, one.why) for one in found[0].verdicts]
        show(table(rows, ("CHECK", "", "")))
        show(f"\n{found[0].device_id}: {_sum(found[0])}; false alarms below {found[0].false_alarm:.1g}")
    else:
        rows = [
            (one.device_id, "FAILED" if not one.ok else "unavailable" if one.unavailable else "ok", _sum(one))
            for one in found
        ]
        show(table(rows, ("DEVICE", "", "CHECKS")))
