"""Writes docs/reference from the tables in the code, or with --check says which page is out of date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

REFERENCE = Path(__file__).parent / "reference"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def errors() -> str:
    """Every error code with the statuses it maps to, and an example of each."""
    from error_examples import EXAMPLES, PROGRAMS

    from eigen.errors import ERRORS

    rows = [
        (
            f"[`{code}`](#{code.lower()})",
            info.summary,
            info.hint,
            info.status.name,
            str(info.status.http),
            str(info.status.exit),
        )
        for code, info in ERRORS.items()
    ]
    parts = [
        "# Errors\n\nEvery error has a stable code. The command line prints `error[CODE]: message`, where it happened "
        "and a hint;\n`--json` prints the same as an object. Exit codes: 0 success, 1 the job failed, 2 user error, 3 "
        "unreachable, 4 server error.\nPrograms that do not compile carry the [diagnostics](diagnostics.md) of the "
        "language.",
        _table(("code", "meaning", "hint", "status", "HTTP", "exit"), rows),
        "## Examples\n\nEach example reports exactly its code: it raises the `EigenError`, has the code in the "
        "variable `error`, or makes the\ncommand line print it. `main([...])` is the command `eigen ...`. A test runs "
        "all of them in a folder with these files:",
        *(f"`{name}`\n\n{_python(source)}" for name, source in PROGRAMS.items()),
        *(f"### {code}\n\n{_sentence(info.summary)}\n\n{_python(EXAMPLES[code])}" for code, info in ERRORS.items()),
    ]
    return "\n\n".join(parts)


def _python(source: str) -> str:
    return f"```python\n{source.rstrip()}\n```"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def settings() -> str:
    """Every setting, with its variable, default, unit and help."""
    from eigen.config import PREFIX, Settings, setting_fields

    rows = []
    for item in setting_fields():
        rule = item.metadata
        choices = ", ".join(rule["choices"])
        rows.append(
            (
                f"`{item.name}`",
                f"`{PREFIX}{item.name.upper()}`",
                f"`{item.default!r}`",
                rule["unit"],
                rule["help"] + (f" ({choices})" if choices else ""),
            )
        )
    assert rows, Settings
    return (
        "# Settings\n\nRead from `config.toml` in the user's configuration directory, then from environment variables, "
        "then from flags;\nthe later wins. An unknown key is an error. `eigen config` shows the values in force and "
        "where each came from.\n\n" + _table(("key", "variable", "default", "unit", "meaning"), rows)
    )


def gates() -> str:
    """The gate table."""
    from eigen.ir import gate_table

    rows = []
    for gate in gate_table():
        width = "any" if gate.num_qubits is None else str(gate.num_qubits)
        flags = [
            word
            for word, holds in (
                ("diagonal", gate.is_diagonal),
                ("permutation", gate.is_permutation),
                ("Clifford", gate.is_clifford),
                ("Hermitian", gate.hermitian),
            )
            if holds
        ]
        rows.append((f"`{gate.name}`", width, ", ".join(gate.param_names), gate.help, ", ".join(flags), gate.source))
    return (
        "# Gates\n\nThe one table that the simulator, the language, AQO and the passes read. Angles are radians "
        "(turns for GPI, GPI2 and MS). The first qubit is the\nleast significant bit of a gate's matrix index. "
        "Every gate takes the modifiers control, inverse and power.\n\n"
        + _table(("gate", "qubits", "parameters", "what it does", "class", "convention"), rows)
    )


def diagnostics() -> str:
    """Every diagnostic of the language with the program that triggers it."""
    from eigen.lang.codes import CODES

    parts = [
        "# Diagnostics of Eigen-Lang\n\nErrors begin with E and stop the compilation, warnings with W and do not. Each "
        "example is a program that reports\nexactly its code; a test runs all of them."
    ]
    for name in sorted(CODES):
        code = CODES[name]
        example = code.example if isinstance(code.example, str) else repr(code.example)
        text = f"## {name}: {code.title}\n\n{code.explanation}"
        if len(example) < 2000:
            text += f"\n\n{_python(example)}"
        parts.append(text)
    return "\n\n".join(parts)


def language() -> str:
    """The names of the language and the Python it accepts."""
    from eigen.lang.prelude import ENTRIES
    from eigen.lang.syntax import SYNTAX

    parts = [
        "# Eigen-Lang: reference\n\nGenerated from the checker's own tables: what stands here is what the compiler "
        "accepts. The [tutorial](../tutorial.md)\nintroduces the language; [diagnostics](diagnostics.md) lists what it "
        "says.",
        "## The Python that is accepted",
        _table(
            ("construct", "accepted", "note"),
            ((row.title, "yes" if row.supported else f"no, {row.code}", row.note) for row in SYNTAX.values()),
        ),
        "## Names",
    ]
    group = ""
    for entry in ENTRIES:
        if entry.group != group:
            group = entry.group
            parts.append(f"### {group}")
        text = f"**`{entry.usage}`**\n\n{entry.doc}"
        if entry.example:
            text += f"\n\n{_python(entry.example)}"
        parts.append(text)
    return "\n\n".join(parts)


def command_line() -> str:
    """Every command with its help."""
    import os

    from eigen.cli import COMMANDS, command_help

    os.environ["COLUMNS"] = "100"
    parts = ["# Command line\n\nResults go to stdout, everything else to stderr. Every command takes `--json`."]
    for name in COMMANDS:
        parts.append(f"## eigen {name}\n\n```text\n{command_help(name).rstrip()}\n```")
    return "\n\n".join(parts)


def metrics() -> str:
    """Every metric with its labels."""
    from eigen.telemetry import METRICS

    rows = [
        (f"`{name}`", metric.kind, ", ".join(f"`{label}`" for label in metric.labels), metric.help)
        for name, metric in METRICS.items()
    ]
    return (
        "# Metrics\n\nWhat `/metrics` answers, in the text format of Prometheus. Durations are in seconds. "
        "[Observability](../guides/observability.md)\ntells who answers it, and where.\n\n"
        + _table(("name", "kind", "labels", "meaning"), rows)
    )


def events() -> str:
    """The JSON Schema of the events that are told to Kafka and other sinks."""
    import json

    from eigen.outbox.shapes import json_schema

    return json.dumps(json_schema(), indent=1)


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors,
    "settings.md": settings,
    "gates.md": gates,
    "diagnostics.md": diagnostics,
    "language.md": language,
    "cli.md": command_line,
    "metrics.md": metrics,
    "events.schema.json": events,
}


def main() -> int:
    """Write the pages, or compare them."""
    from api_reference import API_PAGES

    check = "--check" in sys.argv[1:]
    REFERENCE.mkdir(exist_ok=True)
    stale = []
    for name, page in {**PAGES, **API_PAGES}.items():
        text = page().rstrip() + "\n"
        path = REFERENCE / name
        if check and (not path.exists() or path.read_text("utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, "utf-8")
    if stale:
        print(f"out of date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
