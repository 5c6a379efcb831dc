"""`eigen compile --device`: the device that a text names, the circuit compiled for it, and the report in words."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec.files import read_limited

if TYPE_CHECKING:
    import argparse

    from eigen.client import Client
    from eigen.ir import Circuit
    from eigen.ir.targets import Compilation, Target

VERIFY = ("no", "cheap", "thorough")
MAX_FILE_BYTES = 4 * 1024 * 1024
USUAL_BASIS = "U CX"
"""The gates of a device that is described by its shape alone."""


def target_of(text: str, basis: str | None, client: Client) -> Target:
    """A shape, a JSON file of couplings, or a device that some driver has; in this basis, if one is given."""
    from eigen.ir.targets import Target
    from eigen.ir.targets.target import is_shape

    gates = None if basis is None else basis.replace(",", " ").split()
    if text.endswith(".json"):
        described = Target.from_json(read_limited(Path(text), MAX_FILE_BYTES, "device"), name=text)
        return Target.of(described, gates or described.basis or USUAL_BASIS.split())
    if is_shape(text):
        return Target.of(text, gates or USUAL_BASIS.split())
    return Target.of_device(client.device(text), gates)


def compiled_for(circuit: Circuit | None, target: Target, options: argparse.Namespace) -> Compilation:
    """The main circuit on the device, at level 2 unless another one is asked for."""
    if circuit is None:
        raise EigenError("EIGEN_USAGE", "the program has no circuit to compile for a device")
    from eigen.app import proposers
    from eigen.cli.arguments import number, settings, whole, whole_list
    from eigen.ir.targets import compile_for
    from eigen.ir.targets.compilation import TOLERANCE

    level, seed = whole(options.optimization_level, "--optimization-level"), whole(options.seed, "--seed")
    tolerance = number(options.tolerance, "--tolerance")
    return compile_for(
        circuit,
        target,
        level=2 if level is None else level,
        seed=seed or 0,
        layout=whole_list(options.layout, "--layout"),
        verify=options.verify or "cheap",
        schedule=options.schedule,
        decouple=options.decouple,
        tolerance=TOLERANCE if tolerance is None else tolerance,
        proposers=proposers(settings(options)),
        clock=time.perf_counter,
    )


def mapped_text(compiled: Compilation, target: Target, *, explain: bool) -> str:
    """Device, sizes, layouts and verdict; with `explain` what each pass left, and the milliseconds of each step."""
    from eigen.cli.output import pairs, table

    circuit = compiled.circuit
    last = compiled.stages[-1] if compiled.stages else None
    values = {
        "device": target.name,
        "gates": ", ".join(f"{name} {count}" for name, count in sorted(circuit.count_ops().items())),
        "two-qubit gates": last.two_qubit_gates if last else 0,
        "depth": circuit.depth,
        "swaps inserted": compiled.swaps,
        "starts on": _shown(compiled.initial),
        "ends on": _shown(compiled.final),
        "verified": "no" if compiled.certificate is None else str(compiled.certificate).replace("\n ", ";"),
    }
    if left_out := compiled.left_out:
        values["left out"] = f"{left_out.rotations} rotations, error at most {left_out.error_bound:.1e}"
    if timing := compiled.timing:
        pulses = f", {timing.decouple} in {timing.filled} idle times" if timing.decouple else ""
        values["takes"] = f"{timing.duration * 1e6:.3f} us, {timing.idle * 1e6:.3f} us of it idle{pulses}"
    if not explain:
        return pairs(values)
    rows = [
        [
            stage.name,
            str(stage.gates),
            str(stage.two_qubit_gates),
            str(stage.depth),
            "" if stage.seconds is None else f"{stage.seconds * 1e3:.1f}",
        ]
        for stage in compiled.stages
    ]
    return pairs(values) + "\n\n" + table(rows, ["pass", "gates", "two-qubit", "depth", "ms"])


def _shown(places: tuple[int, ...]) -> str:
    text = " ".join(map(str, places))
    return text if len(text) <= 100 else text[:97] + "..."
