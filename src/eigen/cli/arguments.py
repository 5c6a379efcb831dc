"""Arguments of commands: argparse with our errors, and the options that several commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.client.client import Client
    from eigen.config import Settings


class Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are EIGEN_USAGE errors; it never exits the process by itself.

    A `remote` command works on jobs and devices, of a server when one is named.
    """

    def __init__(self, name: str, summary: str, *, epilog: str = "", remote: bool = False) -> None:
        super().__init__(
            prog=f"eigen {name}",
            description=summary,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.add_argument("--json", action="store_true", help="print one JSON object")
        self.add_argument("--data-dir", metavar="DIR", help="the data directory (EIGEN_QFS_ROOT)")
        if remote:
            self.add_argument("--endpoint", metavar="URL", help="the server to ask (EIGEN_ENDPOINT); '' for none")
        self.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning, error or off")

    def error(self, message: str) -> NoReturn:
        """A mistake in the arguments."""
        raise EigenError("EIGEN_USAGE", message, hint=f"see `{self.prog} --help`")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments; `--help` prints and leaves through SystemExit(0)."""
        options, unknown = self.parse_known_args(words)
        if unknown:
            known = [text for action in self._actions for text in action.option_strings]
            hint = suggest(unknown[0].partition("=")[0], known) or f"see `{self.prog} --help`"
            raise EigenError("EIGEN_USAGE", f"unexpected argument `{unknown[0][:60]}`", hint=hint)
        return options


def job_options(parser: Parser, *, target: bool = True) -> None:
    """The options that override what a job and its program ask for; without `target` that one is the command's own."""
    group = parser.add_argument_group("the job")
    group.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help="an input of the entry point")
    group.add_argument(
        "--sweep", metavar="NAME=VALUES", action="append", default=[], help="go through values: 0:3.14:100, or 2,3,4"
    )
    group.add_argument(
        "--zip", action="store_true", help="take the values of --sweep side by side, not all combinations"
    )
    group.add_argument("--shots", metavar="N", help="measurements of each sampled circuit")
    group.add_argument("--seed", metavar="N", help="the seed of everything random")
    if target:
        group.add_argument("--target", metavar="TARGET", help="where to run: auto, sim:auto, vendor:device")
    group.add_argument(
        "--noise", metavar="MODEL", help="the noise to simulate, such as 'depolarizing(0.001)', or @FILE with a model"
    )
    group.add_argument("--option", metavar="NAME=VALUE", action="append", default=[], help="an option of the device")
    group.add_argument("--entrypoint", metavar="NAME", help="the function to run")
    group.add_argument(
        "--delivery", metavar="POLICY", help="work that a device may have charged for: at_most_once or at_least_once"
    )
    group.add_argument(
        "--priority", metavar="0-100", help="how urgent it is among the jobs of its project; 50 by default"
    )
    group.add_argument("--no-cache", action="store_true", help="do all the work, whatever was done before")
    group.add_argument("--deadline", metavar="WHEN", help="when it must have ended: RFC 3339, or seconds from now")
    group.add_argument("--optimization-level", metavar="0-3", help="how much to optimise")


def job_fields(options: argparse.Namespace) -> dict[str, Any]:
    """What `job_options` were given, as fields of `spec`; values are read like YAML scalars or JSON."""
    fields: dict[str, Any] = {
        "shots": whole(options.shots, "--shots"),
        "seed": whole(options.seed, "--seed"),
        "target": options.target if isinstance(options.target, str) else None,
        "entrypoint": options.entrypoint,
        "noise_model": _text_or_file(options.noise),
        "delivery": options.delivery,
        "deadline": options.deadline,
        "priority": whole(options.priority, "--priority"),
        "cache": "off" if options.no_cache else None,
    }
    level = whole(options.optimization_level, "--optimization-level")
    if level is not None:
        fields["compiler"] = {"optimization_level": level}
    if options.set:
        fields["inputs"] = dict(_assignment(text) for text in options.set)
    if options.sweep or options.zip:
        from eigen.cli.sweeps import swept

        fields["sweep"] = swept(options.sweep, zipped=options.zip)
    if options.option:
        fields["device_options"] = dict(_assignment(text, "--option") for text in options.option)
    return {name: value for name, value in fields.items() if value is not None}


def settings(options: argparse.Namespace, *, quiet: bool = True, **flags: Any) -> Settings:
    """The settings with the flags of this command on top; starts logging, for one that is not `quiet` in any case."""
    from eigen.config import load_settings

    loaded, _ = load_settings({**place(options), "log_level": options.log_level, **flags})
    if not quiet or loaded.log_level != "off":
        from eigen.telemetry import configure

        configure("info" if loaded.log_level == "off" else loaded.log_level)
    return loaded


def place(options: argparse.Namespace) -> dict[str, Any]:
    """Where the kernel is: a data directory on the command line means this process, whatever the settings name."""
    endpoint = getattr(options, "endpoint", None)
    if options.data_dir is None:
        return {"endpoint": endpoint}
    if endpoint:
        message = "`--data-dir` and `--endpoint` exclude each other"
        raise EigenError("EIGEN_USAGE", message, hint="the server has its own data directory")
    return {"endpoint": "", "qfs_root": options.data_dir}


def connect(options: argparse.Namespace) -> Client:
    """The client of this command: of its endpoint, or of its data directory."""
    import os

    from eigen.app import connect_with

    # The gRPC library writes its own lines to stderr about what our errors say anyway.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    return connect_with(settings(options))


def whole(text: str | None, option: str) -> int | None:
    """The whole number that an option was given; EIGEN_USAGE."""
    if text is None:
        return None
    digits = text.replace("_", "")
    if len(digits) > 40 or not digits.lstrip("-").isdecimal() or not digits.isascii():
        raise EigenError("EIGEN_USAGE", f"`{option}` needs a whole number, not `{text[:60]}`")
    return int(digits)


def whole_list(text: str | None, option: str) -> list[int] | None:
    """The whole numbers that an option was given with commas between them; EIGEN_USAGE."""
    if text is None:
        return None
    return [number for part in text.split(",") if (number := whole(part.strip(), option)) is not None]


def number(text: str | None, option: str) -> float | None:
    """The number that an option was given; EIGEN_USAGE."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise EigenError("EIGEN_USAGE", f"`{option}` needs a number, not `{text[:60]}`") from None


def _text_or_file(text: str | None) -> str | None:
    """The text, or after an `@` what the file of that name holds."""
    if text is None or not text.startswith("@"):
        return text
    from pathlib import Path

    try:
        return Path(text[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise EigenError("EIGEN_FILE_UNREADABLE", f"cannot read the noise model `{text[1:]}`: {problem}") from None


def _assignment(text: str, flag: str = "--set") -> tuple[str, Any]:
    """`name=value`: the value as JSON where it is JSON, else as text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise EigenError("EIGEN_USAGE", f"`{flag}` needs NAME=VALUE, not `{text[:60]}`", hint=f"for example {flag} n=4")
    import json

    def refuse(word: str) -> Any:
        raise EigenError("EIGEN_USAGE", f"`{flag} {name}`: `{word}` is not a finite number")

    try:
        return name, json.loads(value, parse_constant=refuse)
    except (ValueError, RecursionError):
        return name, value
