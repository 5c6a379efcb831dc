"""`eigen config [show | schema]`: every setting with its value and where that comes from; the schema of job.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, place
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("config", COMMANDS["config"].summary, remote=True)
    command.add_argument("action", metavar="ACTION", nargs="?", default="show", help="show, or schema (of job.yaml)")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if options.action == "schema":
        from eigen.jobspec import job_schema

        show_json(job_schema())
        return 0
    if options.action != "show":
        hint = suggest(options.action, ("show", "schema"))
        raise EigenError("EIGEN_USAGE", f"there is no action `{options.action[:60]}`", hint=hint)
    from eigen.config import config_file, describe, load_settings

    settings, sources = load_settings({**place(options), "log_level": options.log_level})
    infos = describe(settings, sources)
    if options.json:
        show_json(
            {
                "config_file": str(config_file()),
                "data_dir": str(settings.data_dir),
                "settings": {
                    info.name: {
                        "value": info.shown,
                        "default": info.default,
                        "source": info.source,
                        "unit": info.unit,
                        "help": info.help,
                        "variable": info.variable,
                    }
                    for info in infos
                },
            }
        )
        return 0
    rows = [(info.name, f"{info.shown}{info.unit and ' ' + info.unit}", info.source, info.help) for info in infos]
    show(table(rows, ("SETTING", "VALUE", "FROM", "WHAT IT IS")))
    say(f"config file: {config_file()}\ndata directory: {settings.data_dir}")
    return 0
