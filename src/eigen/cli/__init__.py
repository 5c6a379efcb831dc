"""The command line. `main` is its door: it finds the command, runs it, and turns every failure into an exit code.

Nothing heavy is imported here: a command's module is loaded when that command is run. Programs never print here;
stdout is data, stderr is talk.
"""

from __future__ import annotations

import atexit
import gc
import sys
from typing import TYPE_CHECKING, Any

from eigen.cli.commands import COMMANDS, find, help_text

if TYPE_CHECKING:
    from collections.abc import Sequence

GC_THRESHOLD = 100_000  # a start makes fewer objects, and no garbage: looking for it costs a tenth of the start
EXIT_INTERRUPTED = 130  # what a shell reports for Ctrl-C
HELP = ("-h", "--help", "help")

__all__ = ["COMMANDS", "command_help", "console", "main"]


def console() -> int:
    """The program `eigen`: once its command has ended, Ctrl-C no longer changes how the process ends."""
    try:
        code = main()
    except KeyboardInterrupt:  # it came between the command's end and here
        code = EXIT_INTERRUPTED
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 ok, 1 the job failed, 2 user error, 3 unreachable, 4 server error."""
    gc.set_threshold(GC_THRESHOLD)
    _open_closed_streams()
    atexit.register(gc.freeze)  # no last search for garbage in memory that the system takes back anyway
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except KeyboardInterrupt:
        from eigen.cli.output import say

        say("interrupted")
        return EXIT_INTERRUPTED
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of the core is no `Exception`
        from eigen.cli.failure import report, stdout_error

        refused = stdout_error(error)
        if refused is not None:
            _silence_stdout()
            return report(refused, as_json=False)
        return report(error, as_json="--json" in words)
    return code


def _dispatch(words: list[str]) -> int:
    if not words or (words[0] in HELP and len(words) == 1):
        (sys.stdout if words else sys.stderr).write(help_text())
        return 0 if words else 2
    if words[0] == "help":
        words = [words[1], "--help"]
    if words[0] in {"-V", "--version"}:
        words[0] = "version"
    return _module(find(words[0])).run(words[1:])


def command_help(name: str) -> str:
    """The text of `eigen NAME --help`."""
    return _module(name).parser().format_help()


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f"eigen.cli.{COMMANDS[name].module}")


def _open_closed_streams() -> None:
    """A stream that the caller closed becomes one that drops everything: what there is to say has no reader."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            import os

            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the process


def _silence_stdout() -> None:
    """The reader went away: point stdout at nothing, so that the interpreter's last flush does not complain."""
    import os

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
