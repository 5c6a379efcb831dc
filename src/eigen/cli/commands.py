"""The list of commands: what `eigen --help` prints and where each command's code is. Imports nothing heavy."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """One command: the module of `eigen.cli` that runs it, its arguments in short, and what it does."""

    module: str
    arguments: str
    summary: str


COMMANDS: dict[str, Command] = {
    "run": Command("run", "PROGRAM", "run a program and print what it returns"),
    "submit": Command("submit", "PROGRAM | --job FILE", "submit a job; with --wait, wait for its results"),
    "status": Command("status", "ID", "how a job stands"),
    "watch": Command("watch", "ID", "follow a job until it has ended"),
    "results": Command("results", "ID", "the results of a finished job"),
    "cancel": Command("cancel", "ID", "stop a job"),
    "decide": Command("decide", "ID", "submit work of unknown fate again, or give it up"),
    "list": Command("jobs", "", "jobs, newest first"),
    "logs": Command("logs", "ID", "the log of a job"),
    "estimate": Command("estimate", "FILE", "what a job would take on each device, before it is submitted"),
    "explain": Command("explain", "ID", "why a job runs where it runs"),
    "replay": Command("replay", "ID", "run a finished job again, and say whether the two agree"),
    "resume": Command("resume", "ID", "go on where a stopped, cancelled or failed job ended"),
    "verify": Command("verify", "ID | DIR", "check a finished job: files, receipt, history, results, physics"),
    "export": Command("export", "ID DIR", "write a finished job into a folder that can be checked anywhere"),
    "compile": Command("compile", "PROGRAM", "compile a program and report on it"),
    "verify-equivalence": Command("verify_equivalence", "A B", "whether two circuits are the same, with a certificate"),
    "convert": Command("convert", "IN OUT", "write a circuit in another format, and check that it is still the same"),
    "visualize": Command("visualize", "PROGRAM | ID", "draw circuits, or the program's stages"),
    "state": Command("state", "PROGRAM | ID", "the state that a circuit leaves, also as a JSON document"),
    "tomography": Command("tomography", "PROGRAM", "the state at the end of a circuit, measured, and its fidelity"),
    "devices": Command("devices", "[list | show ID | …]", "the devices there are; calibrate and reserve them"),
    "backends": Command("backends", "[list | install NAME | …]", "the engines of other makers, and their environments"),
    "serve": Command("serve", "", "answer gRPC and HTTP and work the queue, until Ctrl-C"),
    "auth": Command("auth", "create-key | list | …", "API keys, and who did what"),
    "cache": Command("cache", "[show | clear]", "the results that answer the same questions again"),
    "signing-key": Command("signing_key", "[show | rotate]", "the key that signs the receipts of a data directory"),
    "doctor": Command("doctor", "", "check this installation"),
    "config": Command("config", "[show | schema]", "the settings, and the schema of job.yaml"),
    "version": Command("version", "", "the version of every part"),
}

ALIASES = {"result": "results", "visualise": "visualize"}

_EPILOG = """
Every command takes --json (one JSON object on stdout), --data-dir DIR and --help. Those on jobs and devices work on a
server with --endpoint URL or EIGEN_ENDPOINT, and in this process without.
Exit codes: 0 ok, 1 the job failed, 2 user error, 3 unreachable, 4 server error.
"""


def help_text() -> str:
    """The text of `eigen --help`."""
    calls = {name: f"{name} {command.arguments}".rstrip() for name, command in COMMANDS.items()}
    width = max(map(len, calls.values()))
    lines = [f"  {call:{width}}  {COMMANDS[name].summary}" for name, call in calls.items()]
    return "usage: eigen COMMAND [arguments]\n\ncommands:\n" + "\n".join(lines) + "\n" + _EPILOG


def find(word: str) -> str:
    """The command a word names; EIGEN_USAGE with a suggestion when there is none."""
    name = ALIASES.get(word, word)
    if name in COMMANDS:
        return name
    from eigen.errors import EigenError, suggest

    what = "option" if word.startswith("-") else "command"
    raise EigenError("EIGEN_USAGE", f"there is no {what} `{word[:60]}`", hint=suggest(word, [*COMMANDS, *ALIASES]))
