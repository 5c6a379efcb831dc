"""An estimate as text: the program, a table of devices, and what is not known, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.output import plural, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADS = ("DEVICE", "QUBITS", "GATES", "2Q", "DEPTH", "TIME", "MEMORY", "SHOTS", "COST", "SUCCESS")
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
LONG = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def estimate_text(value: Mapping[str, Any]) -> str:
    """The text of `Estimate.to_json`."""
    able = [found for found in value["candidates"] if found["refused"] is None]
    lines = [*_program(value["program"]), f"goes to    {value['chosen'] or 'not decided: ' + value['why']}", ""]
    if able:
        lines += [table([_row(found) for found in able], HEADS), ""]
        shares = value["intervals"]
        lines.append(
            f"Intervals hold {shares['seconds']:.0%} of measured times, {shares['success']:.0%} of measured successes."
        )
    for found in able:
        for name, reason in found["why"].items():
            if name == "seconds" and found["seconds"] is not None:
                lines.append(f"time       {found['device_id']}: {reason}")
            elif reason != "no price sheet":
                lines.append(f"no {name:8}{found['device_id']}: {reason}")
    lines += _budget(able)
    refused = [found for found in value["candidates"] if found["refused"] is not None]
    return "\n".join([*lines, *(f"refused    {found['device_id']}: {found['refused']}" for found in refused)])


def _budget(able: Sequence[Mapping[str, Any]]) -> list[str]:
    """On which devices the job would reach a limit of its own budget, and which."""
    lines: list[str] = []
    for found in able:
        for bound in found["budget"]:
            if bound["verdict"] != "within":
                lines.append(f"budget     {found['device_id']}: {_bound(bound)}")
    if lines or not any(found["budget"] for found in able):
        return lines
    return ["budget     kept on every device"]


def _bound(bound: Mapping[str, Any]) -> str:
    limit = f"`{bound['limit']}` of {_amount(bound['allowed'], bound['unit'])}"
    if bound["verdict"] == "not known":
        return f"whether {limit} is kept is not known: {bound['why']}"
    takes = f"takes {_amount(bound['usual'], bound['unit'])}"
    if bound["verdict"] == "exceeds":
        return f"{takes}, over {limit}: the job would be stopped"
    most = "without a bound" if bound["most"] is None else f"up to {_amount(bound['most'], bound['unit'])}"
    return f"{takes}, but {most}, over {limit}"


def _amount(value: float, unit: str) -> str:
    if unit == "s":
        return duration(value)
    return f"{round(value):,} shots" if unit == "shots" else f"{value:.6g} {unit}".rstrip()


def _program(program: Mapping[str, Any]) -> list[str]:
    circuits = program["circuits"]
    wide = max((circuit["qubits"] for circuit in circuits), default=0)
    lines = [
        f"program    {plural(len(circuits), 'circuit')}, {plural(wide, 'qubit')}, "
        f"{_counts(program['evaluations'])} evaluations, "
        f"{_counts(program['shots'])} shots"
    ]
    for search in program["searches"]:
        lines.append(
            f"loop       line {search['line']}: {search['method']}, {search['iterations']} iterations at most over "
            f"{plural(search['parameters'], 'parameter')}, {_counts(search['evaluations'])} evaluations if it does all"
        )
    return lines + [f"note       {note}" for note in program["notes"]]


def _row(found: Mapping[str, Any]) -> tuple[str, ...]:
    circuits = found["circuits"]
    memory = found["memory_bytes"]
    return (
        found["device_id"],
        *(_most(circuits, name) for name in ("qubits", "gates", "two_qubit_gates", "depth")),
        _time(found["seconds"]),
        "" if memory is None else _size(memory),
        _counts(found["shots"]),
        _cost(found["cost"], found["why"]),
        _success(found),
    )


def _most(circuits: list[Mapping[str, Any]], name: str) -> str:
    return str(max((circuit[name] for circuit in circuits), default=0))


def _time(seconds: Mapping[str, Any] | None) -> str:
    if seconds is None:
        return "not known"
    usual = duration(seconds["usual"])
    if seconds["low"] == seconds["high"]:
        return usual
    return f"{usual} ({duration(seconds['low'])} to {duration(seconds['high'])})"


def _cost(cost: Mapping[str, Any] | None, why: Mapping[str, str]) -> str:
    if cost is None:
        return why.get("cost", "not known") if why.get("cost") == "no price sheet" else "not known"
    most = cost["most"]
    beyond = "" if most == cost["usual"] else ", no bound" if most is None else f", at most {most:.6g}"
    return f"{cost['usual']:.6g} {cost['currency']}".rstrip() + beyond


def _success(found: Mapping[str, Any]) -> str:
    if found["exact"]:
        return "exact"
    success = found["success"]
    if success is None:
        return "not known"
    return f"{success['value']:.3g} ({success['low']:.3g} to {success['high']:.3g})"


def _counts(counts: Mapping[str, Any]) -> str:
    usual, most = counts["usual"], counts["most"]
    if most is None:
        return f"{usual:,} or more"
    return f"{usual:,}" if usual == most else f"{usual:,} (at most {most:,})"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them.

    >>> duration(0.0123), duration(7200)
    ('12.3 ms', '2 h')
    """
    for factor, unit in LONG:
        if seconds >= 2 * factor:
            return f"{seconds / factor:.3g} {unit}"
    for factor, unit in UNITS:
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _size(count: int) -> str:
    for factor, unit in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count} B"
