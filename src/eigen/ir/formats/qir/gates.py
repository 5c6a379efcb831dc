"""QIR's quantum instructions and ours: the same gate up to a global phase, which QIR does not have."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PREFIX = "__quantum__qis__"
RUNTIME = "__quantum__rt__"

GATES: dict[str, tuple[str, int, int]] = {
    "h": ("H", 0, 1),
    "x": ("X", 0, 1),
    "y": ("Y", 0, 1),
    "z": ("Z", 0, 1),
    "s": ("S", 0, 1),
    "t": ("T", 0, 1),
    "sx": ("SX", 0, 1),
    "i": ("I", 0, 1),
    "id": ("I", 0, 1),
    "rx": ("RX", 1, 1),
    "ry": ("RY", 1, 1),
    "rz": ("RZ", 1, 1),
    "r1": ("P", 1, 1),
    "p": ("P", 1, 1),
    "u3": ("U", 3, 1),
    "cx": ("CX", 0, 2),
    "cnot": ("CX", 0, 2),
    "cy": ("CY", 0, 2),
    "cz": ("CZ", 0, 2),
    "ch": ("CH", 0, 2),
    "swap": ("SWAP", 0, 2),
    "iswap": ("ISWAP", 0, 2),
    "rxx": ("RXX", 1, 2),
    "ryy": ("RYY", 1, 2),
    "rzz": ("RZZ", 1, 2),
    "zzphase": ("RZZ", 1, 2),
    "crx": ("CRX", 1, 2),
    "cry": ("CRY", 1, 2),
    "crz": ("CRZ", 1, 2),
    "ccx": ("CCX", 0, 3),
    "ccnot": ("CCX", 0, 3),
    "ccz": ("CCZ", 0, 3),
    "cswap": ("CSWAP", 0, 3),
}
"""The name between prefix and `__body`; our gate, how many angles come first, in radians, and how many qubits."""

PARTS: dict[str, tuple[int, int, Callable[[Sequence[float]], list[tuple[str, float]]]]] = {
    "phasedx": (2, 1, lambda v: [("RZ", -v[1]), ("RX", v[0]), ("RZ", v[1])]),
    "prx": (2, 1, lambda v: [("RZ", -v[1]), ("RX", v[0]), ("RZ", v[1])]),
}
"""Gates that are some of ours on one qubit: how many angles and qubits, and the parts."""

SPELLED = {"s_adj": "s__adj", "t_adj": "t__adj", "sdg": "s__adj", "tdg": "t__adj", "sxdg": "sx__adj"}
"""Names of inverses."""

MEASURE = {"mz", "m", "measure"}
MEASURE_AND_RESET = {"mresetz", "mreset"}
READ = {f"{RUNTIME}read_result", f"{PREFIX}read_result__body", f"{PREFIX}read_result"}
EQUAL = {f"{RUNTIME}result_equal"}
FIXED = {f"{RUNTIME}result_get_zero": 0, f"{RUNTIME}result_get_one": 1}
IGNORED = {
    f"{RUNTIME}initialize",
    f"{RUNTIME}result_update_reference_count",
    f"{RUNTIME}tuple_start_record_output",
    f"{RUNTIME}tuple_end_record_output",
    f"{RUNTIME}array_start_record_output",
    f"{RUNTIME}array_end_record_output",
    "llvm.dbg.declare",
    "llvm.dbg.value",
    "llvm.dbg.label",
    "llvm.assume",
}
"""Calls that change nothing that a circuit has."""

RECORDS = {f"{RUNTIME}{kind}_record_output": kind for kind in ("result", "bool", "int", "double", "array", "tuple")}

WRITE: dict[str, str] = {
    "H": "h__body",
    "X": "x__body",
    "Y": "y__body",
    "Z": "z__body",
    "S": "s__body",
    "Sdg": "s__adj",
    "T": "t__body",
    "Tdg": "t__adj",
    "RX": "rx__body",
    "RY": "ry__body",
    "RZ": "rz__body",
    "CX": "cnot__body",
    "CY": "cy__body",
    "CZ": "cz__body",
    "SWAP": "swap__body",
    "RXX": "rxx__body",
    "RYY": "ryy__body",
    "RZZ": "rzz__body",
    "CCX": "ccx__body",
}
"""Our gate and the function that is called for it, without the prefix; other gates are decomposed into these."""

TELL = "eigen"
"""The attribute of the entry point that holds what `header` tells."""
BOUND = "eigen.max_iterations"
"""The metadata on the branch of a loop that tell its bound."""


@cache
def known(function: str) -> tuple[str, bool] | None:
    """The name of a quantum instruction and whether its inverse is meant; None for other functions."""
    if not function.startswith(PREFIX):
        return None
    name, _, kind = function.removeprefix(PREFIX).partition("__")
    name, _, kind = SPELLED.get(name, f"{name}__{kind}").partition("__")
    return (name, kind == "adj") if kind in {"", "body", "adj"} else None
