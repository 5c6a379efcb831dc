"""`eigen backends calibrate [NAME | DEVICE | --all]`: how long work takes on engines of other makers, on this host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, settings
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.app.calibrating import Calibrated

FAILED = 1
SECONDS = 30.0
LONGEST = 86_400.0
SMALL, LARGE = 4, 16


def parser() -> Parser:
    """The arguments of the command."""
    summary = "measure devices, and keep how long work takes on each; without names, show what was measured"
    command = Parser("backends calibrate", summary)
    command.add_argument("names", metavar="NAME", nargs="*", help="backends, or ids of devices")
    command.add_argument("--all", action="store_true", help="every simulator of another maker that is installed here")
    command.add_argument(
        "--seconds", metavar="N", default=str(SECONDS), help=f"for how long to ask each device; {SECONDS:g} by default"
    )
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if options.all and options.names:
        raise EigenError("EIGEN_USAGE", "`--all` takes no names", hint="for example `eigen backends calibrate cirq`")
    from eigen.app.calibrating import calibrate, calibrated

    loaded, seconds = settings(options), _seconds(options.seconds)
    if options.all or options.names:
        found = list(calibrate(loaded, options.names, seconds=seconds, tell=say))
    else:
        found = list(calibrated(loaded))
    if options.json:
        show_json({"devices": [_json(one) for one in found]})
    else:
        _show(found, named=options.all or bool(options.names))
    return FAILED if (options.all or options.names) and any(one.error is not None for one in found) else 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= LONGEST:
        message = f"`--seconds {text[:20]}` is no time between 0 and {LONGEST:g} s"
        raise EigenError("EIGEN_USAGE", message, hint="for example --seconds 30")
    return seconds


def _json(one: Calibrated) -> dict[str, Any]:
    error = None if one.error is None else {"code": one.error.code, "message": one.error.message}
    model = None if one.model is None else one.model.to_json()
    return {"device_id": one.device_id, "cost_model": model, "stopped": one.stopped, "error": error}


def _show(found: Sequence[Calibrated], *, named: bool) -> None:
    rows: list[tuple[str, ...]] = []
    for one in found:
        model = one.model
        if model is None:
            continue
        depth = 10
        times = [
            _duration(model.seconds(width, 2 * width * depth, shots=1000)) if width <= model.widest else ""
            for width in (SMALL, LARGE)
        ]
        rows.append(
            (
                one.device_id,
                model.version,
                model.measured_at,
                str(model.widest),
                *times,
                _duration(model.start),
                f"{model.off:.2g}",
            )
        )
    if rows:
        header = ("DEVICE", "VERSION", "MEASURED", "QUBITS", f"AT {SMALL}", f"AT {LARGE}", "START", "WITHIN")
        show(table(rows, header))
        show("\nAT: 20 gates on each of so many qubits, 1000 shots. WITHIN: a factor, for nine in ten measurements.")
    for one in found:
        if one.error is not None and not named:
            say(f"{one.device_id}: {one.error.message}")
    if not found:
        say("nothing was measured: `eigen backends calibrate --all` measures what is installed")


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1.0 else f"{seconds * 1e3:.3g} ms"
